"""Where runs and generators are trained and kernels fitted: the store, the data and the device of one session."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np
import torch

from memorization_claims.data.dataset import Dataset, prepare
from memorization_claims.data.source import Source, load
from memorization_claims.errors import UndecidableError
from memorization_claims.generators import generator as generators
from memorization_claims.lab.fits import Fits
from memorization_claims.lab.runs import Runs
from memorization_claims.measures.kernels.fit import fit
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.data import DataSpec
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.run import RunSpec
from memorization_claims.store import JSON, Entry, Obtained, Store, fingerprint
from memorization_claims.training.cohort import cohort_of, train

Announce = Callable[[str], None]
SHARE = 16
"""Runs, fits or generators that a worker takes at a time, so that others who want the same plan can do the rest."""
KERNELS = "memorization_claims.measures.kernels"
GENERATORS = "memorization_claims.generators"


@dataclass(eq=False)
class Laboratory:
    """Trains or fits what a plan asks for and the store lacks."""

    store_path: Path
    data_root: Path
    device: torch.device
    download: bool = False
    patched: str = ""
    """Name of the mutant that has patched the code, if one has: what it trains and measures is kept apart."""
    retrains: bool = True
    """Whether what the mutant has patched takes part in training; else only its measures are kept apart."""
    announce: Announce = field(default=lambda line: None)
    """Told in one line, now and then, how a training goes."""

    @cached_property
    def store(self) -> Store:
        """The store, opened when it is first needed."""
        return Store(self.store_path)

    def source(self, name: str) -> Source:
        """A data set by name."""
        return load(name, self.data_root, self.download)

    def dataset(self, spec: DataSpec) -> Dataset:
        """The data of a run, a fit or a generator."""
        return prepare(spec, self.source(spec.data))

    def key(self, spec: RunSpec | KernelSpec | GeneratorSpec) -> str:
        """The name of a run, a fit or a generator in the store: all that decides its numbers."""
        named = [KERNELS if isinstance(spec, KernelSpec) else GENERATORS]
        if isinstance(spec, RunSpec):
            chosen = (spec.model, spec.recipe.optimizer, *spec.record.probes, *spec.record.gradient_probes)
            named = [name for name in chosen if ":" in name]
        code = {name: fingerprint.of_module(_whole(name.split(":")[0])) for name in named}
        patched = self.patched if self.retrains else ""
        parts = [
            (spec.to_dict() | {"data": self.source(spec.data).digest}),
            {"code": fingerprint.of_package_parts(), "named": code},
            {"torch": torch.__version__, "numpy": np.__version__, "device": self.device.type, "patched": patched},
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def runs(self, plan: Plan, first_seed: int) -> Runs:
        """Train the plan's runs and generators that the store lacks, and hand out all of them.

        Raises:
            DataError: where the data are missing or damaged.
            SettingError: where the data or the model do not allow what the plan asks for.
            StoreError: where the store cannot be written.
        """
        specs = plan.specs(first_seed)
        keys = self._keys(specs)
        progress = Progress(self.announce, list(keys))
        obtained = self._obtain(keys, lambda missing: self._train(missing, keys, progress))
        needed = {spec: own for spec in keys if (own := plan.generator_of(spec))}
        names = self._keys({"generators": list(needed.values())})
        generated = self._obtain(names, lambda missing: self._generate(missing, names))
        return Runs(
            specs=specs,
            generators={spec: (own, names[own]) for spec, own in needed.items()},
            keys=keys,
            entries=obtained.entries | generated.entries,
            trained=len(obtained.made) + len(generated.made),
            seconds=_seconds(obtained) + _seconds(generated),
            dataset=self.dataset,
            store=self.store,
            device=self.device,
            patched=self.patched,
            dissection=plan.dissection,
            unrolled=plan.unrolled,
            factors=plan.factors,
        )

    def fits(self, plan: Plan, first_seed: int) -> Fits:
        """Make the plan's fits that the store lacks, and hand out all of them.

        Raises:
            DataError: where the data are missing or damaged.
            SettingError: where the data do not allow what the plan asks for.
            StoreError: where the store cannot be written.
        """
        specs = plan.specs(first_seed)
        keys = self._keys(specs)
        obtained = self._obtain(keys, lambda missing: self._fit(missing, keys))
        return Fits(specs, keys, obtained.entries, len(obtained.made), _seconds(obtained))

    def _keys(self, by_condition: Mapping[str, list[Any]]) -> dict[Any, str]:
        """The distinct specs of a plan, each with its key."""
        return {spec: self.key(spec) for specs in by_condition.values() for spec in specs}

    def _obtain(self, keys: Mapping[Any, str], make: Callable[[list[Any]], Iterator[tuple[str, Entry]]]) -> Obtained:
        """What the store has of some specs, and the others as they are made."""
        by_key = {key: spec for spec, key in keys.items()}
        return self.store.obtain(list(by_key), lambda missing: make([by_key[key] for key in missing]), chunk=SHARE)

    def _facts(self, spec: DataSpec, seconds: float) -> dict[str, JSON]:
        return {"spec": spec.name, "seconds": seconds, "torch": torch.__version__, "device": str(self.device)}

    def _fit(self, specs: Sequence[KernelSpec], keys: Mapping[KernelSpec, str]) -> Iterator[tuple[str, Entry]]:
        self.announce(f"fitting {len(specs)} kernels on {specs[0].data}")
        return self._one_by_one(specs, keys, fit)

    def _generate(
        self, specs: Sequence[GeneratorSpec], keys: Mapping[GeneratorSpec, str]
    ) -> Iterator[tuple[str, Entry]]:
        self.announce(f"training {len(specs)} generators: {specs[0].kind} on {specs[0].data}")
        return self._one_by_one(specs, keys, generators.train)

    def _one_by_one(
        self, specs: Sequence[Any], keys: Mapping[Any, str], make: Callable[..., Mapping[str, Any]]
    ) -> Iterator[tuple[str, Entry]]:
        for spec in specs:
            started, made, failed = time.perf_counter(), dict[str, Any](), {}
            try:
                made = dict(make(spec, self.dataset(spec), self.device))
            except UndecidableError as error:  # kept, as a run that diverged is
                failed = {"undecidable": str(error)}
            arrays = {name: np.asarray(value) for name, value in made.items()}
            yield keys[spec], Entry(arrays, self._facts(spec, time.perf_counter() - started) | failed)

    def _train(
        self, specs: Sequence[RunSpec], keys: Mapping[RunSpec, str], progress: Progress
    ) -> Iterator[tuple[str, Entry]]:
        progress.begin()
        cohorts: dict[object, list[RunSpec]] = {}
        for spec in specs:
            cohorts.setdefault(cohort_of(spec), []).append(spec)
        for cohort in cohorts.values():
            for spec, arrays, seconds in train(cohort, _Prepared(self.dataset, cohort), self.device, progress):
                progress.done += 1
                yield keys[spec], Entry(arrays, self._facts(spec, seconds))


def _seconds(obtained: Obtained) -> float:
    """What all of it took when it was made."""
    seconds = [entry.facts["seconds"] for entry in obtained.entries.values()]
    return sum(value for value in seconds if isinstance(value, float))


def _whole(module: str) -> str:
    """What to fingerprint for a module: a user's may import from its whole package, ours is fingerprinted besides."""
    return module if module.startswith("harness.") else module.split(".")[0]


class _Prepared(Sequence[Dataset]):
    """Data sets of runs, prepared when they are asked for: at full scale not all fit the memory at once."""

    def __init__(self, prepare: Callable[[RunSpec], Dataset], specs: list[RunSpec]) -> None:
        self._prepare, self._specs = prepare, specs

    def __len__(self) -> int:
        return len(self._specs)

    @overload
    def __getitem__(self, index: int) -> Dataset: ...
    @overload
    def __getitem__(self, index: slice) -> list[Dataset]: ...
    def __getitem__(self, index: int | slice) -> Dataset | list[Dataset]:
        if isinstance(index, slice):
            return [self._prepare(spec) for spec in self._specs[index]]
        return self._prepare(self._specs[index])


class Progress:
    """Announces the training of a plan when it begins and every few seconds from then on."""

    def __init__(self, announce: Announce, specs: list[RunSpec], every: float = 5.0) -> None:
        self.done = 0
        self._announce, self._every, self._specs = announce, every, specs
        self._started = self._last = 0.0

    def begin(self) -> None:
        """Announce what is trained, once."""
        if not self._started:
            self._started = self._last = time.monotonic()
            spec, runs = self._specs[0], len(self._specs)
            what = f"{runs} runs" + (f" of {spec.nets} nets" if spec.nets > 1 else "")
            budget = f"{spec.recipe.epochs} epochs at most" if spec.recipe.epochs > 1 else "1 epoch"
            self._announce(f"training {what}: {spec.model} on {spec.data}, {budget}")

    def __call__(self, epoch: int, budget: int, stopped: int, nets: int) -> None:
        """Take note of an evaluation."""
        now = time.monotonic()
        if now - self._last >= self._every:
            self._last = now
            self._announce(
                f"{self.done} runs in {now - self._started:.0f} s; "
                f"now epoch {epoch} of {budget}, {stopped} of {nets} nets done"
            )
