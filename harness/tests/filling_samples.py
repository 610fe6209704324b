"""Tasks for workers, and what is done with them in the place of training; without torch, which each would import."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from memorization_claims.filling.place import Outcome, Place
from memorization_claims.filling.tasks import Task
from memorization_claims.spec.data import DataSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec


def spec(seed: int) -> RunSpec:
    """A run, which is never trained."""
    return RunSpec(data="digits", model="mlp-1x4", recipe=Recipe(rate=0.1, batch=5, epochs=2), seed=seed)


def task(name: int, seconds: float = 10.0) -> Task:
    """A task of one run."""
    return Task((spec(name),), seconds)


def place_at(folder: Path) -> Place:
    """Where these are told."""
    return Place(str(folder), str(folder), "cpu", (), ())


def note(place: Place, specs: Sequence[DataSpec]) -> Outcome:
    """In the place of training: each run leaves a line; seed 7 cannot be made, 8 goes wrong, 9 kills its worker."""
    (one,) = specs
    path = Path(place.store, f"run-{one.seed}")
    with path.open("a") as file:
        file.write(f"{os.getpid()}\n")
    if one.seed == 7:
        return Outcome("it cannot be made", notes=("steps are not compiled",))
    if one.seed == 8:
        raise ValueError("eight")
    if one.seed == 9 and len(path.read_text().split()) < 2:
        os.kill(os.getpid(), signal.SIGKILL)
    if one.seed >= 1000:
        time.sleep(60)
    return Outcome(notes=("steps are not compiled",))


class AcceleratorError(RuntimeError):
    """As torch's, without torch."""


class OutOfMemoryError(RuntimeError):
    """As torch's, without torch."""


def fault(place: Place, specs: Sequence[DataSpec]) -> Outcome:
    """As `note`; the device fails a run's first try at seed 5, its memory is full at 6, and from 10 on it is broken."""
    outcome = note(place, specs)
    (one,) = specs
    with Path(place.store, "order").open("a") as file:
        file.write(f"{one.seed}\n")
    tries = len(Path(place.store, f"run-{one.seed}").read_text().split())
    if one.seed >= 10 or (one.seed == 5 and tries == 1):
        raise AcceleratorError("uncorrectable")
    if one.seed == 6 and tries == 1:
        raise OutOfMemoryError("full")
    return outcome
