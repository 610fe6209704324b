"""Boundaries of a count for any looks, share and level: at each look half of what is left of the level may be spent.

Source: Lan and DeMets 1983, Biometrika 70 (3), for levels that are spent look by look. Departs in the law, which is the
exact binomial, and in the looks, which are planned.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from memorization_claims.statistics.boundaries import hopeless
from memorization_claims.statistics.looks import SEQUENTIAL, Schedule
from memorization_claims.statistics.verdict import ALPHA
from memorization_claims.statistics.walk import one_more


@cache
def needed(looks: tuple[int, ...], share: float, alpha: float) -> tuple[int, ...]:
    """How many runs must count at each look to stop there.

    Args:
        looks: the number of runs at each, rising.
        share: the chance of a run to count where stopping is an error, in (0, 1).
        alpha: the chance of that error over all looks, at most, in (0, 1).

    Returns:
        The least counts; one more than there are runs where nothing can be decided.
    """
    law, runs, spent, found = np.ones((1, 1)), 0, 0.0, list[int]()
    for place, look in enumerate(looks, start=1):
        for _ in range(look - runs):
            law = one_more(law, np.array([share]))
        allowed = alpha if place == len(looks) else alpha * (1 - 0.5**place)
        chances = spent + np.cumsum(law[::-1, 0])[::-1]
        least = int((chances > allowed).sum())
        found.append(least)
        spent, runs = float(chances[least]) if least <= look else spent, look
        law[least:] = 0
    return tuple(found)


@cache
def schedule(alpha: float) -> Schedule:
    """The looks at a claim for another level than ours; intervals are those of 95 % whatever the level.

    Args:
        alpha: of one side, over all looks, in (0, 1).
    """
    if alpha == ALPHA:
        return SEQUENTIAL
    counts = needed(SEQUENTIAL.looks, 0.5, alpha)
    return Schedule(SEQUENTIAL.looks, counts, SEQUENTIAL.ranks, hopeless(SEQUENTIAL.looks, counts))
