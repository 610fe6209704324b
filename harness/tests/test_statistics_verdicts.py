"""Verdicts on differences: above, same, bound, trend, interaction, contested."""

import math
from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from memorization_claims.errors import SettingError
from memorization_claims.statistics import (
    Outcome,
    Samples,
    Verdict,
    above,
    bound,
    contested,
    interaction,
    same,
    trend,
    undecided,
)
from memorization_claims.statistics.trend import in_order

SUPPORTED, REFUTED, UNDECIDED = Outcome
# Twelve differences with mean and median 0 and standard deviation 1.
SCATTER = (np.arange(12) - 5.5) / math.sqrt(13)
LEVELS = {"none": 0.0, "half": 0.5, "full": 1.0}
Judge = Callable[[Samples], Verdict]


def measured(**values: ArrayLike) -> Samples:
    """Accuracies of these conditions at seeds 100, 101, ..."""
    arrays = {condition: np.asarray(array, dtype=np.float64) for condition, array in values.items()}
    return Samples("accuracy", "", arrays, tuple(range(100, 100 + len(next(iter(arrays.values()))))))


def apart(median: float, sd: float = 0.01) -> Samples:
    """Two conditions whose differences have this median and standard deviation over twelve seeds."""
    b = np.random.default_rng(0).uniform(size=12)
    return measured(a=b + median + sd * SCATTER, b=b)


def sloped(slope: float, sd: float = 0.01) -> Samples:
    """Three levels on lines whose slopes have this median and standard deviation over twelve seeds."""
    slopes = slope + sd * SCATTER
    return measured(**{condition: 0.3 + slopes * level for condition, level in LEVELS.items()})


@pytest.mark.parametrize(
    ("median", "outcome", "because"),
    [
        (0.3, SUPPORTED, "12 runs, 12 beyond the margin 0.1 (12 decide); median 0.300 [0.290, 0.310]; p = 0.00024"),
        (0.05, REFUTED, "12 runs, 12 short of the margin 0.1 (12 decide); median 0.050 [0.040, 0.060]; p = 0.00024"),
        (
            0.101,
            UNDECIDED,
            "12 runs, 6 beyond the margin 0.1 and 6 short of it (12 decide); median 0.101 [0.091, 0.111]",
        ),
    ],
)
def test_above_says_what_it_found(median: float, outcome: Outcome, because: str) -> None:
    """Runs beyond the margin support, runs short of it refute, some of each do neither."""
    verdict = above(apart(median), "a", "b", margin=0.1)
    assert (verdict.kind, verdict.outcome, verdict.because) == ("above", outcome, because)
    assert verdict.notes == ()


def test_above_sizes_the_effect() -> None:
    """The effect is the median of the paired differences, over their deviation, with an interval about it."""
    effect = above(apart(0.3, sd=0.05), "a", "b", margin=0.1).effect
    assert effect is not None
    name, unit, estimate, low, high, margin, standardized, by_seed, claimed = astuple(effect)
    assert (name, unit, margin, claimed) == ("accuracy: a - b", "", 0.1, (0.1, math.inf))
    assert estimate == pytest.approx(0.3)
    assert standardized == pytest.approx(6.0)
    assert (low, high) == (sorted(by_seed)[2], sorted(by_seed)[-3])
    assert np.median(by_seed) == estimate


def test_above_counts_runs_however_far_they_lie() -> None:
    """One run that lies a million times further on the other side weighs as much as any other."""
    values = np.full(24, 0.2) + 0.01 * np.arange(24)
    values[0] = -1e6
    verdict = above(measured(a=values, b=np.zeros(24)), "a", "b", margin=0.1)
    assert verdict.because == "24 runs, 23 beyond the margin 0.1 (21 decide); median 0.32 [0.26, 0.37]; p = 1.5e-06"


@given(st.lists(st.floats(-3, 3), min_size=12, max_size=12, unique=True), st.floats(0, 1))
def test_above_never_supports_both_directions(differences: list[float], margin: float) -> None:
    """Of a contested pair at most one is supported, and then the other is refuted."""
    samples = measured(a=differences, b=np.zeros(12))
    first, second = contested(samples, "a", "b", margin=margin), contested(samples, "b", "a", margin=margin)
    for one, other in ((first, second), (second, first)):
        assert one.kind == "contested"
        assert one.outcome is not SUPPORTED or other.outcome is REFUTED


@pytest.mark.parametrize(("median", "outcomes"), [(0.3, (SUPPORTED, REFUTED)), (0.0, (REFUTED, REFUTED))])
def test_contested_judges_both_directions(median: float, outcomes: tuple[Outcome, Outcome]) -> None:
    """A clear difference decides for one source, a difference below the margin against both."""
    sources = (("a", "b"), ("b", "a"))
    assert tuple(contested(apart(median), *source, margin=0.1).outcome for source in sources) == outcomes


@given(seed=st.integers(0, 2**32), margin=st.floats(0, 2))
def test_exchanged_conditions_favour_no_side(seed: int, margin: float) -> None:
    """What a placebo makes of a run beyond the margin is one short of it; the other way about it need not be."""
    a, b = np.random.default_rng(seed).standard_cauchy(size=(2, 24))
    one, other = (above(measured(a=x, b=y), "a", "b", margin=margin) for x, y in ((a, b), (b, a)))
    assert one.count is not None
    assert other.count is not None
    assert other.count.short >= one.count.beyond
    assert margin or (other.count.beyond, other.count.short) == (one.count.short, one.count.beyond)


@pytest.mark.parametrize(
    ("median", "outcome", "because"),
    [
        (
            0.02,
            SUPPORTED,
            "12 runs, 12 inside each end of ±0.1 (12 decide); median 0.020 [0.010, 0.030]; p = 0.00024",
        ),
        (0.3, REFUTED, "12 runs, 12 beyond one end of ±0.1 (12 decide); median 0.300 [0.290, 0.310]; p = 0.00049"),
        (-0.3, REFUTED, "12 runs, 12 beyond one end of ±0.1 (12 decide); median -0.300 [-0.310, -0.290]; p = 0.00049"),
        (
            0.101,
            UNDECIDED,
            "12 runs, 6 inside each end of ±0.1 and 6 beyond one end of it (12 decide); median 0.101 [0.091, 0.111]",
        ),
    ],
)
def test_same_says_what_it_found(median: float, outcome: Outcome, because: str) -> None:
    """Agreement can be supported, and disagreement on either side refutes it."""
    verdict = same(apart(median), "a", "b", margin=0.1)
    assert (verdict.kind, verdict.outcome, verdict.because) == ("same", outcome, because)


def test_same_asks_for_each_end_by_itself() -> None:
    """Two runs beyond one end and two beyond the other leave 22 of 24 inside of either; on one side, 20."""
    few = np.array([9, 9, -9, -9, *np.linspace(-0.5, 0.5, 20)])
    both = same(measured(a=few, b=np.zeros(24)), "a", "b", margin=1)
    one = same(measured(a=np.abs(few), b=np.zeros(24)), "a", "b", margin=1)
    assert both.count is not None
    assert one.count is not None
    assert (both.outcome, both.count.beyond, both.count.short) == (SUPPORTED, 22, 2)
    assert (one.outcome, one.count.beyond, one.count.short) == (UNDECIDED, 20, 4)


def test_same_is_not_refuted_by_runs_on_both_sides() -> None:
    """Runs that lie outside at random differ, but their median does not."""
    verdict = same(measured(a=np.tile([5.0, -5.0], 12), b=np.zeros(24)), "a", "b", margin=1)
    assert verdict.outcome is UNDECIDED


def test_same_as_a_constant_needs_no_spread() -> None:
    """Values that are chance in every seed agree with chance, and the other conditions are left out."""
    verdict = same(measured(a=[0.1] * 12, b=[0.9] * 12), "a", 0.1, margin=0.02)
    assert verdict.outcome is SUPPORTED
    assert verdict.effect is not None
    assert verdict.effect.name == "accuracy: a - 0.1"
    assert verdict.effect.standardized is None
    assert verdict.samples is not None
    assert list(verdict.samples.values) == ["a"]


@pytest.mark.parametrize(
    ("value", "levels", "outcome", "because"),
    [
        (
            1.0,
            {"at_least": 0.99},
            SUPPORTED,
            "12 runs, 12 above 0.99 (12 decide); median 1.000 [1.000, 1.000]; p = 0.00024",
        ),
        (
            0.9,
            {"at_least": 0.99},
            REFUTED,
            "12 runs, 12 below 0.99 (12 decide); median 0.900 [0.900, 0.900]; p = 0.00024",
        ),
        (
            0.9,
            {"at_most": 0.99},
            SUPPORTED,
            "12 runs, 12 below 0.99 (12 decide); median 0.900 [0.900, 0.900]; p = 0.00024",
        ),
        (
            1.0,
            {"at_most": 0.99},
            REFUTED,
            "12 runs, 12 above 0.99 (12 decide); median 1.000 [1.000, 1.000]; p = 0.00024",
        ),
        (1.0, {"at_least": 1.0}, UNDECIDED, "12 runs, 0 above 1 and 0 below it (12 decide); median 1.0 [1.0, 1.0]"),
    ],
)
def test_bound_says_what_it_found(value: float, levels: dict[str, Any], outcome: Outcome, because: str) -> None:
    """Values that are the same in every seed are decided by the side of the level that they lie on."""
    verdict = bound(measured(a=[value] * 12), "a", **levels)
    assert (verdict.kind, verdict.outcome, verdict.because) == ("bound", outcome, because)


def test_bound_keeps_the_median_and_standardises_the_distance() -> None:
    """The effect of a bound is the median itself, and its standardised size the distance to the level."""
    effect = bound(measured(a=0.5 + 0.1 * SCATTER), "a", at_most=0.8).effect
    assert effect is not None
    assert effect.estimate == pytest.approx(0.5)
    assert effect.standardized == pytest.approx(-3.0)
    assert (effect.margin, effect.claimed) == (0.8, (-math.inf, 0.8))


def test_bound_of_a_difference_is_above_with_a_level_for_a_margin() -> None:
    """With `less`, as many runs lie on either side."""
    samples = apart(0.101)
    difference, reference = bound(samples, "a", less="b", at_least=0.1), above(samples, "a", "b", margin=0.1)
    assert difference.count == reference.count


@pytest.mark.parametrize(("levels", "side"), [({"at_least": 0.99}, "below"), ({"at_most": 0.8}, "above")])
def test_bound_that_more_training_could_reach_is_not_refuted(levels: dict[str, Any], side: str) -> None:
    """Runs short of the level are told, and count for neither answer."""
    samples = measured(a=0.9 + 0.01 * SCATTER)
    assert bound(samples, "a", **levels).outcome is REFUTED
    verdict = bound(samples, "a", **levels, refutes=False)
    assert (verdict.outcome, verdict.p_refute) == (UNDECIDED, 1.0)
    level = next(iter(levels.values()))
    assert verdict.notes == (f"12 runs {side} {level}, which a longer training could change",)


@pytest.mark.parametrize(
    ("slope", "rising", "outcome", "said"),
    [
        (0.4, True, SUPPORTED, "12 runs, 12 beyond the margin 0.2 per unit of level (12 decide); median 0.400 "),
        (-0.4, False, SUPPORTED, "12 runs, 12 beyond the margin 0.2 per unit of level (12 decide); median 0.400 "),
        (-0.4, True, REFUTED, "12 runs, 12 short of the margin 0.2 per unit of level (12 decide); median -0.400 "),
        (0.1, True, REFUTED, "12 runs, 12 short of the margin 0.2 per unit of level (12 decide); median 0.100 "),
    ],
)
def test_trend_says_what_it_found(slope: float, rising: bool, outcome: Outcome, said: str) -> None:
    """Slopes beyond the margin in the claimed direction support, flatter or opposite ones refute."""
    verdict = trend(sloped(slope), LEVELS, margin=0.2, rising=rising)
    assert (verdict.kind, verdict.outcome) == ("trend", outcome)
    assert verdict.because.startswith(said)


@pytest.mark.parametrize("rising", [True, False])
def test_trend_takes_order_as_well_as_slope(rising: bool) -> None:
    """Runs that are steep though the first level beats the last are told, and count for neither."""
    levels = {"0": 0.0, "1": 1.0, "2": 2.0, "9": 9.0}
    first = np.where(np.arange(12) < 5, 6.0, 0.0)
    values = {"0": first, "1": np.zeros(12), "2": np.zeros(12), "9": 5 + 0.01 * SCATTER}
    sign = 1 if rising else -1
    verdict = trend(
        measured(**{each: sign * array for each, array in values.items()}), levels, margin=0.2, rising=rising
    )
    assert verdict.count is not None
    assert (verdict.outcome, verdict.count.beyond, verdict.count.short) == (UNDECIDED, 7, 0)
    name = "rise" if rising else "fall"
    assert verdict.notes == (f"5 runs {name} beyond the margin and out of order: they count for neither",)


@given(
    row=st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0]), min_size=4, max_size=4).filter(lambda row: len(set(row)) > 1),
    marks=st.lists(st.booleans(), min_size=4, max_size=4),
    behind=st.lists(st.floats(0, 9), min_size=4, max_size=4),
)
def test_order_is_a_rank_correlation(row: list[float], marks: list[bool], behind: list[float]) -> None:
    """SciPy's, with ties, is above 0; where values are lower bounds, it is so whatever they are."""
    from scipy.stats import spearmanr

    seen, censored = np.array(row), np.array(marks)
    correlation = spearmanr(range(4), row).statistic
    assert in_order(seen, np.zeros(4, bool)) == (correlation > 1e-9)
    if in_order(seen, censored):
        assert spearmanr(range(4), seen + censored * behind).statistic > 1e-9


def test_trend_slopes_are_numpys() -> None:
    """The median slope is that of straight lines fitted to each seed, whatever the order and spacing of the levels."""
    levels = {"c": 3.0, "a": -1.0, "d": 7.5, "b": 0.5}
    values = {
        condition: np.random.default_rng(len(condition)).normal(size=12) + level for condition, level in levels.items()
    }
    table = np.stack(list(values.values()))
    verdict = trend(measured(**values), levels, margin=0)
    assert verdict.effect is not None
    assert verdict.effect.estimate == pytest.approx(np.median(np.polyfit(list(levels.values()), table, 1)[0]))


def test_interaction_is_above_on_differences_of_differences() -> None:
    """As many runs lie on either side as for `above` between the two differences, seed by seed."""
    generator = np.random.default_rng(5)
    a1, b1, a2, b2 = generator.normal(size=(4, 12)) + np.array([[2.0], [0], [0.5], [0]])
    verdict = interaction(measured(a1=a1, b1=b1, a2=a2, b2=b2), ("a1", "b1"), ("a2", "b2"), margin=0.3)
    reference = above(measured(a=a1 - b1, b=a2 - b2), "a", "b", margin=0.3)
    assert verdict.count == reference.count
    assert verdict.effect is not None
    assert verdict.effect.name == "accuracy: (a1 - b1) - (a2 - b2)"


def test_precondition_that_failed_is_undecided() -> None:
    """What the caller found wrong before measuring becomes the reason."""
    verdict = undecided("bound", "the net did not fit", None)
    assert (verdict.outcome, verdict.because, verdict.samples) == (UNDECIDED, "the net did not fit", None)


@pytest.mark.parametrize(
    ("judge", "message"),
    [
        (lambda s: above(s, "a", "b", margin=-0.1), r"margin = -0.1: must be a finite number >= 0"),
        (lambda s: above(s, "a", "b", margin=math.nan), r"margin = nan: must be a finite number >= 0"),
        (lambda s: above(s, "a", "z", margin=0), r"no condition 'z'; there are 'a', 'b'"),
        (lambda s: same(s, "a", "b", margin=0), r"margin = 0: must be a finite number > 0"),
        (lambda s: same(s, "a", math.inf, margin=1), r"b = inf: must be a condition or a finite number"),
        (lambda s: bound(s, "a"), r"at_least = None, at_most = None: exactly one of them must be given"),
        (lambda s: bound(s, "a", at_least=0, at_most=1), r"at_least = 0, at_most = 1: exactly one"),
        (lambda s: bound(s, "a", at_least=math.nan), r"level = nan: must be finite"),
        (lambda s: trend(s, {"a": 0, "b": 1}, margin=0), r"2 levels: a trend takes 3 or more"),
        (lambda s: trend(s, {"a": 0, "b": 1, "c": 1}, margin=0), r"levels = .*: must be finite and all different"),
    ],
)
def test_illegal_settings_say_what_is_legal(judge: Judge, message: str) -> None:
    """A setting that no verdict can have is an error, not a verdict."""
    with pytest.raises(SettingError, match=message):
        judge(apart(0.1))
