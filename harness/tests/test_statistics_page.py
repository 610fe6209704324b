"""Page's exact test."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.statistics.page import page_p

ROWS = st.integers(3, 4).flatmap(
    lambda levels: st.lists(
        st.lists(st.integers(0, 3).map(float), min_size=levels, max_size=levels), min_size=1, max_size=3
    )
)


def by_enumeration(values: list[list[float]]) -> float:
    """The share of all orders within seeds whose L is at least the observed one, from SciPy's mid-ranks."""
    from scipy.stats import rankdata

    ranks = [rankdata(row) for row in values]
    place = np.arange(1, len(values[0]) + 1)
    observed = sum(float(row @ place) for row in ranks)
    per_seed = [[float(np.array(order) @ place) for order in itertools.permutations(row)] for row in ranks]
    sums = [sum(parts) for parts in itertools.product(*per_seed)]
    return sum(total >= observed for total in sums) / len(sums)


def test_perfect_order_has_one_chance_in_all_orders() -> None:
    """When every seed rises at every step, only one order in k! for each seed does as well."""
    assert page_p([[1, 2, 3, 4]] * 5) == pytest.approx(math.factorial(4) ** -5, rel=1e-12)
    assert page_p([[4, 3, 2, 1]] * 5) == 1.0


@pytest.mark.parametrize(("seeds", "levels"), [(3, 3), (12, 4), (12, 6), (20, 5)])
def test_without_ties_it_is_scipys(seeds: int, levels: int) -> None:
    """Without ties the p-value is that of SciPy's exact test."""
    from scipy.stats import page_trend_test

    values = np.random.default_rng(seeds).normal(size=(seeds, levels)) + 0.2 * np.arange(levels)
    assert page_p(values) == pytest.approx(page_trend_test(values, method="exact").pvalue, rel=1e-9)


@given(ROWS)
@settings(max_examples=40)
def test_with_ties_it_is_enumeration(values: list[list[float]]) -> None:
    """With ties the p-value is the share of all orders of each seed's own mid-ranks."""
    assert page_p(values) == pytest.approx(by_enumeration(values), rel=1e-9)


@given(ROWS, st.integers(0, 99))
def test_only_order_within_a_seed_matters(values: list[list[float]], seed: int) -> None:
    """Another scale for every seed and another order of the seeds leave the p-value as it is."""
    generator = np.random.default_rng(seed)
    rescaled = [
        [math.exp(v) * scale - 7 for v in row]
        for row, scale in zip(values, generator.uniform(1, 9, len(values)), strict=True)
    ]
    assert page_p(generator.permutation(np.array(rescaled))) == pytest.approx(page_p(values), rel=1e-9)


def test_saturated_levels_are_no_evidence() -> None:
    """Seeds whose values tie at every level give p = 1, and change nothing beside others."""
    rising = [[1.0, 2.0, 3.0]] * 4
    assert page_p([[1.0, 1.0, 1.0]] * 12) == 1.0
    assert page_p([*rising, [1.0, 1.0, 1.0]]) == pytest.approx(page_p(rising))


def test_illegal_values_say_what_is_legal() -> None:
    """Too few levels and values that are not finite are named."""
    with pytest.raises(SettingError, match=r"values have shape \(5, 2\): \(seeds, 3 to 10 levels\)"):
        page_p(np.ones((5, 2)))
    with pytest.raises(SettingError, match=r"values to rank must all be finite"):
        page_p([[1.0, 2.0, math.nan]])
