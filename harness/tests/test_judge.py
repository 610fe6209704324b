"""The judge: preconditions, one procedure a test, and what it leaves behind."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from memorization_claims.errors import SettingError
from memorization_claims.judging.claim import Claim, Kind, Margin
from memorization_claims.judging.judge import Judge, RefutedError, UndecidedError
from memorization_claims.judging.placebo import Placebo
from memorization_claims.plan.plan import Cases
from memorization_claims.statistics.looks import FIRST, Look, one_look
from memorization_claims.statistics.samples import FloatArray, Samples
from memorization_claims.statistics.verdict import Outcome
from memorization_claims.tests.toy_project import PAPER

SPREAD: FloatArray = np.arange(12, dtype=np.float64) % 5 - 2


def claim_of(kind: Kind, margin: float = 0.5) -> Claim:
    """A claim that a test may judge by this procedure."""
    return Claim(
        id="T01",
        says="It holds.",
        source=PAPER.at("nowhere"),
        kind=kind,
        refuted_by="its opposite",
        margin=Margin(margin, "as in the test"),
        fast=Cases(),
        fullscale=Cases(),
    )


def samples(**levels: float) -> Samples:
    """Twelve seeds with spread about these levels; the spread differs from condition to condition."""
    values = {name: level + 0.1 * np.roll(SPREAD, place) for place, (name, level) in enumerate(levels.items())}
    return Samples("number", "points", values, tuple(range(12)))


FOUR = samples(a=5.0, b=1.0, c=2.0, d=2.0)
PROCEDURES: dict[str, tuple[Kind, str, float, Samples, tuple[Any, ...]]] = {
    "above": ("above", "above", 0.5, FOUR, ("a", "b")),
    "same": ("same", "same", 0.5, FOUR, ("c", "d")),
    "same as a number": ("same", "same", 0.5, FOUR, ("c", 2.0)),
    "at_least": ("bound", "at_least", 4.0, FOUR, ("a",)),
    "at_most": ("bound", "at_most", 6.0, FOUR, ("a",)),
    "trend": ("trend", "trend", 0.5, FOUR, ({"b": 0.0, "c": 1.0, "a": 2.0},)),
    "interaction": ("interaction", "interaction", 0.5, FOUR, (("a", "b"), ("c", "d"))),
    "fit": ("fit", "fit", 1.5, samples(a=1.0), ("a",)),
    "exact": ("exact", "exact", 0.5, samples(a=1.0), (2.0,)),
    "contested": ("contested", "contested", 0.5, FOUR, ("a", "b")),
}


@pytest.mark.parametrize("name", PROCEDURES)
def test_every_procedure_can_support(name: str) -> None:
    """Each hands the claim's margin to its statistics and keeps the verdict."""
    kind, method, margin, given, arguments = PROCEDURES[name]
    judge = Judge(claim_of(kind, margin), "T01")
    getattr(judge, method)(given, *arguments)
    assert judge.verdict is not None
    assert judge.verdict.outcome is Outcome.SUPPORTED
    assert judge.verdict.kind == kind


def test_a_refuted_claim_ends_its_test() -> None:
    """The exception carries the verdict and its reason."""
    judge = Judge(claim_of("above"), "T01")
    with pytest.raises(RefutedError, match="12 short of the margin") as ended:
        judge.above(FOUR, "b", "a")
    assert ended.value.verdict is judge.verdict
    assert str(ended.value) == ended.value.verdict.because


def test_too_few_seeds_say_how_many_it_takes() -> None:
    """Five seeds cannot reach the level, however large the effect."""
    few = Samples("number", "", {"a": 9 + SPREAD[:5], "b": np.zeros(5)}, tuple(range(5)))
    with pytest.raises(UndecidedError, match=r"^5 runs decide nothing at this level"):
        Judge(claim_of("above"), "T01", look=Look(one_look(5))).above(few, "a", "b")


def test_a_precondition_that_fails() -> None:
    """It takes runs from either answer, and is told with its numbers where that leaves the claim undecided."""
    uneven = Samples("number", "", {"a": 5 + SPREAD, "b": 0.3 * SPREAD[::-1]}, tuple(range(12)))
    judge = Judge(claim_of("above"), "T01[part]")
    judge.given(uneven, "a", at_least=4.0)
    message = (
        "precondition failed at 3 of 12 runs, which count for neither answer: number of 'a' should be at least 4, "
        "and is 3 at its lowest"
    )
    with pytest.raises(UndecidedError, match=f"; {re.escape(message)}$"):
        judge.above(uneven, "a", "b")
    assert judge.verdict is not None
    assert judge.verdict.count is not None
    assert (judge.verdict.count.beyond, judge.verdict.count.short, judge.verdict.count.more) == (9, 0, 24)
    assert judge.verdict.to_dict()["samples"].keys() == {"a", "b"}


def test_runs_that_fall_short_refute_nothing() -> None:
    """Where no run did what is taken for granted, none counts, and there is no use in further ones."""
    judge = Judge(claim_of("above"), "T01")
    judge.given(FOUR, "a", at_least=100.0)
    with pytest.raises(UndecidedError, match="precondition failed at 12 of 12 runs"):
        judge.above(FOUR, "b", "a")
    assert judge.verdict is not None
    assert judge.verdict.count is not None
    assert (judge.verdict.count.beyond, judge.verdict.count.short, judge.verdict.count.more) == (0, 0, None)


def test_a_verdict_survives_a_run_that_fell_short() -> None:
    """One of 24 is too few to take it away, and is told beside the verdict."""
    spread: FloatArray = 0.1 * (np.arange(24, dtype=np.float64) % 5 - 2)
    many = Samples("number", "", {"a": 5 + spread, "b": 1 + spread[::-1]}, tuple(range(24)))
    fitted = Samples("accuracy", "", {"a": np.where(np.arange(24) == 7, 0.5, 1.0)}, tuple(range(24)))
    judge = Judge(claim_of("above"), "T01", look=FIRST.next)
    judge.given(fitted, at_least=0.99)
    judge.above(many, "a", "b")
    assert judge.verdict is not None
    assert judge.verdict.outcome is Outcome.SUPPORTED
    assert judge.verdict.count is not None
    assert judge.verdict.count.beyond == 23
    assert judge.verdict.notes[0].startswith("precondition failed at 1 of 24 runs")


def test_looking_again_forgets_the_look_before() -> None:
    """The verdict, and the runs that fell short; the next look has more runs."""
    judge = Judge(claim_of("above"), "T01")
    judge.given(FOUR, "a", at_least=5.0)
    with pytest.raises(UndecidedError):
        judge.above(FOUR, "a", "b")
    judge.look_again()
    assert (judge.verdict, judge.look.runs, judge.look.unfit) == (None, 24, frozenset())


def test_a_precondition_that_is_not_a_number_fails() -> None:
    """What cannot be compared with the level has not reached it."""
    broken = Samples("number", "", {"a": np.full(12, np.nan)}, tuple(range(12)))
    judge = Judge(claim_of("above"), "T01")
    judge.given(broken, at_least=0.0)
    with pytest.raises(UndecidedError, match="precondition failed"):
        judge.above(FOUR, "a", "b")


def test_a_precondition_that_holds_changes_nothing() -> None:
    """The level itself is enough."""
    judge = Judge(claim_of("above"), "T01")
    judge.given(FOUR, "a", at_least=4.8)
    judge.above(FOUR, "a", "b")
    assert judge.verdict is not None
    assert judge.verdict.outcome is Outcome.SUPPORTED


def test_a_claim_is_judged_by_what_it_declares() -> None:
    """Another procedure than that which the claim names is a mistake of the test."""
    judge = Judge(claim_of("same"), "T01[x]")
    with pytest.raises(TypeError, match=r"^T01\[x\] declares itself 'same' and is judged by 'above'$"):
        judge.above(FOUR, "a", "b")
    assert judge.verdict is None


def test_a_claim_is_judged_once() -> None:
    """A second verdict is an error, and the message says what to do."""
    judge = Judge(claim_of("above"), "T01")
    judge.above(FOUR, "a", "b")
    with pytest.raises(TypeError, match=r"^T01 is judged twice; write one test for each verdict$"):
        judge.above(FOUR, "a", "b")


def test_what_cannot_be_judged() -> None:
    """A reason found before any number ends undecided, without effect or samples."""
    judge = Judge(claim_of("above"), "T01")
    with pytest.raises(UndecidedError, match=r"^a run diverged$"):
        judge.undecidable("a run diverged")
    assert judge.verdict is not None
    assert judge.verdict.effect is None
    assert judge.verdict.samples is None


def test_under_a_placebo_the_judge_exchanges() -> None:
    """A strongly true claim is no longer supported, and preconditions still see the conditions as they are."""
    judge = Judge(claim_of("above"), "T01", Placebo())
    judge.given(FOUR, "a", at_least=4.0)
    with pytest.raises((UndecidedError, RefutedError), match="margin"):
        judge.above(FOUR, "a", "b")


def test_in_an_aa_test_the_judge_looks_at_pairs() -> None:
    """Half as many as there are runs; a run that does not fit takes its pair with it."""
    high: FloatArray = 5 + np.arange(24, dtype=np.float64)
    both = Samples("number", "points", {"a": high, "b": 0 * high}, tuple(range(24)))
    judge = Judge(claim_of("above"), "T01", Placebo(same=True), Look(one_look(24)))
    judge.given(both, "a", at_least=6.0)
    with pytest.raises((UndecidedError, RefutedError)):
        judge.above(both, "a", "b")
    assert judge.verdict is not None
    assert judge.verdict.count is not None
    assert (judge.verdict.count.runs, judge.verdict.count.needed) == (12, 12)
    assert judge.verdict.count.beyond + judge.verdict.count.short == 11


NONE = samples(a=1.0, b=1.0, c=5.0, d=0.0)
"""No difference between a and b; c lies above 4 and d does not."""


def test_a_refutation_counts_where_a_control_is_seen() -> None:
    """That there is no difference is an answer if one could have been seen, and none if not."""
    judge = Judge(claim_of("above"), "T01")
    judge.control(NONE, "c", at_least=4.0)
    with pytest.raises(RefutedError):
        judge.above(NONE, "a", "b")
    judge = Judge(claim_of("above"), "T01")
    judge.control(NONE, "c", "d", at_least=4.0)
    unseen = r"in 12 of 12 runs an effect could not have been seen, .*: number of 'd' should lie above 4, and is "
    with pytest.raises(UndecidedError, match=unseen):
        judge.above(NONE, "a", "b")
    assert judge.verdict is not None
    assert judge.verdict.count is not None
    assert judge.verdict.count.more is None
    assert (judge.verdict.count.short, judge.verdict.count.seen) == (0, 0)


@pytest.mark.parametrize(("kind", "method", "arguments"), [("same", "same", ("a", "b")), ("bound", "at_most", ("a",))])
def test_a_sameness_counts_where_a_control_is_seen(kind: Kind, method: str, arguments: tuple[str, ...]) -> None:
    """That nothing differs, or that there is no more than a little, is what a blind measure says too."""
    judge = Judge(claim_of(kind, 2.0), "T01")
    judge.control(NONE, "d", at_least=4.0)
    with pytest.raises(UndecidedError, match="in 12 of 12 runs an effect could not have been seen"):
        getattr(judge, method)(NONE, *arguments)
    judge = Judge(claim_of(kind, 2.0), "T01")
    judge.control(NONE, "c", at_least=4.0)
    getattr(judge, method)(NONE, *arguments)
    assert judge.verdict is not None
    assert judge.verdict.outcome is Outcome.SUPPORTED


def test_what_is_seen_needs_no_control() -> None:
    """A difference that is there could be seen, and no run is left out for a control."""
    judge = Judge(claim_of("above"), "T01")
    judge.control(FOUR, "b", at_least=4.0)
    judge.above(FOUR, "a", "b")
    assert judge.verdict is not None
    assert judge.verdict.count is not None
    assert (judge.verdict.outcome, judge.verdict.count.beyond) == (Outcome.SUPPORTED, 12)


def test_a_control_that_is_open_asks_for_more_runs() -> None:
    """A refutation waits for it; the next look begins without it."""
    values = {name: NONE[name] for name in ("a", "b")} | {"c": np.where(np.arange(12) < 2, 3.0, 5.0)}
    judge = Judge(claim_of("above"), "T01")
    judge.control(Samples("number", "points", values, tuple(range(12))), "c", at_least=4.0)
    with pytest.raises(UndecidedError):
        judge.above(NONE, "a", "b")
    assert judge.verdict is not None
    assert judge.verdict.count is not None
    assert judge.verdict.count.more == 24
    assert (judge.verdict.count.short, judge.verdict.count.seen) == (10, 10)
    judge.look_again()
    assert (judge.look.unseen, judge._unseen) == (None, [])


def test_that_nothing_is_there_is_to_be_seen_in_the_runs_that_say_so() -> None:
    """Else it might be refuted by runs in which nothing could be seen, beside others that show the effect."""
    place = np.arange(192)
    values = {"a": np.where(place < 123, 0.0, 9.0), "b": np.zeros(192), "c": np.where(place < 69, 0.0, 9.0)}
    judge = Judge(claim_of("above"), "T01", look=Look(one_look(192)))
    judge.control(Samples("number", "points", values, tuple(range(192))), "c", at_least=4.0)
    with pytest.raises(UndecidedError):
        judge.above(Samples("number", "points", values, tuple(range(192))), "a", "b")
    assert judge.verdict is not None
    assert judge.verdict.count is not None
    count = judge.verdict.count
    assert (count.beyond, count.short, count.seen, count.needed) == (69, 54, 123, 120)


def test_an_aa_test_asks_for_controls_of_both_runs_of_a_pair() -> None:
    """A control that is seen in half of the runs is not seen in most pairs."""
    seeds = tuple(range(24))
    values = {"a": np.ones(24), "b": np.ones(24), "c": np.where(np.arange(24) % 2, 5.0, 3.0)}
    judge = Judge(claim_of("above"), "T01", Placebo(same=True), Look(one_look(24)))
    judge.control(Samples("number", "points", values, seeds), "c", at_least=4.0)
    noise = np.random.default_rng(0).normal(scale=0.01, size=24)
    with pytest.raises(UndecidedError, match="in 12 of 24 runs an effect could not have been seen"):
        judge.above(Samples("number", "points", {"a": noise, "b": -noise}, seeds), "a", "b")
    assert judge.verdict is not None
    assert judge.verdict.count is not None
    assert judge.verdict.count.runs == 12
    assert judge.verdict.count.seen is not None
    assert judge.verdict.count.short == judge.verdict.count.seen < 6


def test_a_control_of_nothing_is_refused() -> None:
    """At once, and not only where a verdict asks for it."""
    judge = Judge(claim_of("above"), "T01")
    with pytest.raises(SettingError, match=r"^no condition 'e'; there are 'a', 'b', 'c', 'd'"):
        judge.control(FOUR, "e", at_least=4.0)
