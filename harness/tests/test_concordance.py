"""The order of curves in two places: worked examples, Kendall's tau, and symmetries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from memorization_claims.errors import SettingError
from memorization_claims.measures.values.concordance import concordance, within_and_between


def test_one_exchange_of_neighbours_is_one_pair_of_three() -> None:
    """Of three curves, two change places: two pairs of three keep their order, and a tie counts one half."""
    assert concordance([1.0, 2.0, 3.0], [2.0, 1.0, 3.0]) == pytest.approx(2 / 3)
    assert concordance([1.0, 2.0], [5.0, 5.0]) == pytest.approx(0.5)
    assert concordance([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]) == 0.0


@settings(deadline=None)
@given(curves=st.integers(2, 8), seed=st.integers(0, 2**32))
def test_it_is_kendalls_tau_and_sees_the_order_alone(curves: int, seed: int) -> None:
    """Against SciPy, without ties; the same after any rising function, and the other way round."""
    a, b = np.random.default_rng(seed).normal(size=(2, curves))
    found = concordance(a, b)
    assert 2 * float(found) - 1 == pytest.approx(kendalltau(a, b).statistic)
    assert concordance(np.exp(a), b**3) == pytest.approx(found)
    assert concordance(b, a) == pytest.approx(found)
    assert concordance(-a, b) == pytest.approx(1 - found)


def test_nets_are_compared_with_others_only() -> None:
    """Two places in the opposite order, in each two nets of one order: all agrees within, nothing between."""
    up = np.arange(3.0)[:, None, None] + np.zeros((3, 2, 2))
    within, between = within_and_between(up, -up)
    assert within.tolist() == [1.0, 1.0]
    assert between.tolist() == [0.0, 0.0]


def test_times_are_averaged() -> None:
    """Two places in one order at the first of three times, and in the opposite one after it."""
    up = np.arange(3.0)[:, None, None, None] + np.zeros((3, 4, 2, 3))
    turned = up * np.array([1.0, -1.0, -1.0])
    within, between = within_and_between(up, turned)
    assert within.tolist() == [1.0] * 4
    np.testing.assert_allclose(between, [1 / 3] * 4)


@settings(deadline=None, max_examples=25)
@given(curves=st.integers(2, 6), seeds=st.integers(1, 4), seed=st.integers(0, 2**32))
def test_one_place_taken_twice_differs_from_itself_as_its_nets_do(curves: int, seeds: int, seed: int) -> None:
    """Then both shares are the same, however much the nets scatter; and so they are by a loop over pairs."""
    place = np.random.default_rng(seed).normal(size=(curves, seeds, 2))
    within, between = within_and_between(place, place)
    np.testing.assert_allclose(within, between)
    pairs = [(i, j) for i in range(curves) for j in range(i)]
    kept = [[(own[i, 0] > own[j, 0]) == (own[i, 1] > own[j, 1]) for i, j in pairs] for own in place.transpose(1, 0, 2)]
    np.testing.assert_allclose(within, np.mean(kept, axis=1))


def test_illegal_shapes_are_named() -> None:
    """Each with what is legal."""
    with pytest.raises(SettingError) as refused:
        concordance([1.0], [1.0])
    assert str(refused.value) == "heights have shapes (1,) and (1,); legal is the same, with 2 curves or more"
    with pytest.raises(SettingError) as refused:
        within_and_between(np.zeros((3, 2, 1)), np.zeros((3, 2, 1)))
    assert str(refused.value) == (
        "heights have shapes (3, 2, 1) and (3, 2, 1); legal is (curves, seeds, 2, ...), twice the same"
    )
