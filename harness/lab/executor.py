"""What makes the entries that the store lacks: runs in cohorts, fits and generators one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, overload

import numpy as np
import torch

from memorization_claims.data.dataset import Dataset
from memorization_claims.errors import NotCompiledError, UndecidableError
from memorization_claims.lab.checkpointed import Checkpointed
from memorization_claims.lab.progress import Progress
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic
from memorization_claims.spec.data import DataSpec
from memorization_claims.spec.run import RunSpec
from memorization_claims.store import JSON, Entry
from memorization_claims.training.cohort import cohort_of, train
from memorization_claims.training.pace import pace

Prepare = Callable[[Any], Dataset]
Spec = TypeVar("Spec", bound=DataSpec)


def train_runs(
    specs: Sequence[RunSpec],
    prepare: Prepare,
    device: torch.device,
    progress: Progress,
    unfinished: Checkpointed | None = None,
    arithmetic: Callable[[RunSpec], Arithmetic] = lambda spec: PLAIN,
) -> Iterator[tuple[RunSpec, Entry]]:
    """Train runs in cohorts of one shape and recipe, yielding each as soon as it is done.

    Who takes the next one has kept the last: its checkpoint is dropped then.

    Raises:
        UncompiledError: where the steps of one cohort cannot be compiled.
    """
    progress.begin(lambda: pace(specs[0], prepare(specs[0]), device))
    cohorts: dict[object, list[RunSpec]] = {}
    for spec in specs:
        cohorts.setdefault(cohort_of(spec), []).append(spec)
    for cohort in cohorts.values():
        how, data = arithmetic(cohort[0]), _Prepared(prepare, cohort)
        try:
            for spec, arrays, seconds in train(cohort, data, device, progress, progress.note, unfinished, how):
                progress.done += 1
                yield spec, Entry(arrays, _facts(spec, seconds, device) | {"arithmetic": str(how)})
                if unfinished:
                    unfinished.drop(spec)
        except NotCompiledError as error:
            raise UncompiledError(cohort[0], str(error)) from error


def make_each(
    specs: Sequence[Spec],
    prepare: Prepare,
    device: torch.device,
    make: Callable[[Spec, Dataset, torch.device], Mapping[str, Any]],
) -> Iterator[tuple[Spec, Entry]]:
    """Make the fit or the generator of each spec. Where one is not possible, the entry holds the reason."""
    for spec in specs:
        started, arrays, failed = time.perf_counter(), dict[str, np.ndarray](), {}
        try:
            arrays = {name: np.asarray(value) for name, value in make(spec, prepare(spec), device).items()}
        except UndecidableError as error:
            failed = {"undecidable": str(error)}
        yield spec, Entry(arrays, _facts(spec, time.perf_counter() - started, device) | failed)


def _facts(spec: DataSpec, seconds: float, device: torch.device) -> dict[str, JSON]:
    return {"spec": spec.name, "seconds": seconds, "torch": torch.__version__, "device": str(device)}


class UncompiledError(NotCompiledError):
    """Which runs they are whose steps cannot be compiled: those of this one's cohort."""

    def __init__(self, spec: RunSpec, because: str) -> None:
        super().__init__(because)
        self.spec = spec


class _Prepared(Sequence[Dataset]):
    """Data sets of runs, prepared when they are asked for: at full scale not all fit the memory at once."""

    def __init__(self, prepare: Prepare, specs: list[RunSpec]) -> None:
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
