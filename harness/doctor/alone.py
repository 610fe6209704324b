"""Is a net's result the same alone and in a cohort?"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from memorization_claims.doctor.answer import Answer
from memorization_claims.doctor.difference import largest, told
from memorization_claims.doctor.tried import Tried, trained
from memorization_claims.training.cohort import Result

COHORTS = (2, 7)
"""Runs, two nets each."""


def alone(nets: Sequence[Tried], device: torch.device, cohorts: Sequence[int] = COHORTS) -> Answer:
    """Train each net alone and among others; fails where a bit of its traces or weights differs."""
    rows: list[tuple[str, ...]] = []
    failed = False
    for net in nets:
        own = [trained(net, device, [seed])[0] for seed in range(max(cohorts))]
        apart = [_apart(own, trained(net, device, range(runs), nets=2)) for runs in cohorts]
        rows.append((str(net), *map(told, apart)))
        failed |= any(apart)
    return Answer(
        question="Is a net's result the same alone and in a cohort?",
        says="no: a result here depends on what else is trained" if failed else "yes",
        columns=("net", *(f"{2 * runs} nets" for runs in cohorts)),
        rows=rows,
        failed=failed,
    )


def _apart(own: Sequence[Result], together: Sequence[Result]) -> float:
    """By how much the first nets of a cohort's runs differ from those that were trained alone."""
    first = [{name: array if name == "epochs" else array[:1] for name, array in run.items()} for run in together]
    return max(largest(one, other) for one, other in zip(own, first, strict=False))
