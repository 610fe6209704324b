"""The statistics against those of SciPy and statsmodels, and how often intervals hold what is true, by simulation."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, linregress, quantile_test
from statsmodels.stats.descriptivestats import sign_test
from statsmodels.stats.proportion import binom_test, proportion_confint

from memorization_claims.statistics import Outcome, Samples, Verdict, bound
from memorization_claims.statistics.event import event, interval
from memorization_claims.statistics.looks import FIRST, Look, one_look
from memorization_claims.statistics.rated import Rated, RateLook, looks
from memorization_claims.statistics.rates.verdicts import LAWS
from memorization_claims.statistics.trend import least_squares_slopes

MISS = 0.05
"""How often an interval may leave out what is true, over all looks."""
RUNS = st.integers(1, 200)


def samples(values: np.ndarray) -> Samples:
    """A number for each seed."""
    return Samples("x", "", {"a": values}, tuple(range(len(values))))


@settings(max_examples=25)
@given(runs=RUNS, count=st.integers(0, 200), rate=st.floats(0.02, 0.98))
def test_tails_of_a_count_are_those_of_binomial_tests(runs: int, count: int, rate: float) -> None:
    """Of a single look, for any rate of an event and for a half, which other claims are held against."""
    count = min(count, runs)
    rated = RateLook(Rated(rate, (runs,)))
    found = rated.p_values(count, runs - count)
    expected = [binom_test(count, runs, rate, alternative) for alternative in ("larger", "smaller")]
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-12)
    assert Look(one_look(runs)).p_value(count) == pytest.approx(binom_test(count, runs, 0.5, "larger"), rel=1e-6)


@settings(max_examples=25)
@given(values=st.lists(st.integers(-3, 3), min_size=11, max_size=60), level=st.sampled_from([-1.0, 0.0, 0.5]))
def test_a_verdict_at_a_single_look_is_a_sign_test(values: list[int], level: float) -> None:
    """Where no run lies on the level, the smaller of both p-values is half of the sign test's."""
    array = np.array([value for value in values if value != level], dtype=float)
    if len(array) < 11 or np.ptp(array) == 0:
        return
    found = bound(samples(array), "a", at_least=level)
    assert found.p_support is not None
    assert found.p_refute is not None
    assert min(1, 2 * min(found.p_support, found.p_refute)) == pytest.approx(sign_test(array, level)[1], rel=1e-6)


@settings(max_examples=25)
@given(runs=RUNS, count=st.integers(0, 200), miss=st.sampled_from([0.05, 0.01, 0.05 / 7]))
def test_the_interval_of_a_rate_is_clopper_and_pearsons(runs: int, count: int, miss: float) -> None:
    """By quantiles of beta laws, where ours looks for the rate at which the tail turns."""
    count = min(count, runs)
    expected = proportion_confint(count, runs, miss, method="beta")
    assert interval(count, runs, miss=miss) == pytest.approx(expected, abs=1e-8)


@settings(max_examples=25)
@given(runs=st.integers(1, 200), seed=st.integers(0, 2**32))
def test_the_interval_of_a_median_stands_at_scipys_order_statistics(runs: int, seed: int) -> None:
    """Of a single look; too few runs have no interval."""
    values = np.random.default_rng(seed).normal(size=runs)
    effect = bound(samples(values), "a", at_least=0.0).effect
    low, high = quantile_test(values, q=0, p=0.5).confidence_interval(0.95)
    assert effect is not None
    found = [math.nan if end is None else end for end in (effect.low, effect.high)]
    assert found == pytest.approx([low, high], nan_ok=True)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), levels=st.integers(3, 7))
def test_slopes_are_those_of_a_regression(seed: int, levels: int) -> None:
    """One row at a time."""
    places, rows = np.random.default_rng(seed).normal(size=(2, 4, levels))
    expected = [linregress(places[0], row).slope for row in rows]
    assert least_squares_slopes(rows, places[0]) == pytest.approx(expected)


def medians_missed(law: str, level: float, claims: int) -> int:
    """How many claims end, at whichever look, with an interval that leaves out their median, which is 0."""
    missed = 0
    for values in LAWS[law](np.random.default_rng(700_000), (claims, FIRST.schedule.looks[-1])):
        look: Look | None = FIRST
        while look:
            verdict = bound(samples(values[: look.runs]), "a", at_least=level, look=look)
            look = look.next if verdict.count and verdict.count.more else None
        low, high = (verdict.effect.low, verdict.effect.high) if verdict.effect else (None, None)
        missed += (low is not None and low > 0) or (high is not None and high < 0)
    return missed


def rates_missed(truth: float, stated: float, claims: int) -> int:
    """How many claims about the rate of an event end with an interval that leaves out the rate."""
    rated = Rated(stated, looks(192))

    @cache
    def judged(count: int, place: int) -> Verdict:
        happened = (np.arange(rated.looks[place]) < count).astype(float)
        return event(samples(happened), "a", at_least=stated, look=RateLook(rated, place))

    missed = 0
    for happened in np.random.default_rng(700_000).random((claims, rated.looks[-1])) < truth:
        place = 0
        while (verdict := judged(int(happened[: rated.looks[place]].sum()), place)).outcome is Outcome.UNDECIDED:
            if not (verdict.count and verdict.count.more):
                break
            place += 1
        assert verdict.effect is not None
        assert verdict.effect.low is not None
        assert verdict.effect.high is not None
        missed += not verdict.effect.low <= truth <= verdict.effect.high
    return missed


@pytest.mark.parametrize("law", ["normal", "exponential, long tail above"])
def test_intervals_of_a_median_hold_it(law: str) -> None:
    """As often as is stated, whenever the claim is decided: here most are looked at to the end."""
    assert medians_missed(law, 0.0, 100) <= binom.ppf(0.9999, 100, MISS)


def test_intervals_of_a_rate_hold_it() -> None:
    """Likewise."""
    assert rates_missed(0.6, 0.6, 100) <= binom.ppf(0.9999, 100, MISS)


@pytest.mark.long
@pytest.mark.parametrize("level", [0.0, -0.4])
@pytest.mark.parametrize("law", LAWS)
def test_intervals_of_a_median_hold_it_under_each_law(law: str, level: float) -> None:
    """On the level and some way beyond it, where claims are decided at any look."""
    assert medians_missed(law, level, 1000) <= binom.ppf(0.9999, 1000, MISS)


@pytest.mark.long
@pytest.mark.parametrize("truth", [0.03, 0.3, 0.7, 0.9, 0.99])
@pytest.mark.parametrize("stated", [0.5, 0.9])
def test_intervals_of_any_rate_hold_it(truth: float, stated: float) -> None:
    """Whatever rate is stated."""
    assert rates_missed(truth, stated, 4000) <= binom.ppf(0.9999, 4000, MISS)
