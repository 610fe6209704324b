"""The looks at an item: its test is called again with more runs for as long as these could decide its claim."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

import pytest

from memorization_claims.session import stash

if TYPE_CHECKING:
    from memorization_claims.judging.claim import Scale
    from memorization_claims.lab.fits import Fits
    from memorization_claims.lab.runs import Runs
    from memorization_claims.plan.plan import Setting
    from memorization_claims.session.overrides import Overrides
    from memorization_claims.statistics.looks import Schedule

Obtained = TypeVar("Obtained", "Runs", "Fits")

MOST_UNDER_A_MUTANT = 40
"""A claim that a mutant breaks is undecided for good: what three looks do not support has lost its support."""


def schedule(setting: Setting, scale: Scale, overrides: Overrides) -> Schedule:
    """After how many seeds an item is looked at, as the plan and the options limit it."""
    from memorization_claims.judging.claim import MOST
    from memorization_claims.plan.plan import Plan
    from memorization_claims.statistics.looks import SEQUENTIAL, one_look

    if overrides.seeds:
        return one_look(overrides.seeds)
    limits = [MOST[scale]]
    if isinstance(setting, Plan) and setting.most is not None:
        limits.append(setting.most)
    if overrides.placebo:
        # Exchanged conditions are as likely on one side as on the other, which further looks could only confirm.
        limits.append(SEQUENTIAL.looks[0])
    elif overrides.mutant:
        limits.append(MOST_UNDER_A_MUTANT)
    return SEQUENTIAL.capped(min(limits))


@dataclass
class Held(Generic[Obtained]):
    """The runs or fits that a test holds, which grow in place from look to look, and what they cost."""

    obtain: Callable[[int], Obtained]
    """Gives those of so many seeds; what is stored is not trained again."""
    obtained: Obtained = field(init=False)
    seconds: float = 0.0
    """Of obtaining, before the test was called."""
    within: float = 0.0
    """Of obtaining, between its calls."""
    trained: int = 0

    def begin(self, seeds: int) -> Obtained:
        """The runs of the first look."""
        started = time.perf_counter()
        self.obtained = self.obtain(seeds)
        self.seconds, self.trained = time.perf_counter() - started, self.obtained.trained
        return self.obtained

    def grow(self, seeds: int) -> None:
        """Let the test hold those of more seeds."""
        started = time.perf_counter()
        more = self.obtain(seeds)
        self.within += time.perf_counter() - started
        self.trained += more.trained
        # In place, since fixtures of the user's may have handed them on.
        vars(self.obtained).update(vars(more))

    @property
    def cost(self) -> dict[str, float]:
        """What the item's entry tells of it."""
        entries = len(self.obtained.entries)
        return {
            "training": self.obtained.seconds,
            "fetching": self.seconds,
            "within": self.within,
            "trained": self.trained,
            "reused": entries - self.trained,
        }


def look_again(item: pytest.Item) -> None:
    """Call the test of a claim that is undecided until it is decided, or further looks could not decide it.

    Raises:
        NotSupportedError: what its last call raises.
    """
    from memorization_claims.judging.judge import UndecidedError

    judge, held = item.stash[stash.JUDGE], item.stash.get(stash.HELD, None)
    while True:
        verdict = judge.verdict
        assert verdict is not None
        if held is None or verdict.count is None or (more := verdict.count.more) is None:
            raise UndecidedError(verdict)
        judge.look_again()
        if drawn := item.stash.get(stash.DRAWN, None):
            drawn.clear()
        held.grow(more)
        try:
            return item.runtest()
        except UndecidedError:
            continue
