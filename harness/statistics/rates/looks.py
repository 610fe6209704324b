"""What looks at a claim cost and give: `python -m memorization_claims.statistics.rates.looks`.

All numbers are sums over the paths that a count of runs can take, and none is simulated. Each run lies beyond the
margin or short of it, none on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from memorization_claims.statistics import walk
from memorization_claims.statistics.boundaries import hopeless, needed
from memorization_claims.statistics.looks import SEQUENTIAL, SURE, Look, Schedule, one_look
from memorization_claims.statistics.samples import FloatArray
from memorization_claims.statistics.verdict import Outcome

SHARES = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99)
"""The shares of runs beyond the margin that are printed."""
EVEN = walk.SHARES[5::10]
"""Shares on which Jeffreys' prior is even."""
HEADINGS = (
    "runs beyond",
    "decided",
    "wrong",
    "fails",
    "two base seeds differ",
    "foretold",
    "though sure",
    "mean seeds",
)


def beside(looks: tuple[int, ...], needed: tuple[int, ...]) -> Schedule:
    """A schedule to compare with the one in use, which leaves out hopeless looks by the same rule."""
    return Schedule(looks, needed, (0,) * len(looks), hopeless(looks, needed))


SCHEDULES = (
    SEQUENTIAL,
    beside((12, 24, 48, 96, 192), (12, 22, 37, 67, 123)),
    beside((12, 24, 40), (12, 21, 32)),
    one_look(12),
    one_look(40),
)


@dataclass(frozen=True)
class Rates:
    """What a share of runs beyond the margin leads to."""

    decided: float
    wrong: float
    """Refuted, though at least as many runs lie beyond the margin as short of it."""
    fails: float
    """The chance that a claim which is expected to be supported fails a session: refuted, or undecided while no more
    than half of its runs lie beyond the margin."""
    differ: float
    """The chance that two base seeds come to different verdicts."""
    foretold: float
    """What the verdicts say on average of that chance: 1 less `Look.replicates`."""
    surprise: float
    """The chance that they differ though the first is sure to be reached again."""
    seeds: float
    """The mean number of them."""


def rates(schedule: Schedule, share: float) -> Rates:
    """What one share of runs beyond the margin leads to, at the looks of one schedule."""
    chances, sure = dict.fromkeys(Outcome, 0.0), dict.fromkeys(Outcome, 0.0)
    again, seeds, against = 0.0, 0.0, 0.0
    for look, law in ends(schedule, share):
        for count in np.flatnonzero(law).tolist():
            chance, outcome = float(law[count]), _outcome(look, count)
            replicates = look.replicates(outcome, count, look.runs - count)
            chances[outcome] += chance
            sure[outcome] += chance * (replicates >= SURE)
            again += chance * replicates
            against += chance * (outcome is not Outcome.SUPPORTED and 2 * count <= look.runs)
            seeds += chance * look.runs
    others = {outcome: sum(chances[other] for other in Outcome if other is not outcome) for outcome in Outcome}
    differ, surprise = (sum(of[outcome] * others[outcome] for outcome in Outcome) for of in (chances, sure))
    decided = others[Outcome.UNDECIDED]
    return Rates(decided, chances[Outcome.REFUTED], against, differ, 1 - again, surprise, seeds)


def ends(schedule: Schedule, share: float) -> Iterator[tuple[Look, FloatArray]]:
    """Each look, and the chances that it is the last with each count of runs beyond the margin, (runs + 1,)."""
    law, runs = np.ones((1, 1)), 0
    for place in range(len(schedule.looks)):
        look = Look(schedule, place)
        for _ in range(look.runs - runs):
            law = walk.one_more(law, np.array([share]))
        last = np.array([_is_last(look, count) for count in range(look.runs + 1)])
        yield look, np.where(last, law[:, 0], 0)
        law, runs = np.where(last[:, None], 0, law), look.runs


def _is_last(look: Look, count: int) -> bool:
    return _outcome(look, count) is not Outcome.UNDECIDED or not look.goes_on(max(count, look.runs - count))


def _outcome(look: Look, count: int) -> Outcome:
    if count >= look.needed:
        return Outcome.SUPPORTED
    return Outcome.REFUTED if look.runs - count >= look.needed else Outcome.UNDECIDED


def level(schedule: Schedule) -> float:
    """The chance of a verdict for one side where a run is as likely beyond the margin as not."""
    return float(schedule.walk.stops([0.5]).sum())


def missed(schedule: Schedule) -> float:
    """The chance, at most, that the interval of some look misses the median."""
    outside = tuple(look - rank + 1 for look, rank in zip(schedule.looks, schedule.ranks, strict=True))
    return 2 * float(walk.Walk(schedule.looks, outside).stops([0.5]).sum())


def lines() -> Iterator[str]:
    """What is printed: a Markdown table for each schedule, then where the one in use comes from."""
    for schedule in SCHEDULES:
        yield f"Looks at {_listed(schedule.looks)} seeds, where {_listed(schedule.needed)} runs decide:"
        yield f"level {level(schedule):.6f} on either side."
        yield from ("", *table(schedule), "")
    yield f"The intervals of the first miss the median with a chance of at most {missed(SEQUENTIAL):.4f}."
    found = [rates(SEQUENTIAL, share) for share in EVEN.tolist()]
    differ, foretold = (
        float(np.mean(each)) for each in zip(*((one.differ, one.foretold) for one in found), strict=True)
    )
    yield f"Over all shares two base seeds differ with a chance of {percent(differ)}; {percent(foretold)} is foretold."
    counts = needed(SEQUENTIAL.looks)
    yield f"The search finds {_listed(counts)}, and {_listed(hopeless(SEQUENTIAL.looks, counts))} hopeless."


def table(schedule: Schedule) -> Iterator[str]:
    """The lines of the table of one schedule."""
    yield "| " + " | ".join(HEADINGS) + " |"
    yield "|" + "---|" * len(HEADINGS)
    for share in SHARES:
        yield row(share, rates(schedule, share))


def row(share: float, found: Rates) -> str:
    """The row of one share."""
    parts = (found.decided, found.wrong, found.fails, found.differ, found.foretold, found.surprise)
    return f"| {share:g} | {' | '.join(map(percent, parts))} | {found.seeds:.1f} |"


def percent(chance: float) -> str:
    """A chance in percent, with three digits."""
    if chance < 1e-6:
        return "< 0.0001 %"
    return f"{100 * chance:.3g} %" if chance < 0.9995 else "> 99.9 %"


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
