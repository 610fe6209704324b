"""Times that were not reached within the budget: lower bounds, and what may be concluded from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.judging import placebo
from memorization_claims.statistics import Outcome, Samples, Verdict, above, bound, interaction, same, trend
from memorization_claims.statistics.samples import FloatArray

SEEDS = 12
CONDITIONS = ("a", "b", "c", "d")
LEVELS = {"a": 0.0, "b": 0.5, "c": 1.0, "d": 4.0}
JUDGES: Mapping[str, Callable[[Samples], Verdict]] = {
    "above": lambda samples: above(samples, "a", "b", margin=0.5),
    "bound": lambda samples: bound(samples, "a", at_least=2.0),
    "bound from above": lambda samples: bound(samples, "a", at_most=2.0),
    "bound of a difference": lambda samples: bound(samples, "a", less="b", at_most=1.0),
    "interaction": lambda samples: interaction(samples, ("a", "b"), ("c", "d"), margin=0.5),
    "same": lambda samples: same(samples, "a", "b", margin=1.0),
    "trend": lambda samples: trend(samples, LEVELS, margin=0.5),
    "trend that falls": lambda samples: trend(samples, LEVELS, margin=0.5, rising=False),
}


def times(values: Mapping[str, FloatArray], *censored: str) -> Samples:
    """Times of which all of some conditions are censored."""
    return Samples("time", "epochs", values, tuple(range(SEEDS)), {each: np.ones(SEEDS, bool) for each in censored})


def drawn(seed: int) -> dict[str, FloatArray]:
    """Times of four conditions, apart by as much as they scatter or by far more."""
    generator = np.random.default_rng(seed)
    return {each: generator.choice([1.0, 2.0, 4.0]) + generator.uniform(size=SEEDS) for each in CONDITIONS}


@settings(deadline=None, max_examples=200)
@given(
    seed=st.integers(0, 10**6),
    kind=st.sampled_from(sorted(JUDGES)),
    censored=st.sets(st.sampled_from(CONDITIONS), min_size=1),
    beyond=st.sampled_from([0.0, 0.3, 5.0, 1e6]),
)
def test_no_verdict_could_be_overturned_by_what_was_not_seen(
    seed: int, kind: str, censored: set[str], beyond: float
) -> None:
    """Whatever the times behind the marks, what was supported or refuted with the marks is so without."""
    values, judge = drawn(seed), JUDGES[kind]
    verdict = judge(times(values, *censored))
    marks = np.random.default_rng(seed).uniform(size=(4, SEEDS)) * beyond
    behind = {each: own + (marks[at] if each in censored else 0) for at, (each, own) in enumerate(values.items())}
    if verdict.outcome is not Outcome.UNDECIDED:
        assert judge(times(behind)).outcome is verdict.outcome


def test_censoring_costs_no_verdict_that_it_cannot_touch() -> None:
    """A longer time makes "a takes longer" only truer, and "b takes longer" only falser."""
    values = {"a": 5 + np.arange(SEEDS) / 10, "b": np.ones(SEEDS)}
    verdict = above(times(values, "a"), "a", "b", margin=1.0)
    assert verdict.outcome is Outcome.SUPPORTED
    assert verdict.notes[0] == "12 of 24 values are lower bounds, not reached within the budget"
    assert above(times(values, "a"), "b", "a", margin=1.0).outcome is Outcome.REFUTED
    assert above(times(values, "b"), "a", "b", margin=1.0).outcome is Outcome.UNDECIDED


def test_a_run_counts_where_it_is_known_to_lie() -> None:
    """Of runs at their budget only those are lost that might lie beyond the level after all."""
    values = np.concatenate([np.full(3, 9.0), np.linspace(1, 2, SEEDS - 3)])
    marks = {"a": np.arange(SEEDS) < 3}
    for level, beyond, short in ((5.0, 3, 9), (10.0, 0, 9)):
        count = bound(Samples("time", "", {"a": values}, tuple(range(SEEDS)), marks), "a", at_least=level).count
        assert count is not None
        assert (count.beyond, count.short) == (beyond, short)


@pytest.mark.parametrize("censored", [2, 3])
def test_the_interval_ends_where_the_median_is_known_to_lie(censored: int) -> None:
    """The third of twelve from above bounds it unless it is a lower bound itself; from below all of them do."""
    values, marks = np.arange(1.0, SEEDS + 1), {"a": np.arange(SEEDS) >= SEEDS - censored}
    samples = Samples("time", "", {"a": values, "b": np.zeros(SEEDS)}, tuple(range(SEEDS)), marks)
    for verdict, ends in (
        (above(samples, "a", "b", margin=0.5), (3, 10 if censored < 3 else None)),
        (above(samples, "b", "a", margin=0.5), (-10 if censored < 3 else None, -3)),
    ):
        assert verdict.effect is not None
        assert (verdict.effect.low, verdict.effect.high) == ends
        assert ("open" in verdict.because) == (None in ends)


def test_a_bound_says_once_what_was_not_reached() -> None:
    """Each note stands in the record a single time."""
    verdict = bound(times({"a": 5 + np.arange(SEEDS) / 10}, "a"), "a", at_least=1.0)
    assert verdict.outcome is Outcome.SUPPORTED
    assert verdict.notes.count("12 of 12 values are lower bounds, not reached within the budget") == 1


def test_a_trend_up_to_the_budget() -> None:
    """Slow levels that never get there make the rise no smaller; a fast level that does not could undo it."""
    values = {"0": np.arange(SEEDS) / 10, "1": 2 + np.arange(SEEDS) / 9, "2": np.full(SEEDS, 6.0)}
    levels = {"0": 0.0, "1": 1.0, "2": 2.0}
    assert trend(times(values, "2"), levels, margin=1.0).outcome is Outcome.SUPPORTED
    assert trend(times(values, "0"), levels, margin=1.0).outcome is Outcome.UNDECIDED
    assert trend(times(values, "2"), levels, margin=1.0, rising=False).outcome is Outcome.REFUTED


def test_marks_go_where_their_values_go() -> None:
    """Logarithms, a choice of conditions and a placebo keep each mark at its value."""
    values = {"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}
    samples = Samples("time", "", values, (0, 1), {"a": np.array([True, False]), "b": np.zeros(2, bool)})
    assert list(samples.censored) == ["a"]
    assert samples.log().censored["a"].tolist() == [True, False]
    assert samples.only("b").censored == {}
    for number in range(20):
        exchanged = placebo.exchange(samples, f"T{number}")
        marked = {float(v) for each, marks in exchanged.censored.items() for v in exchanged[each][marks]}
        assert marked == {1.0}


def test_marks_for_what_is_not_there() -> None:
    """An unknown condition, and marks that are not one for each seed."""
    for marks in ({"b": np.array([True, False])}, {"a": np.array([True])}):
        with pytest.raises(SettingError, match=r"^marks of censoring for '.' have shape \(\d,\): one for each seed is"):
            Samples("time", "", {"a": np.array([1.0, 2.0])}, (0, 1), marks)
