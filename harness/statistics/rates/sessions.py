"""How often a session of seeded tests fails by chance, by simulation, against what it states.

`python -m memorization_claims.statistics.rates.sessions` prints a Markdown table. A session has ten tests: six bounds
or comparisons, two equivalences and two events. All numbers are drawn, and looked at as in a session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from memorization_claims.seed import numpy_generator
from memorization_claims.statistics.looks import Look, Schedule
from memorization_claims.statistics.rated import Rated, RateLook, looks
from memorization_claims.statistics.samples import BoolArray, FloatArray
from memorization_claims.statistics.spending import schedule
from memorization_claims.statistics.verdict import ALPHA

IntArray = NDArray[np.int_]
SESSIONS = 10_000
ONE_SIDED, EQUIVALENCES, EVENTS = 6, 2, 2
"""How many of the ten tests are bounds or comparisons, equivalences, and events."""
SIDES = ONE_SIDED + 2 * EQUIVALENCES + EVENTS
"""What the level of a session is split among."""
RATE = 0.9
"""The rate that events are to exceed."""
TRUTHS = {
    "on the margin": (0.0, RATE),
    "half a deviation beyond": (0.5, 0.98),
    "one beyond": (1.0, 0.99),
    "two beyond": (2.0, 0.999),
}
"""Where the truth of all ten tests lies: medians, in standard deviations between seeds, and the rate of events."""
BUDGETS = {"0.0005 for each test": ALPHA, "0.05": 0.05 / SIDES, "0.001": 0.001 / SIDES}
"""Levels of each side of each test, by what the session is told."""
HEADINGS = (
    *("truth", "alpha of the session", "stated", "sessions that refute", "that leave a number undecided", "an event"),
    "mean seeds",
)


@dataclass
class Ends:
    """How some tests of every session ended, (sessions, tests) each."""

    refuted: BoolArray
    undecided: BoolArray
    seeds: FloatArray


def one_sided(planned: Schedule, values: FloatArray) -> Ends:
    """Tests whose numbers count for the claim where they are above 0: (sessions, tests, seeds)."""
    return _ended(planned, lambda part: ((part > 0).sum(-1), (part < 0).sum(-1)), values)


def equivalences(planned: Schedule, values: FloatArray, margin: float) -> Ends:
    """Tests whose numbers are to lie within a margin of 0."""

    def counts(part: FloatArray) -> tuple[IntArray, IntArray]:
        over, under = (part > margin).sum(-1), (part < -margin).sum(-1)
        inside = np.minimum((part > -margin).sum(-1), (part < margin).sum(-1))
        return inside, np.maximum(over, under)

    return _ended(planned, counts, values)


def events(rated: Rated, happened: BoolArray) -> Ends:
    """Tests of an event that is to exceed a rate."""
    shape = happened.shape[:2]
    going, refuted, seeds = np.ones(shape, bool), np.zeros(shape, bool), np.zeros(shape)
    supported = np.zeros(shape, bool)
    for place in range(len(rated.looks)):
        look = RateLook(rated, place)
        count = happened[..., : look.runs].sum(-1)
        seeds[going] = look.runs
        supported |= going & (count >= look.supports)
        refuted |= going & (look.runs - count >= look.refutes)
        going &= ~supported & ~refuted & np.array([look.goes_on(each) for each in range(look.runs + 1)])[count]
    return Ends(refuted, ~supported & ~refuted, seeds)


def _ended(planned: Schedule, counts: Callable[[FloatArray], tuple[IntArray, IntArray]], values: FloatArray) -> Ends:
    shape = values.shape[:2]
    going, refuted, seeds = np.ones(shape, bool), np.zeros(shape, bool), np.zeros(shape)
    supported = np.zeros(shape, bool)
    for place in range(len(planned.looks)):
        look = Look(planned, place)
        beyond, short = counts(values[..., : look.runs])
        seeds[going] = look.runs
        supported |= going & (beyond >= look.needed)
        refuted |= going & ~supported & (short >= look.needed)
        goes_on = np.array([look.goes_on(each) for each in range(look.runs + 1)])
        going &= ~supported & ~refuted & goes_on[np.maximum(beyond, short)]
    return Ends(refuted, ~supported & ~refuted, seeds)


def stated(alpha: float) -> float:
    """The chance, at most, that a session refutes what is true, for a level of each side of each test."""
    planned, rated = schedule(alpha), Rated(RATE, looks(192), alpha)
    level = float(planned.walk.stops([0.5]).sum())
    of_events = float(rated.refutes.stops([1 - RATE]).sum())
    return (ONE_SIDED + 2 * EQUIVALENCES) * level + EVENTS * of_events


def simulated(truth: str, alpha: float, *, sessions: int, base_seed: int) -> Ends:
    """How ten tests of each session ended.

    Args:
        truth: of `TRUTHS`.
        alpha: the level of each side of each test.
        sessions: how many.
        base_seed: what names the stream.
    """
    generator = numpy_generator(base_seed, "measure", "sessions", truth)
    beyond, rate = TRUTHS[truth]
    planned, rated = schedule(alpha), Rated(RATE, looks(192), alpha)
    runs = planned.looks[-1]
    numbers = generator.standard_normal((sessions, ONE_SIDED, runs)) + beyond
    # Within a margin the truth lies as far from one end, and far from the other.
    margin = NormalDist().inv_cdf(0.99) + beyond
    within = generator.standard_normal((sessions, EQUIVALENCES, runs)) + margin - beyond
    happened = generator.random((sessions, EVENTS, runs)) < rate
    parts = (one_sided(planned, numbers), equivalences(planned, within, margin), events(rated, happened))
    refuted, undecided = (
        np.concatenate([getattr(each, name) for each in parts], 1) for name in ("refuted", "undecided")
    )
    return Ends(refuted, undecided, np.concatenate([each.seeds for each in parts], 1))


def table(*, sessions: int = SESSIONS, base_seed: int = 0) -> Iterator[str]:
    """The lines of the table."""
    yield "| " + " | ".join(HEADINGS) + " |"
    yield "|" + "---|" * len(HEADINGS)
    for whole, alpha in BUDGETS.items():
        for truth in TRUTHS if alpha == ALPHA else list(TRUTHS)[:1]:
            yield row(truth, whole, alpha, sessions=sessions, base_seed=base_seed)


def row(truth: str, whole: str, alpha: float, *, sessions: int, base_seed: int) -> str:
    """The row of one truth."""
    parts = [
        simulated(truth, alpha, sessions=min(1000, sessions - done), base_seed=base_seed + done)
        for done in range(0, sessions, 1000)
    ]
    refuted = sum(int(each.refuted.any(axis=1).sum()) for each in parts)
    numbers = sum(int(each.undecided[:, :-EVENTS].any(axis=1).sum()) for each in parts)
    happenings = sum(int(each.undecided[:, -EVENTS:].any(axis=1).sum()) for each in parts)
    seeds = float(np.mean([each.seeds.mean() for each in parts]))
    shares = (stated(alpha), *(count / sessions for count in (refuted, numbers, happenings)))
    return f"| {truth} | {whole} | " + " | ".join(f"{100 * share:.3g} %" for share in shares) + f" | {seeds:.1f} |"


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)
