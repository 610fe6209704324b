"""Where runs and generators are trained and kernels fitted: the store, the data and the device of one session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import torch

from memorization_claims.data.dataset import Dataset, prepare
from memorization_claims.data.reading import Reading
from memorization_claims.data.source import READING, Source, load
from memorization_claims.generators import generator as generators
from memorization_claims.lab.checkpointed import Checkpointed
from memorization_claims.lab.content import key_of
from memorization_claims.lab.courses import Courses, stored
from memorization_claims.lab.executor import UncompiledError, make_each, train_runs
from memorization_claims.lab.fits import Fits
from memorization_claims.lab.lost import lost_seeds, why_lost, without
from memorization_claims.lab.progress import Announce, Progress
from memorization_claims.lab.runs import Runs
from memorization_claims.measures.kernels.fit import fit
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic
from memorization_claims.spec.data import DataSpec
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.run import RunSpec
from memorization_claims.store import Entry, Obtained, Store, fingerprint

Maker = Callable[[list[Any]], Iterator[tuple[Any, Entry]]]
"""Makes the entries of some specs, each as soon as it is done."""
SHARE = 16
"""Runs, fits or generators that a worker takes at a time, so that others who want the same plan can do the rest."""


@dataclass(eq=False)
class Laboratory:
    """Trains or fits what a plan asks for and the store lacks."""

    store_path: Path
    data_root: Path
    device: torch.device
    download: bool = False
    patched: str = ""
    """Name and code of the mutant that has patched the code, if one has: what it trains and measures is kept apart."""
    retrains: bool = True
    """Whether what the mutant has patched takes part in training; else only its measures are kept apart."""
    readings: Mapping[str, Reading] = field(default_factory=dict)
    """What the user says of the arrays of a data set, by its name."""
    searched: Callable[[float], None] = field(default=lambda radius: None)
    """Told how far measures search, as a share of the range of the data's pixels."""
    announce: Announce = field(default=lambda line: None)
    """Told in one line, now and then, how a training or a measurement goes."""
    arithmetic: Arithmetic = PLAIN
    """What it was set up for."""

    uncompiled: dict[object, str] = field(default_factory=dict, init=False)
    """Why steps that were to be compiled are not, by what their runs have in common."""
    _named: dict[Any, str] = field(default_factory=dict, init=False, repr=False)
    """The keys made so far: what a session has imported stays as it is."""
    _of_code: Callable[..., str] = field(default_factory=lambda: cache(fingerprint.of_code), init=False)
    """Fingerprints taken so far."""

    @cached_property
    def store(self) -> Store:
        """The store, opened when it is first needed."""
        return Store(self.store_path)

    def source(self, name: str) -> Source:
        """A data set by name."""
        return load(name, self.data_root, self.download, self.readings.get(name, READING))

    def dataset(self, spec: DataSpec) -> Dataset:
        """The data of a run, a fit or a generator."""
        return prepare(spec, self.source(spec.data))

    def key(self, spec: RunSpec | KernelSpec | GeneratorSpec) -> str:
        """The name of a run, a fit or a generator in the store."""
        if spec not in self._named:
            patched = self.patched if self.retrains else ""
            digest = self.source(spec.data).digest
            self._named[spec] = key_of(spec, digest, self.device, patched, self._arithmetic_of(spec), self._of_code)
        return self._named[spec]

    def runs(self, plan: Plan, seeds: Sequence[int]) -> Runs:
        """Train the plan's runs and generators that the store lacks, and hand out all of them.

        Seeds at which a run diverged, or a generator could not be trained, are left out, and told as `lost`.

        Raises:
            DataError: where the data are missing or damaged.
            SettingError: where the data or the model do not allow what the plan asks for.
            StoreError: where the store cannot be written.
            UndecidableError: where all seeds are lost.
        """
        specs = plan.specs(seeds)
        keys, obtained = self._train(list(chain.from_iterable(specs.values())))
        needed = {spec: generator for spec in keys if (generator := plan.generator_of(spec))}
        names = self._keys(needed.values())
        generated = self._obtain(names, self._generate)
        entries = obtained.entries | generated.entries
        generators_of = {spec: (generator, names[generator]) for spec, generator in needed.items()}

        def why(spec: RunSpec) -> str:
            generator = generators_of.get(spec)
            return why_lost(entries[keys[spec]]) or (why_lost(entries[generator[1]]) if generator else "")

        lost = lost_seeds(specs, why)
        return Runs(
            specs=without(specs, lost),
            generators={spec: made for spec, made in generators_of.items() if spec.seed not in lost},
            keys={spec: key for spec, key in keys.items() if spec.seed not in lost},
            entries=entries,
            lost=lost,
            trained=len(obtained.made) + len(generated.made),
            seconds=_seconds(obtained) + _seconds(generated),
            dataset=self.dataset,
            store=self.store,
            device=self.device,
            patched=self.patched,
            radius=plan.radius,
            searched=self.searched,
            dissection=plan.dissection,
            unrolled=plan.unrolled,
            announce=self.announce,
            factors=plan.factors,
        )

    def fits(self, plan: Plan, seeds: Sequence[int]) -> Fits:
        """Make the plan's fits that the store lacks, and hand out all of them.

        Seeds at which a fit was not possible are left out, and told as `lost`.

        Raises:
            DataError: where the data are missing or damaged.
            SettingError: where the data do not allow what the plan asks for.
            StoreError: where the store cannot be written.
            UndecidableError: where all seeds are lost.
        """
        specs = plan.specs(seeds)
        keys = self._keys(chain.from_iterable(specs.values()))
        obtained = self._obtain(keys, self._fit)
        lost = lost_seeds(specs, lambda spec: why_lost(obtained.entries[keys[spec]]))
        return Fits(without(specs, lost), keys, obtained.entries, len(obtained.made), _seconds(obtained), lost)

    def courses(self, plan: Plan, seeds: Sequence[int]) -> Courses:
        """What the store has of the plan's trainings on ImageNet; see `stored`."""
        return stored(plan, seeds, self.store, self.patched if self.retrains else "")

    def fill(self, specs: Sequence[Any]) -> None:
        """Put into the store what it lacks of some runs, fits or generators, which are of one kind.

        Raises:
            HarnessError: as of `runs` and `fits`, but that of those which give no number the store keeps the reason.
        """
        makers: dict[Any, Maker] = {KernelSpec: self._fit, GeneratorSpec: self._generate}
        if isinstance(specs[0], RunSpec):
            self._train(specs)
        else:
            self._obtain(self._keys(specs), makers[type(specs[0])])

    def _keys(self, specs: Iterable[Any]) -> dict[Any, str]:
        """The distinct specs among these, each with its key."""
        return {spec: self.key(spec) for spec in specs}

    def _obtain(self, keys: Mapping[Any, str], make: Maker) -> Obtained:
        """What the store has of some specs, and the others as they are made."""
        by_key = {key: spec for spec, key in keys.items()}

        def made(missing: Sequence[str]) -> Iterator[tuple[str, Entry]]:
            return ((keys[spec], entry) for spec, entry in make([by_key[key] for key in missing]))

        return self.store.obtain(list(by_key), made, chunk=SHARE)

    def _train(self, specs: Sequence[RunSpec]) -> tuple[dict[RunSpec, str], Obtained]:
        """What the store has of some runs, and the others as they are trained, with their names.

        Where steps cannot be compiled, they are not, and the runs have the names of such: a name tells what computed.
        """
        while True:
            keys = self._keys(specs)
            try:
                return keys, self._obtain(keys, self._trainer(list(keys)))
            except UncompiledError as error:
                self.uncompiled[_alike(error.spec)] = f"steps of {error.spec.model} are not compiled: {error}"
                self.announce(self.uncompiled[_alike(error.spec)])
                self._named.clear()

    def _arithmetic_of(self, spec: DataSpec) -> Arithmetic:
        """What a run, a fit or a generator is made in."""
        compiled = not (isinstance(spec, RunSpec) and _alike(spec) in self.uncompiled)
        return replace(self.arithmetic, compiled=self.arithmetic.compiled and compiled)

    def _trainer(self, specs: Sequence[RunSpec]) -> Maker:
        """Trains those of some runs that it is given."""
        progress = Progress(self.announce, specs)
        unfinished = Checkpointed(self.store.checkpoints, self.key)
        return lambda missing: train_runs(missing, self.dataset, self.device, progress, unfinished, self._arithmetic_of)

    def _fit(self, specs: list[KernelSpec]) -> Iterator[tuple[KernelSpec, Entry]]:
        self.announce(f"fitting {len(specs)} kernels on {specs[0].data}")
        return make_each(specs, self.dataset, self.device, fit)

    def _generate(self, specs: list[GeneratorSpec]) -> Iterator[tuple[GeneratorSpec, Entry]]:
        self.announce(f"training {len(specs)} generators: {specs[0].kind} on {specs[0].data}")
        return make_each(specs, self.dataset, self.device, generators.train)


def _alike(spec: RunSpec) -> object:
    """What decides whether a run's steps can be compiled."""
    return spec.model, spec.recipe


def _seconds(obtained: Obtained) -> float:
    """What all of it took when it was made."""
    seconds = [entry.facts["seconds"] for entry in obtained.entries.values()]
    return sum(value for value in seconds if isinstance(value, float))
