"""What workers are given: runs of one cohort that are trained side by side, the longest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from memorization_claims.price.devices import Device, seconds
from memorization_claims.price.totals import Job, Look, missing
from memorization_claims.spec.data import DataSpec
from memorization_claims.spec.reading import spec_of


@dataclass(frozen=True)
class Task:
    """Runs, fits or generators of one kind for one worker, which the store lacks."""

    specs: tuple[DataSpec, ...]
    seconds: float
    """What the plan says that they take."""


def tasks(jobs: Iterable[Job], device: Device, look: Look) -> list[Task]:
    """Divide what is to be made until a look, the longest first.

    Args:
        jobs: as `memorization_claims.price.bill.bill` gives them.
        device: of a worker.
        look: the first or the last.

    Returns:
        Tasks of at most as many runs as are trained side by side, those of one cohort about equally large.
    """
    cohorts: dict[int, list[tuple[DataSpec, float]]] = {}
    together: dict[int, int] = {}
    for job in jobs:
        spec, cost = spec_of(job["kind"], job["spec"]), seconds(job, device)
        found = [(replace(spec, seed=seed), cost) for seed in missing(job, device, look)]
        cohorts.setdefault(job["cohort"], []).extend(found)
        together[job["cohort"]] = job["together"][device.kind]
    divided = [task for cohort, runs in cohorts.items() for task in _divided(runs, together[cohort])]
    return sorted(divided, key=lambda task: -task.seconds)


def _divided(runs: list[tuple[DataSpec, float]], most: int) -> Iterable[Task]:
    """Runs in as few parts of at most so many as there can be."""
    parts = -(-len(runs) // most)
    for part in range(parts):
        # Every so many-th, so that the parts have arms and seeds alike.
        some = runs[part::parts]
        yield Task(tuple(spec for spec, _ in some), sum(cost for _, cost in some))
