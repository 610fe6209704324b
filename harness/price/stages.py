"""Stages of a session: what is cheap first, so that nobody pays for the dearest claims before there is an answer."""

from __future__ import annotations

from collections.abc import Sequence


def stages(costs: Sequence[float]) -> list[int]:
    """The stage of each item, from 1: the cheaper half of all, the cheaper half of those that are left, and so on.

    Args:
        costs: what each item costs. Of equal ones the first is the cheaper, and of an odd number of
            items the half is the larger part.
    """
    order = sorted(range(len(costs)), key=costs.__getitem__)
    found, stage = [0] * len(costs), 0
    while order:
        stage, half = stage + 1, (len(order) + 1) // 2
        for item in order[:half]:
            found[item] = stage
        del order[:half]
    return found
