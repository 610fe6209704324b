"""Misclassification rates of examples, beside what a binomial distribution gives."""

from __future__ import annotations

import statistics
from fractions import Fraction
from math import comb

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


def test_the_dispersion_of_known_examples() -> None:
    """Of four nets two examples are got right by all and two by none: variance 16/3 over a binomial's 1."""
    right = np.repeat([[[True, True, False, False]]], 4, axis=1)
    assert difficulty_dispersion(right) == pytest.approx([16 / 3])


@given(seed=st.integers(0, 2**32), nets=st.integers(2, 9), share=st.sampled_from([0.2, 0.5, 0.9]))
def test_dispersion_and_binomial_rates_are_those_of_fractions(seed: int, nets: int, share: float) -> None:
    """Exact variances, and quantiles by adding up a binomial until the level is reached."""
    right = np.random.default_rng(seed).random((1, nets, 7)) < share
    right[0, 0, 0], right[0, 0, 1] = True, False
    counts = [Fraction(int(right[0, :, own].sum())) for own in range(7)]
    rate = sum(counts) / 7 / nets
    assert difficulty_dispersion(right)[0] == pytest.approx(
        float(statistics.variance(counts) / (nets * rate * (1 - rate)))
    )
    found = (binomial_rates(right)[0] * nets).round().astype(int).tolist()
    chances = [comb(nets, k) * (1 - rate) ** k * rate ** (nets - k) for k in range(nets + 1)]
    for place, wrong in enumerate(found):
        level = 1 - (place + Fraction(1, 2)) / 7
        assert sum(chances[: wrong + 1]) >= level - Fraction(1, 10**9)
        assert sum(chances[:wrong]) < level + Fraction(1, 10**9)
