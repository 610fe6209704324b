"""Mutants of statistics and of the judge: each turns the verdict that it says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from memorization_claims.controls.find import find, mutants
from memorization_claims.judging import judge as judging
from memorization_claims.plan.plan import Cases
from memorization_claims.statistics import Outcome, Verdict, above, bound, exact, same, trend
from memorization_claims.statistics.looks import SEQUENTIAL, Look
from memorization_claims.statistics.samples import Samples
from memorization_claims.tests.mutant_samples import KERNELS, PLAN
from memorization_claims.tests.test_judge import claim_of

SPREAD = np.linspace(-0.05, 0.05, 12)
SUPPORTED, REFUTED, UNDECIDED = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.UNDECIDED
SECOND = Look(SEQUENTIAL, 1)
UNFIT = Look(SEQUENTIAL, unfit=frozenset({0}))
SEQUENCES = np.where(np.arange(24) < SEQUENTIAL.needed[1] - 1, 1.0, -1.0)


def about(**levels: float) -> Samples:
    """Twelve seeds about these levels."""
    values = {name: level + SPREAD[:: (-1) ** place] for place, (name, level) in enumerate(levels.items())}
    return Samples("number", "", values, tuple(range(12)))


ZIGZAG = about(a=0, b=-3, c=-3.1, d=-0.2)
CENSORED = replace(about(a=1.0, b=0.0), censored={"b": np.ones(12, dtype=bool)})
LATE = Samples("number", "", {"a": SEQUENCES + 0.01 * np.arange(24), "b": np.zeros(24)}, tuple(range(24)))
PAIRED = Samples("number", "", {"a": np.arange(12) + 1 + SPREAD, "b": np.arange(12.0)}, tuple(range(12)))
CASES = Samples("error", "", {"a": np.array([0.1, 0.1, 2.0])}, (0, 1, 2))
LEVELS = {"a": 0.0, "b": 1.0, "c": 2.0, "d": 4.0}
TURNED: dict[str, tuple[Callable[[], Verdict], Outcome, Outcome]] = {
    "answers-exchanged": (lambda: above(about(a=1, b=0), "a", "b", margin=0.5), SUPPORTED, REFUTED),
    "unfit-runs-beyond": (lambda: above(about(a=1, b=0), "a", "b", margin=0.5, look=UNFIT), UNDECIDED, SUPPORTED),
    "alpha-at-every-look": (lambda: above(LATE, "a", "b", margin=0.5, look=SECOND), UNDECIDED, SUPPORTED),
    "margin-turned": (lambda: above(about(a=0, b=0.3), "a", "b", margin=0.5), REFUTED, SUPPORTED),
    "margin-ignored": (lambda: above(about(a=0.3, b=0), "a", "b", margin=0.5), REFUTED, SUPPORTED),
    "one-end-tested": (lambda: same(about(a=0, b=2), "a", "b", margin=0.5), REFUTED, SUPPORTED),
    "bounds-taken-for-values": (lambda: above(CENSORED, "a", "b", margin=0.5), UNDECIDED, SUPPORTED),
    "seeds-not-paired": (lambda: above(PAIRED, "a", "b", margin=0.5), SUPPORTED, UNDECIDED),
    "order-ignored": (lambda: trend(ZIGZAG, LEVELS, margin=0.05), UNDECIDED, SUPPORTED),
    "theorem-by-its-median": (lambda: exact(CASES, "a", tolerance=1.0), REFUTED, SUPPORTED),
}
"""A verdict, as it is and as the mutant has it."""


def broken(name: str, patch: pytest.MonkeyPatch) -> None:
    """Break what the mutant breaks, wherever it is used."""
    for place in find(name).patched():
        patch.setattr(*place)


@pytest.mark.parametrize("name", TURNED)
def test_verdicts_turn(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is said, and back when the mutant is gone."""
    judged, whole, turned = TURNED[name]
    assert judged().outcome is whole
    with monkeypatch.context() as patch:
        broken(name, patch)
        assert judged().outcome is turned
    assert judged().outcome is whole


def test_intervals_too_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """By one order statistic at either end; where none bounds the median, none does."""
    ends = []
    for name in ("", "intervals-too-narrow"):
        with monkeypatch.context() as patch:
            if name:
                broken(name, patch)
            effects = [bound(about(a=0), "a", at_least=0.5), bound(few(), "a", at_least=0.5)]
            ends.append([(effect.effect.low, effect.effect.high) for effect in effects if effect.effect])
    assert ends == [[(SPREAD[2], SPREAD[-3]), (None, None)], [(SPREAD[3], SPREAD[-4]), (None, None)]]


def few() -> Samples:
    """Four seeds."""
    return Samples("number", "", {"a": SPREAD[:4]}, (0, 1, 2, 3))


def trusted(judge: judging.Judge) -> None:
    """A run that falls short of a precondition."""
    judge.given(about(a=0), at_least=0.04)
    judge.at_least(about(a=1), "a")


def unseen(judge: judging.Judge) -> None:
    """A sameness where no difference could have been seen."""
    judge.control(about(a=0), at_least=1.0)
    judge.same(about(a=1, b=1), "a", "b")


@pytest.mark.parametrize(
    ("name", "kind", "ask"), [("preconditions-ignored", "bound", trusted), ("controls-ignored", "same", unseen)]
)
def test_what_a_judge_ignores(
    name: str, kind: Any, ask: Callable[[judging.Judge], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Undecided as it is, and supported by the mutant."""
    for mutant, outcome in (("", UNDECIDED), (name, SUPPORTED)):
        if mutant:
            broken(mutant, monkeypatch)
        judge = judging.Judge(claim_of(kind), "T01")
        with suppress(judging.UndecidedError):
            ask(judge)
        assert judge.verdict is not None
        assert judge.verdict.outcome is outcome


def test_verdicts_say_nothing_of_what_a_claim_says() -> None:
    """All of these mutants are blunt, spoil nothing, and concern what is counted, or theorems."""
    found = [each for each in mutants().values() if each.target and each.target.__module__.split(".")[1] in JUDGES]
    assert {*TURNED, "intervals-too-narrow", "preconditions-ignored", "controls-ignored"} == {one.name for one in found}
    for mutant in found:
        assert (mutant.blunt, mutant.spoils) == (True, "nothing")
        concerned = [mutant.concerns(each) for each in (PLAN, KERNELS, Cases())]
        assert concerned == ([False, False, True] if mutant.name.startswith("theorem") else [True, True, False])


JUDGES = ("statistics", "judging")
