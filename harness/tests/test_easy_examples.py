"""Misclassification rates of examples, beside what a binomial distribution gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.measures.values.easy_examples import (
    binomial_rates,
    difficulty_dispersion,
    misclassification_rates,
)


def test_rates_of_known_examples() -> None:
    """Wrong in both nets, in one and in none, whatever their order; the middle of each third of Binomial(2, 1/2)."""
    right = np.array([[[True, False, False], [True, True, False]]])
    np.testing.assert_array_equal(misclassification_rates(right), [[1, 0.5, 0]])
    np.testing.assert_array_equal(binomial_rates(right), [[1, 0.5, 0]])


@given(share=st.floats(0.05, 0.95), seed=st.integers(0, 2**32))
def test_equally_hard_examples_lie_on_the_binomial_curve(share: float, seed: int) -> None:
    """Drawn with one rate, 2000 examples stray from it by less than a tenth, and neither curve rises."""
    right = np.random.default_rng(seed).random((1, 50, 2000)) < share
    curves = misclassification_rates(right)[0], binomial_rates(right)[0]
    np.testing.assert_allclose(*curves, atol=0.1)
    assert all((np.diff(curve) <= 0).all() for curve in curves)
    assert difficulty_dispersion(right) == pytest.approx(1, abs=0.25)


@given(seed=st.integers(0, 2**32))
def test_rates_are_those_of_a_loop(seed: int) -> None:
    """The share of nets that are wrong, example by example, sorted."""
    right = np.random.default_rng(seed).random((2, 3, 7)) < 0.5
    by_hand = [sorted((sum(not net[own] for net in run) / 3 for own in range(7)), reverse=True) for run in right]
    np.testing.assert_allclose(misclassification_rates(right), by_hand, atol=1e-12)
