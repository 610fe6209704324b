"""When a claim about the rate of an event is looked at, and what decides it: exact sums over paths, for any rate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from memorization_claims.statistics.boundaries import HOPELESS
from memorization_claims.statistics.looks import SEQUENTIAL
from memorization_claims.statistics.samples import FloatArray
from memorization_claims.statistics.spending import needed
from memorization_claims.statistics.verdict import ALPHA, Outcome
from memorization_claims.statistics.walk import SHARES, Walk, weights

BEYOND_LAST = 1.5
"""What each look beyond those of other claims is to the one before: rates near 0 or 1 take more seeds."""
MOST = 2000
"""No more seeds than these are planned for."""


@dataclass(frozen=True)
class Rated:
    """A stated rate, and after how many runs what is concluded of it."""

    rate: float
    """The chance of a run to count that the claim says is exceeded, in (0, 1)."""
    looks: tuple[int, ...]
    """The number of runs at each look, rising."""
    alpha: float = ALPHA
    """The chance, on either side and over all looks, to conclude what is barely false."""

    @property
    def supports(self) -> Walk:
        """At how many runs that count it is concluded that the rate is exceeded."""
        return Walk(self.looks, needed(self.looks, self.rate, self.alpha))

    @property
    def refutes(self) -> Walk:
        """At how many runs that do not count it is concluded that it is not reached."""
        return Walk(self.looks, needed(self.looks, 1 - self.rate, self.alpha))

    @property
    def can_support(self) -> bool:
        """Whether runs that all count exceed the rate at some look."""
        return any(least <= runs for least, runs in zip(self.supports.needed, self.looks, strict=True))


@dataclass(frozen=True)
class RateLook:
    """Where a claim about a rate stands."""

    rated: Rated
    place: int = 0
    """Which of the looks."""

    @property
    def runs(self) -> int:
        """The number of runs looked at."""
        return self.rated.looks[self.place]

    @property
    def next(self) -> RateLook:
        """The next look."""
        return replace(self, place=self.place + 1)

    @property
    def supports(self) -> int:
        """The runs that must count for a support; one more than there are where nothing supports."""
        return self.rated.supports.needed[self.place]

    @property
    def refutes(self) -> int:
        """The runs that must not count for a refutation."""
        return self.rated.refutes.needed[self.place]

    def goes_on(self, count: int) -> bool:
        """Whether later looks may well decide, after so many runs that count."""
        return bool(_later(self.rated)[self.place][count] >= HOPELESS)

    def p_values(self, beyond: int, short: int) -> tuple[float, float]:
        """The chances of deciding earlier or of as many runs now: against "it is false", and against "it is true".

        Args:
            beyond: the runs that count.
            short: those that do not.
        """
        rated = self.rated
        against = rated.refutes.reaches(self.place, short, 1 - rated.rate)
        return rated.supports.reaches(self.place, beyond, rated.rate), against

    def replicates(self, outcome: Outcome, beyond: int, short: int) -> float:
        """The chance that fresh runs, at as many looks, reach the same verdict, from Jeffreys' prior."""
        support = self.rated.supports.stops_again(beyond, beyond + short)
        refute = self.rated.refutes.stops_again(short, beyond + short)
        left = max(0.0, 1.0 - support - refute)
        return {Outcome.SUPPORTED: support, Outcome.REFUTED: refute, Outcome.UNDECIDED: left}[outcome]


def looks(most: int) -> tuple[int, ...]:
    """The looks at no more than so many runs: those of other claims, then each half as many again.

    Args:
        most: runs, at least 12.
    """
    planned = list(SEQUENTIAL.looks)
    while planned[-1] * BEYOND_LAST <= most:
        planned.append(int(planned[-1] * BEYOND_LAST))
    return tuple(look for look in planned if look <= most)


def fewest(rate: float) -> int | None:
    """The number of seeds at which runs that all count first exceed a rate at our level; None beyond `MOST`."""
    rated = Rated(rate, looks(MOST))
    able = (runs for least, runs in zip(rated.supports.needed, rated.looks, strict=True) if least <= runs)
    return next(able, None)


@cache
def _later(rated: Rated) -> list[FloatArray]:
    """For each look the chance that a later one decides, by the runs that count, over what they leave open."""
    supports, refutes, last = rated.supports.needed, rated.refutes.needed, rated.looks[-1]
    reached, found = _decided(np.zeros((last + 1, SHARES.size)), supports[-1], refutes[-1]), [np.zeros(last + 1)]
    for place in reversed(range(len(rated.looks) - 1)):
        runs = rated.looks[place]
        for _ in range(rated.looks[place + 1] - runs):
            reached = (1 - SHARES) * reached[:-1] + SHARES * reached[1:]
        found.append(np.array([weights(count, runs) @ reached[count] for count in range(runs + 1)]))
        reached = _decided(reached, supports[place], refutes[place])
    return found[::-1]


def _decided(reached: FloatArray, supports: int, refutes: int) -> FloatArray:
    reached[supports:] = 1
    reached[: max(0, len(reached) - refutes)] = 1
    return reached
