"""When a claim is looked at, and how many of the runs until then decide it: exact for every distribution.

Of each run it is asked whether its effect lies beyond the margin. Runs at different seeds are independent, so the
number of those that do is binomial however effects are distributed; where a run is as likely beyond the margin as not,
the chance that so many are beyond it at any of the looks is a sum over paths.

Source: the sign test (Dixon and Mood 1946, J. Am. Stat. Assoc. 41 (236)), in a group sequential design (Jennison and
Turnbull 2000, Group Sequential Methods with Applications to Clinical Trials, chapter 12). Departs in its boundaries:
`memorization_claims.statistics.boundaries` finds them, and `rates.looks` prints what they cost and give.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from memorization_claims.errors import SettingError
from memorization_claims.statistics.scatter import shares_beyond
from memorization_claims.statistics.verdict import ALPHA, Outcome
from memorization_claims.statistics.walk import Walk, tail

SURE = 0.99
"""A verdict that a fresh base seed would reach again with less than this chance is fragile."""
TAIL = 0.025
"""What an interval of 95 % leaves on either side."""


@dataclass(frozen=True)
class Schedule:
    """After how many runs a claim is looked at, and what is concluded then."""

    looks: tuple[int, ...]
    """The number of runs at each look, rising."""
    needed: tuple[int, ...]
    """The runs that must be beyond the margin, or short of it, to decide at each look."""
    ranks: tuple[int, ...]
    """Which order statistic from either end bounds the median at each look; 0 where none does."""
    hopeless: tuple[int, ...]
    """Where neither answer has more runs than this, later looks are left out: the one that has more would be reached
    there less than once in fifty times. -1 where they never are."""

    def capped(self, most: int) -> Schedule:
        """The looks at no more than so many runs, or the first.

        Args:
            most: runs, 1 or more.
        """
        kept = max(1, sum(look <= most for look in self.looks))
        return Schedule(self.looks[:kept], self.needed[:kept], self.ranks[:kept], self.hopeless[:kept])

    @property
    def walk(self) -> Walk:
        """The chances of deciding."""
        return Walk(self.looks, self.needed)


SEQUENTIAL = Schedule(
    looks=(12, 24, 40, 64, 96, 144, 192),
    needed=(12, 22, 32, 48, 67, 96, 123),
    ranks=(3, 6, 11, 21, 34, 55, 76),
    hopeless=(4, 10, 19, 34, 54, 86, -1),
)
"""The looks at a claim: on either side they err with a chance of 0.000497, summed over paths, and the intervals of all
looks together miss the median with one of 0.0499."""


def one_look(runs: int, alpha: float = ALPHA) -> Schedule:
    """A single look.

    Args:
        runs: 1 or more; fewer than 11 decide nothing.
        alpha: of one side.

    Raises:
        SettingError: for less than one.
    """
    if runs < 1:
        raise SettingError(f"{runs} runs; legal is 1 or more")
    chances = tail(runs)
    needed = int((chances > alpha).sum())
    rank = max(0, runs + 1 - int((chances > TAIL).sum()))
    return Schedule((runs,), (needed,), (rank,), (-1,))


@dataclass(frozen=True)
class Look:
    """Where a claim stands in its schedule, and which of its runs count."""

    schedule: Schedule
    place: int = 0
    """Which of the looks."""
    unfit: frozenset[int] = field(default_factory=frozenset)
    """Seeds of runs that did not do what the claim takes for granted: they count for neither answer."""
    unseen: frozenset[int] | None = None
    """Seeds of runs in which a positive control is not seen: they do not count for the answer that nothing is there.
    None where the claim names no control."""

    @property
    def runs(self) -> int:
        """The number of runs looked at; what is missing among the samples counts for neither answer."""
        return self.schedule.looks[self.place]

    @property
    def needed(self) -> int:
        """The runs that decide."""
        return self.schedule.needed[self.place]

    @property
    def rank(self) -> int:
        """Which order statistic bounds the median."""
        return self.schedule.ranks[self.place]

    @property
    def next(self) -> Look:
        """The next look, before anything is known of its runs."""
        return replace(self, place=self.place + 1, unfit=frozenset(), unseen=None)

    def goes_on(self, leading: int) -> bool:
        """Whether there is a later look that could decide.

        Args:
            leading: the runs for the answer that has more.
        """
        later = zip(self.schedule.looks[self.place + 1 :], self.schedule.needed[self.place + 1 :], strict=True)
        reachable = any(leading + look - self.runs >= needed for look, needed in later)
        return reachable and leading > self.schedule.hopeless[self.place]

    def p_value(self, runs: int) -> float:
        """The chance, where a run is as likely beyond the margin as not, of deciding earlier or as many runs now.

        Args:
            runs: those beyond the margin, or those short of it.
        """
        return self.schedule.walk.reaches(self.place, runs)

    def replicates(self, outcome: Outcome, beyond: int, short: int, distance: float | None = None) -> float:
        """The chance that fresh runs, at as many looks, reach the same verdict.

        It is the mean over what the runs so far leave open about the share of runs, from Jeffreys' prior; the rule that
        ended the looks does not matter to it. Where all runs lie on one side, their number cannot tell how near they
        are: then it is the mean over what the scatter of their effects leaves open, as if that were normal.

        Args:
            outcome: the verdict.
            beyond: the runs beyond the margin.
            short: those short of it.
            distance: of the effects from the margin, in standard deviations; None to go by the counts alone.
        """
        if distance is not None and outcome is not Outcome.UNDECIDED and max(beyond, short) == self.runs:
            return self.schedule.walk.stops_among(shares_beyond(distance, self.runs))
        support, refute = (self.schedule.walk.stops_again(count, self.runs) for count in (beyond, short))
        undecided = max(0.0, 1.0 - support - refute)
        return {Outcome.SUPPORTED: support, Outcome.REFUTED: refute, Outcome.UNDECIDED: undecided}[outcome]


FIRST = Look(SEQUENTIAL)
"""The first look at a claim."""
