"""What is recorded in a stage of training: worked examples, one evaluation at a time, and what cannot change it."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from memorization_claims.measures.courses.stages import log_between, log_growth, log_while, mean_between, mean_while

Array = NDArray[np.float64]
NAN = math.nan


def _course(seed: int, runs: int, nets: int, evaluations: int) -> tuple[Array, Array]:
    """Values and accuracies of nets that stop at some evaluation after the first."""
    generator = np.random.default_rng(seed)
    values, accuracies = generator.uniform(0.1, 9, (2, runs, nets, evaluations)) / [[[[1]]], [[[9]]]]
    ended = np.arange(evaluations) > generator.integers(0, evaluations, (runs, nets, 1))
    return np.where(ended, NAN, values), np.where(ended, NAN, accuracies)


def test_worked_stages() -> None:
    """The geometric mean of 1 and 4 is 2: by epochs, and by accuracies, whose upper end does not count."""
    values, accuracies = np.array([[[9.0, 1.0, 4.0, 9.0]]]), np.array([[[0.1, 0.5, 0.8, 0.9]]])
    epochs = np.array([0.0, 1.0, 1.5, 3.0])
    assert log_between(values, epochs, first=1, last=1.5).item() == pytest.approx(math.log(2))
    assert log_while(values, accuracies, epochs, at_least=0.5, below=0.9).item() == pytest.approx(math.log(2))
    late = log_while(values, accuracies, epochs, at_least=0.5, below=0.9, first=1.5)
    assert late.item() == pytest.approx(math.log(4))
    assert np.isnan(log_while(values, accuracies, epochs, at_least=0.0, below=0.5))


def test_a_stage_that_was_not_seen_and_a_value_of_zero() -> None:
    """No evaluation gives NaN, as does a net that has stopped; a value of 0 gives minus infinity."""
    values, epochs = np.array([[[1.0, 0.0, NAN], [1.0, 2.0, 3.0]]]), np.arange(3.0)
    np.testing.assert_array_equal(log_between(values, epochs, first=1, last=1), [[-math.inf, math.log(2)]])
    np.testing.assert_array_equal(log_between(values, epochs, first=2, last=2), [[NAN, math.log(3)]])
    assert np.isnan(log_while(values, np.zeros((1, 2, 3)), epochs, at_least=0.5, below=0.9)).all()


@given(
    seed=st.integers(0, 2**32),
    shape=st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 8)),
    low=st.floats(0, 1),
    width=st.floats(0, 1),
)
def test_both_agree_with_one_evaluation_at_a_time(
    seed: int, shape: tuple[int, int, int], low: float, width: float
) -> None:
    """The standard library's mean of the logarithms of the evaluations that count."""
    values, accuracies = _course(seed, *shape)
    epochs = np.arange(float(shape[2])) / shape[2]
    by_epoch = log_between(values, epochs, first=low, last=low + width)
    by_accuracy = log_while(values, accuracies, epochs, at_least=low, below=low + width, first=0)
    for place in np.ndindex(shape[:2]):
        seen = [k for k in range(shape[2]) if not math.isnan(values[place][k])]
        for found, chosen in (
            (by_epoch, [k for k in seen if low <= epochs[k] <= low + width]),
            (by_accuracy, [k for k in seen if low <= accuracies[place][k] < low + width]),
        ):
            expected = statistics.fmean(math.log(values[place][k]) for k in chosen) if chosen else NAN
            assert found[place] == pytest.approx(expected, nan_ok=True, abs=1e-12)


def test_means_of_the_values_themselves() -> None:
    """Of what log_between and log_while take the logarithms of; a value below 0 has none, and a mean all the same."""
    values, accuracies = np.array([[[9.0, -1.0, 4.0, NAN]]]), np.array([[[0.1, 0.5, 0.8, NAN]]])
    epochs = np.arange(4.0)
    assert mean_between(values, epochs, first=1, last=3).item() == pytest.approx(1.5)
    assert mean_while(values, accuracies, epochs, at_least=0.5, below=0.9).item() == pytest.approx(1.5)
    assert np.isnan(mean_while(values, accuracies, epochs, at_least=0.9, below=1.0))


def test_worked_growth() -> None:
    """From 2 after the first epoch to 6: log 3, whatever was before it; none where it only falls, or has stopped."""
    values = np.array([[[99.0, 2.0, 6.0, 3.0], [1.0, 4.0, 2.0, NAN], [1.0, 5.0, NAN, NAN]]])
    np.testing.assert_allclose(log_growth(values, np.arange(4.0)), [[math.log(3), 0, 0]])
    np.testing.assert_allclose(log_growth(values, np.arange(4.0), first=0), [[0, math.log(4), math.log(5)]])


@given(seed=st.integers(0, 2**32), factor=st.floats(0.01, 100))
def test_growth_has_no_unit(seed: int, factor: float) -> None:
    """A factor on all values changes nothing, and no course grows by less than nothing."""
    values = np.random.default_rng(seed).uniform(0.1, 9, (2, 3, 5))
    growth = log_growth(values, np.arange(5.0))
    np.testing.assert_allclose(log_growth(factor * values, np.arange(5.0)), growth, atol=1e-12)
    assert (growth >= 0).all()


@given(seed=st.integers(0, 2**32), factor=st.floats(0.01, 100))
def test_a_unit_adds_its_logarithm(seed: int, factor: float) -> None:
    """Differences between stages do not depend on the unit of what was recorded."""
    values, accuracies = _course(seed, 2, 2, 6)
    epochs = np.arange(6.0)
    np.testing.assert_allclose(
        log_while(factor * values, accuracies, epochs, at_least=0.2, below=0.9),
        math.log(factor) + log_while(values, accuracies, epochs, at_least=0.2, below=0.9),
        atol=1e-12,
    )


@given(seed=st.integers(0, 2**32), first=st.sampled_from([0.0, 1.0, 1.5, 3.0]))
def test_growth_by_a_loop(seed: int, first: float) -> None:
    """The highest of what is seen from the first evaluation that counts on, over what was seen then."""
    values = np.random.default_rng(seed).uniform(0.1, 9, (2, 2, 5))
    values[0, 0, 4:], values[1, 1, 3:] = NAN, NAN
    growth = log_growth(values, np.arange(5.0), first=first)
    begin = math.ceil(first)
    for place in np.ndindex((2, 2)):
        seen = [value for value in values[place][begin:].tolist() if not math.isnan(value)]
        expected = math.log(max(seen) / seen[0]) if seen else NAN
        assert growth[place] == pytest.approx(expected, nan_ok=True, abs=1e-12)
