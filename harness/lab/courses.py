"""Trainings on ImageNet, as far as the store has them, and the numbers that claims are judged on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from memorization_claims.errors import SettingError, UnfitDataError
from memorization_claims.imagenet.record import command_of, key_of
from memorization_claims.lab.lost import lost_seeds, why_lost, without
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.asked import asked
from memorization_claims.spec.imagenet import ImagenetSpec
from memorization_claims.statistics.samples import Samples
from memorization_claims.store import Entry, Store

Array = np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Courses:
    """What the trainings of a plan recorded after every epoch, by condition, in the order of seeds."""

    specs: Mapping[str, list[ImagenetSpec]]
    entries: Mapping[ImagenetSpec, Entry]
    lost: Mapping[int, str]
    """Seeds at which some condition has no training or one that diverged, each with the reason; not in the specs."""

    trained = 0
    """None is trained for a request."""

    def __repr__(self) -> str:
        """One line, as of runs."""
        return f"<trainings of {', '.join(self.specs)} at {len(self.seeds)} seeds>"

    @property
    def seconds(self) -> float:
        """What all of them took when they were trained."""
        seconds = (entry.facts["seconds"] for entry in self.entries.values())
        return sum(value for value in seconds if isinstance(value, float))

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of every condition."""
        return tuple(spec.seed for spec in next(iter(self.specs.values())))

    @property
    def chance(self) -> float:
        """Top-1 accuracy of guessing."""
        return 1 / next(iter(self.specs.values()))[0].classes

    def epochs(self, condition: str) -> Array:
        """(epochs,): after which of them was measured."""
        return self.entries[self.specs[condition][0]].arrays["epochs"]

    def array(self, condition: str, name: str) -> Array:
        """What was measured after every epoch, (seeds, 1, epochs), named as in `imagenet.evaluation`.

        Raises:
            SettingError: for another name.
        """
        arrays = [self.entries[spec].arrays for spec in self.specs[condition]]
        if f"trace/{name}" not in arrays[0]:
            there = ", ".join(key.removeprefix("trace/") for key in arrays[0] if key.startswith("trace/"))
            raise SettingError(f"nothing was recorded as {name!r}; there are {there}")
        return np.stack([each[f"trace/{name}"] for each in arrays])

    def final(self, trace: str, name: str | None = None) -> Samples:
        """What was measured after the last epoch."""
        values = {condition: self.array(condition, trace)[:, 0, -1] for condition in self.specs}
        return Samples(name or trace.replace("_", " "), "", values, self.seeds)

    def value(self, names: tuple[str, ...], function: Callable[..., Array], name: str) -> Samples:
        """A number from each training's courses: `function(*arrays) -> (seeds, 1)`.

        Args:
            names: of the arrays, in the order that the function takes them.
            function: gets `epochs`, (epochs,), too if it has a parameter of that name.
            name: what it measures.
        """
        values = {}
        for condition in self.specs:
            arrays = [self.array(condition, array_name) for array_name in names]
            values[condition] = function(*arrays, **asked(function, {}, epochs=self.epochs(condition)))[:, 0]
        return Samples(name, "", values, self.seeds)


def stored(plan: Plan, seeds: Sequence[int], store: Store, patched: str = "") -> Courses:
    """The trainings of a plan that the store has; none is made.

    Args:
        plan: of trainings on ImageNet.
        seeds: those that are asked for.
        store: where the records lie.
        patched: the mutant that has patched the code, if one has.

    Raises:
        UndecidableError: where at every seed a training diverged.
        UnfitDataError: where no seed has all trainings; it tells the command for the first that is missing.
    """
    specs: Mapping[str, list[Any]] = plan.specs(seeds)
    found = {spec: store.load(key_of(spec, patched)) for each in specs.values() for spec in each}
    missing = [spec for spec, entry in found.items() if entry is None]

    def why(spec: ImagenetSpec) -> str:
        entry = found[spec]
        return why_lost(entry) if entry else f"it is not in the store; train it by {command_of(spec, store.root)}"

    if missing and {spec.seed for spec in missing} >= set(seeds):
        raise UnfitDataError(
            f"the store has {len(found) - len(missing)} of {len(found)} trainings on ImageNet, and of no seed all; "
            f"train the first that is missing by {command_of(missing[0], store.root)}"
        )
    lost = lost_seeds(specs, why)
    entries = {spec: entry for spec, entry in found.items() if entry and spec.seed not in lost}
    _check_images(entries)
    return Courses(without(specs, lost), entries, lost)


def _check_images(entries: Mapping[ImagenetSpec, Entry]) -> None:
    """Refuse to compare trainings on different images."""
    folders = {str(entry.facts["images"]) for entry in entries.values()}
    if len(folders) > 1:
        raise SettingError(
            f"the store has trainings on {len(folders)} folders of images; legal is one, of which all are"
        )
