"""A count of runs that is compared with a boundary after some of them: the chance of reaching it, over all paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from memorization_claims.statistics.samples import FloatArray

SHARES = np.sin((np.arange(400) + 0.5) / 400 * np.pi / 2) ** 2
"""Shares at equal steps of their arcsine, on which Jeffreys' prior of a binomial is even."""


@dataclass(frozen=True)
class Walk:
    """Counts that stop at the first look at which they are as large as is needed."""

    looks: tuple[int, ...]
    """The number of runs at each look."""
    needed: tuple[int, ...]
    """The count at which it stops there."""

    def stops(self, shares: ArrayLike) -> FloatArray:
        """The chance of stopping at each look.

        Args:
            shares: shape (n,), the chances of a run to count, in [0, 1].

        Returns:
            Shape (looks, n).
        """
        paths = zip(self.needed, self._laws(np.asarray(shares, dtype=np.float64)), strict=True)
        return np.stack([law[needed:].sum(axis=0) for needed, law in paths])

    def reaches(self, place: int, count: int, share: float = 0.5) -> float:
        """The chance of stopping before a look or of as large a count there.

        Args:
            place: of the look.
            count: from 0 to the number of runs.
            share: the chance of a run to count.
        """
        laws = _laws_at(self, share)[: place + 1]
        stopped = sum(law[needed:].sum() for needed, law in zip(self.needed[:place], laws, strict=False))
        return float(min(1.0, stopped + laws[place][count:].sum()))

    def stops_again(self, count: int, runs: int) -> float:
        """The chance of stopping at some look, over what `count` of `runs` leave open about a run's chance to count."""
        return float(weights(count, runs) @ _stops_at_all(self))

    def stops_among(self, shares: FloatArray) -> float:
        """The chance of stopping at some look, over shares of any shape that are equally plausible."""
        return min(1.0, float(np.interp(shares, SHARES, _stops_at_all(self)).mean()))

    def _laws(self, shares: FloatArray) -> Iterator[FloatArray]:
        """The law of the count at each look of what has not stopped earlier, (runs + 1, n)."""
        law, runs = np.ones((1, shares.size)), 0
        for look, needed in zip(self.looks, self.needed, strict=True):
            for _ in range(look - runs):
                law = one_more(law, shares)
            yield law
            law, runs = law.copy(), look
            law[needed:] = 0


def one_more(law: FloatArray, shares: FloatArray) -> FloatArray:
    """The law of a count after another run.

    Args:
        law: shape (runs + 1, n), the chances of each count.
        shares: shape (n,), the chances of a run to count.

    Returns:
        Shape (runs + 2, n).
    """
    return np.pad(law * (1 - shares), ((0, 1), (0, 0))) + np.pad(law * shares, ((1, 0), (0, 0)))


def weights(count: int, runs: int) -> FloatArray:
    """How much each of `SHARES` weighs after `count` of `runs` counted, from Jeffreys' prior; they sum to 1."""
    logs = count * np.log(SHARES) + (runs - count) * np.log1p(-SHARES)
    likelihoods = np.exp(logs - logs.max())
    return np.asarray(likelihoods / likelihoods.sum())


@cache
def _laws_at(walk: Walk, share: float) -> list[FloatArray]:
    """The law of the count at each look, where this is the chance of a run to count."""
    return list(walk._laws(np.array([share])))


@cache
def _stops_at_all(walk: Walk) -> FloatArray:
    """The chance of stopping at some look, for each of `SHARES`."""
    return np.asarray(walk.stops(SHARES).sum(axis=0))


def tail(runs: int) -> FloatArray:
    """The chance of at least 0, 1, ... of so many runs, where each counts as likely as not: (runs + 1,)."""
    law = np.ones(1)
    for _ in range(runs):
        law = np.convolve(law, (0.5, 0.5))
    return np.asarray(np.cumsum(law[::-1])[::-1])
