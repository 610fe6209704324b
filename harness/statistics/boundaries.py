"""Where a count is to stop, for given looks: the search that found the schedule in use."""

from __future__ import annotations

from itertools import product
from statistics import NormalDist

import numpy as np

from memorization_claims.statistics.samples import FloatArray
from memorization_claims.statistics.verdict import ALPHA
from memorization_claims.statistics.walk import SHARES, Walk, one_more, tail, weights

EFFECTS = np.arange(0.4, 2.01, 0.1)
"""The distances from the margin that the search minds, in standard deviations of a normal."""
UNDECIDED = 100.0
"""The seeds that a claim left undecided is worth in it."""
HOPELESS = 0.02
"""The chance of reaching an answer at a later look, below which it is not waited for."""


def needed(looks: tuple[int, ...]) -> tuple[int, ...]:
    """How many runs decide at each look: at the level of a claim, those that cost least.

    From counts that are as rare at each look, one or two of them are changed by one for as long as that costs less.

    Args:
        looks: the number of runs at each, rising. At one that needs a run more than there are nothing is decided.
    """
    best = tuple(int((tail(look) > ALPHA / len(looks)).sum()) for look in looks)
    moves = [move for move in product((-1, 0, 1), repeat=len(looks)) if sum(map(abs, move)) <= 2]
    while True:
        near = [tuple(at + by for at, by in zip(best, move, strict=True)) for move in moves]
        legal = [each for each in near if _is_legal(looks, each)]
        if (cheapest := min(legal, key=lambda each: cost(looks, each))) == best:
            return best
        best = cheapest


def cost(looks: tuple[int, ...], needed: tuple[int, ...]) -> float:
    """The mean seeds of a claim and what it is worth to decide it, over `EFFECTS`; no run lies on the margin."""
    shares = np.array([NormalDist().cdf(effect) for effect in EFFECTS])
    law, runs, total = np.ones((1, shares.size)), 0, 0.0
    for look, least in zip(looks, needed, strict=True):
        total += float(law.sum()) * (look - runs)
        for _ in range(look - runs):
            law = one_more(law, shares)
        law[least:] = law[: look - least + 1] = 0
        runs = look
    return float(total + UNDECIDED * law.sum()) / len(EFFECTS)


def hopeless(looks: tuple[int, ...], needed: tuple[int, ...]) -> tuple[int, ...]:
    """The largest count at each look from which the next ones are reached less often than `HOPELESS`; -1 at the last.

    The chances are means over what the count leaves open about the share of runs, from Jeffreys' prior.
    """
    reached, found = _stopped(np.zeros((looks[-1] + 1, SHARES.size)), needed[-1]), [-1]
    for before, look, least in reversed(list(zip(looks, looks[1:], needed, strict=False))):
        for _ in range(look - before):
            reached = (1 - SHARES) * reached[:-1] + SHARES * reached[1:]
        chances = np.array([weights(count, before) @ reached[count] for count in range(before + 1)])
        found.append(int((chances < HOPELESS).sum()) - 1)
        reached = _stopped(reached, least)
    return tuple(reversed(found))


def _is_legal(looks: tuple[int, ...], needed: tuple[int, ...]) -> bool:
    within = all(look < 2 * least <= 2 * look + 2 for look, least in zip(looks, needed, strict=True))
    return within and float(Walk(looks, needed).stops([0.5]).sum()) <= ALPHA


def _stopped(reached: FloatArray, needed: int) -> FloatArray:
    reached[needed:] = 1
    return reached
