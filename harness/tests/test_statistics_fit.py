"""The binomial dispersion, and the verdict on it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from memorization_claims.errors import SettingError
from memorization_claims.statistics import Outcome, Samples, binomial_dispersion, fit, same


def dispersions(values: ArrayLike) -> Samples:
    """The dispersion of one condition at seeds 0, 1, ..."""
    array = np.asarray(values, dtype=np.float64)
    return Samples("dispersion", "", {"randX": array}, tuple(range(array.size)))


def test_worked_example() -> None:
    """Counts 0, 2, 4 of 4 have variance 4 where a binomial of mean 2 has 1; equal counts have none."""
    assert binomial_dispersion([0, 2, 4], 4) == 4.0
    assert binomial_dispersion([2, 2, 2], 4) == 0.0


@given(st.lists(st.integers(0, 20), min_size=2, max_size=30).filter(lambda c: 0 < sum(c) < 20 * len(c)))
def test_it_is_chi_squared_per_degree_of_freedom(counts: list[int]) -> None:
    """It is SciPy's chi-squared of the examples-by-outcome table over its degrees of freedom, in any order."""
    from scipy.stats import chi2_contingency

    array = np.array(counts)
    chi2 = chi2_contingency(np.stack([array, 20 - array]), correction=False)
    assert binomial_dispersion(counts, 20) == pytest.approx(chi2.statistic / chi2.dof, abs=1e-9)
    assert binomial_dispersion(counts[::-1], 20) == pytest.approx(binomial_dispersion(counts, 20))


def test_counts_without_a_binomial_spread_have_no_dispersion() -> None:
    """Where every example is always or never counted there is nothing to compare."""
    assert math.isnan(binomial_dispersion([0, 0, 0], 5))
    assert math.isnan(binomial_dispersion([5, 5], 5))


def test_malformed_counts_are_refused() -> None:
    """Counts outside the trials, too few examples and no trial are named."""
    with pytest.raises(SettingError, match=r"counts lie in \[0, 6\]: each must lie in \[0, 5\]"):
        binomial_dispersion([0, 6], 5)
    with pytest.raises(SettingError, match=r"shape \(1,\): one count for each of at least 2 examples is needed"):
        binomial_dispersion([3], 5)
    with pytest.raises(SettingError, match="trials = 0: must be at least 1"):
        binomial_dispersion([0, 0], 0)


def test_binomial_counts_are_supported_and_mixed_ones_refuted() -> None:
    """Counts that are binomial pass within 1.25; examples that differ in difficulty do not."""
    generator = np.random.default_rng(0)
    alike = [binomial_dispersion(generator.binomial(100, 0.9, size=1000), 100) for _ in range(12)]
    mixed = [binomial_dispersion(generator.binomial(100, generator.beta(9, 1, size=1000)), 100) for _ in range(12)]
    assert fit(dispersions(alike), "randX", margin=1.25).outcome is Outcome.SUPPORTED
    assert fit(dispersions(mixed), "randX", margin=1.25).outcome is Outcome.REFUTED


def test_effect_is_a_ratio() -> None:
    """Median and interval are ratios, the margin the ratio that was given, and the reason says so."""
    values = 1.1 * np.exp(0.01 * (np.arange(12) - 5.5))
    verdict = fit(dispersions(values), "randX", margin=1.25)
    said = "12 runs, 12 inside each end of 1/1.25 to 1.25 (12 decide); median 1.100 [1.062, 1.139]; p = 0.00024"
    assert verdict.because == said
    assert verdict.effect is not None
    assert verdict.effect.estimate == pytest.approx(1.1)
    assert [verdict.effect.low, verdict.effect.high] == pytest.approx([values[2], values[-3]])
    assert (verdict.effect.margin, verdict.effect.claimed) == (1.25, (0.8, 1.25))
    assert verdict.effect.by_seed == pytest.approx(values)


@given(st.lists(st.floats(0.2, 5), min_size=12, max_size=12))
def test_fit_is_same_on_logarithms(values: list[float]) -> None:
    """As many runs count as in an equivalence of the logs to 0, and for the inverse ratios."""
    verdict = fit(dispersions(values), "randX", margin=1.51)
    reference = same(dispersions(values).log(), "randX", 0.0, margin=math.log(1.51))
    inverse = fit(dispersions(1 / np.array(values)), "randX", margin=1.51)
    counts = [one.count for one in (verdict, reference, inverse)]
    assert len({(count.beyond, count.short, count.more) for count in counts if count}) == 1
    again = [count.replicates for count in counts if count]
    assert again == pytest.approx([again[0]] * 3)


@pytest.mark.parametrize("bad", [0.0, math.nan, math.inf])
def test_dispersion_without_a_logarithm_counts_for_neither(bad: float) -> None:
    """A seed whose ratio is zero or not finite."""
    verdict = fit(dispersions([1.0] * 4 + [bad] + [1.0] * 19), "randX", margin=1.25)
    assert verdict.count is not None
    assert (verdict.outcome, verdict.count.beyond, verdict.count.short) == (Outcome.SUPPORTED, 23, 0)


def test_margin_must_be_a_ratio_above_one() -> None:
    """A margin of 1 leaves no room for agreement."""
    with pytest.raises(SettingError, match="margin = 1: must be a finite number > 1"):
        fit(dispersions([1.0] * 12), "randX", margin=1)
