"""Trained runs and where their arrays are: what measures are taken of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch

from memorization_claims.data.dataset import Dataset
from memorization_claims.errors import SettingError
from memorization_claims.generators import generator as generators
from memorization_claims.generators.generator import Generator
from memorization_claims.lab.progress import Announce
from memorization_claims.plan.crossed import Factors, levels_of, where
from memorization_claims.spec.dissection import Dissection
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.run import RunSpec
from memorization_claims.statistics.samples import Samples
from memorization_claims.store import Entry, Store

Array = np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Trained:
    """The runs of a plan by condition, in the order of seeds."""

    specs: Mapping[str, list[RunSpec]]
    keys: Mapping[RunSpec, str]
    """Each run's name in the store."""
    entries: Mapping[str, Entry]
    """Runs and generators by key."""
    trained: int
    """How many of them were trained for this request."""
    seconds: float
    """Seconds of training that all of them took when they were trained."""
    dataset: Callable[[RunSpec], Dataset]
    store: Store
    device: torch.device
    lost: Mapping[int, str] = field(default_factory=dict)
    """Seeds at which a run diverged or has no generator, each with the reason; they are not among the specs."""
    patched: str = ""
    """The mutant that has patched the code, if one has: its values are kept apart."""
    generators: Mapping[RunSpec, tuple[GeneratorSpec, str]] = field(default_factory=dict)
    """The generator of each run's training images, where the plan has one, and its name in the store."""
    dissection: Dissection | None = None
    """How nets are compared, where the plan says so."""
    radius: float | None = None
    """How far measures search, as a share of the range of the data's pixels, where the plan says so."""
    searched: Callable[[float], None] = lambda radius: None
    """Told how far a measure searches, as such a share, whether or not its values are kept."""
    unrolled: bool = False
    """Whether the plan says that gradients are taken back through training."""
    announce: Announce = lambda line: None
    """Told in one line, now and then, how a measurement goes."""
    factors: Factors = field(default_factory=dict)
    """The level of each factor in each condition, where the plan crosses some."""

    def __repr__(self) -> str:
        """One line: pytest writes out what a test was given where its claim is not supported, all arrays if it may."""
        return f"<runs of {', '.join(self.specs)} at {len(self.seeds)} seeds>"

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of every condition."""
        return tuple(spec.seed for spec in next(iter(self.specs.values())))

    @property
    def first(self) -> RunSpec:
        """The first run of the first condition."""
        return next(iter(self.specs.values()))[0]

    def where(self, **levels: str | float) -> list[str]:
        """The conditions at these levels of the plan's factors, in the plan's order.

        Raises:
            SettingError: where there is none, naming the levels that there are.
        """
        return where(self.factors, **levels)

    def levels(self, factor: str) -> list[str | float]:
        """The levels of one of the plan's factors, in the order of its conditions.

        Raises:
            SettingError: where the plan has no such factor.
        """
        return levels_of(self.factors, factor)

    def arrays(self, spec: RunSpec) -> dict[str, Array]:
        """What was kept of a run, as `training.cohort.train` names it."""
        return self.entries[self.keys[spec]].arrays

    def samples(self, name: str, values: Mapping[str, Array], unit: str = "") -> Samples:
        """One number a seed for each condition; (seeds, nets) is averaged over the nets."""
        averaged = {key: array if array.ndim == 1 else array.mean(axis=1) for key, array in values.items()}
        return Samples(name, unit, averaged, self.seeds)

    def generator(self, spec: RunSpec) -> Generator:
        """The generator of a run's training images, on the device.

        Raises:
            SettingError: where the plan has none.
        """
        if spec not in self.generators:
            raise SettingError("the plan has no generator; legal is one with `generator`, such as {'kind': 'pca'}")
        generator_spec, key = self.generators[spec]
        return generators.restore(generator_spec, self.entries[key].arrays, self.device)
