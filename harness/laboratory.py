"""Where runs are trained: the store, the data and the device of one session."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import torch

from harness import fingerprint
from harness.data.dataset import Dataset, prepare
from harness.data.source import Source, load
from harness.plan import Plan
from harness.runs import Runs
from harness.spec import RunSpec
from harness.store import JSON, Entry, Store
from harness.training.cohort import cohort_of, train

Announce = Callable[[str], None]
SHARE = 16
"""Runs that a worker takes at a time, so that others who want the same plan can train the rest."""


@dataclass(eq=False)
class Laboratory:
    """Trains what a plan asks for and the store lacks."""

    store_path: Path
    data_root: Path
    device: torch.device
    download: bool = False
    announce: Announce = field(default=lambda line: None)
    """Told in one line, now and then, how a training goes."""

    @cached_property
    def store(self) -> Store:
        """The store, opened when it is first needed."""
        return Store(self.store_path)

    def source(self, name: str) -> Source:
        """A data set by name."""
        return load(name, self.data_root, self.download)

    def dataset(self, spec: RunSpec) -> Dataset:
        """A run's data."""
        return prepare(spec, self.source(spec.data))

    def key(self, spec: RunSpec) -> str:
        """The run's name in the store: all that decides its numbers."""
        named = [spec.model, *spec.record.probes]
        code = {name: fingerprint.of_module(name.split(":")[0]) for name in named if ":" in name}
        parts = [
            (spec.to_dict() | {"data": self.source(spec.data).digest}),
            {"code": fingerprint.of_package_parts(), "named": code},
            {"torch": torch.__version__, "device": self.device.type},
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def runs(self, plan: Plan, first_seed: int) -> Runs:
        """Train the plan's runs that the store lacks, and hand out all of them.

        Raises:
            DataError: where the data are missing or damaged.
            SettingError: where the data or the model do not allow what the plan asks for.
            StoreError: where the store cannot be written.
        """
        by_condition = plan.specs(first_seed)
        specs = list(dict.fromkeys(spec for specs in by_condition.values() for spec in specs))
        keys = {spec: self.key(spec) for spec in specs}
        by_key = {key: spec for spec, key in keys.items()}
        obtained = self.store.obtain(
            list(by_key), lambda missing: self._train([by_key[key] for key in missing], keys), chunk=SHARE
        )
        seconds = [entry.facts["seconds"] for entry in obtained.entries.values()]
        return Runs(
            specs=by_condition,
            keys=keys,
            entries=obtained.entries,
            trained=len(obtained.made),
            seconds=sum(value for value in seconds if isinstance(value, float)),
            dataset=self.dataset,
            store=self.store,
            device=self.device,
        )

    def _train(self, specs: Sequence[RunSpec], keys: dict[RunSpec, str]) -> Iterator[tuple[str, Entry]]:
        cohorts: dict[object, list[RunSpec]] = {}
        for spec in specs:
            cohorts.setdefault(cohort_of(spec), []).append(spec)
        for cohort in cohorts.values():
            progress = Progress(self.announce, cohort)
            for spec, arrays, seconds in train(cohort, [self.dataset(s) for s in cohort], self.device, progress):
                progress.done += 1
                facts: dict[str, JSON] = {
                    "spec": spec.name,
                    "seconds": seconds,
                    "torch": torch.__version__,
                    "device": str(self.device),
                }
                yield keys[spec], Entry(arrays, facts)


class Progress:
    """Announces a cohort's training when it begins and every few seconds from then on."""

    def __init__(self, announce: Announce, cohort: list[RunSpec], every: float = 5.0) -> None:
        self.done = 0
        self._announce, self._every, self._runs = announce, every, len(cohort)
        self._started = self._last = time.monotonic()
        spec = cohort[0]
        count = f"{len(cohort)} runs" if len(cohort) > 1 else "1 run"
        nets = f" of {spec.nets} nets" if spec.nets > 1 else ""
        announce(f"training {count}{nets}: {spec.model} on {spec.data}, at most {spec.recipe.epochs} epochs")

    def __call__(self, epoch: int, budget: int, stopped: int, nets: int) -> None:
        """Take note of an evaluation."""
        now = time.monotonic()
        if now - self._last >= self._every:
            self._last = now
            self._announce(
                f"{self.done} of {self._runs} runs done, {now - self._started:.0f} s; "
                f"now epoch {epoch} of {budget}, {stopped} of {nets} nets finished"
            )
