"""The looks at an item: its test is called again with more runs for as long as these could decide its claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorization_claims.session import stash

if TYPE_CHECKING:
    from memorization_claims.judging.claim import Scale
    from memorization_claims.plan.plan import Setting
    from memorization_claims.session.overrides import Overrides
    from memorization_claims.statistics.looks import Schedule


def schedule(setting: Setting, scale: Scale, overrides: Overrides) -> Schedule:
    """After how many seeds an item is looked at, as the plan and the options limit it."""
    from memorization_claims.judging.claim import MOST
    from memorization_claims.plan.plan import Plan
    from memorization_claims.statistics.looks import SEQUENTIAL, one_look

    if overrides.seeds:
        return one_look(overrides.seeds)
    if overrides.placebo and overrides.placebo.same:
        return one_look(2 * SEQUENTIAL.looks[0])
    limits = [MOST[scale]]
    if isinstance(setting, Plan) and setting.most is not None:
        limits.append(setting.most)
    if overrides.placebo or overrides.mutant:
        # What is broken stays undecided, as conditions that are exchanged do: further looks could only confirm it.
        limits.append(SEQUENTIAL.looks[0])
    return SEQUENTIAL.capped(min(limits))


def begin(item: pytest.Item) -> None:
    """Tell the judge which seeds of the runs that the test holds gave no number."""
    judge, held = item.stash.get(stash.JUDGE, None), item.stash.get(stash.HELD, None)
    if judge and held:
        judge.lost = held.obtained.lost


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
        begin(item)
        try:
            return item.runtest()
        except UndecidedError:
            continue
