"""How unequal sensitivities are: closed forms, all pairs one by one, and what cannot change it."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from memorization_claims.errors import SettingError
from memorization_claims.measures.loss_sensitivity.disparity import (
    averages,
    disparity,
    disparity_course,
    disparity_once_learned,
    gini,
    own_and_other,
    own_class_excess,
    share_as_sensitive,
)

VALUES = arrays(np.float64, st.integers(1, 12), elements=st.floats(0.01, 100))


def test_equality_and_possession_of_all() -> None:
    """Nothing where all are equal, (n - 1)/n where one has all, a third for one to three and no number for nothing."""
    assert gini(np.full(7, 3.0)) == pytest.approx(0)
    assert gini(np.array([0.0, 0.0, 0.0, 5.0])) == pytest.approx(0.75)
    assert gini(np.array([1.0, 3.0])) == pytest.approx(0.25)
    assert np.isnan(gini(np.zeros(3)))


@given(values=VALUES)
def test_gini_is_half_the_mean_difference_over_the_mean(values: np.ndarray) -> None:
    """Over all pairs of a loop, each with itself too."""
    pairs = [abs(one - other) for one, other in product(values, values)]
    assert gini(values) == pytest.approx(math.fsum(pairs) / len(pairs) / 2 / values.mean(), abs=1e-12)


@given(values=VALUES, factor=st.floats(0.1, 10), data=st.data())
def test_neither_scale_nor_order_nor_repetition_enters(values: np.ndarray, factor: float, data: st.DataObject) -> None:
    """And it lies between 0 and 1."""
    found = gini(values)
    shuffled = np.array(data.draw(st.permutations(list(values))))
    assert gini(factor * shuffled) == pytest.approx(float(found), abs=1e-12)
    assert gini(np.repeat(values, 3)) == pytest.approx(float(found), abs=1e-12)
    assert -1e-12 <= found < 1


@pytest.mark.parametrize("values", [np.zeros((2, 0)), np.array([1.0, -1.0])])
def test_values_without_a_gini_coefficient(values: np.ndarray) -> None:
    """The message holds the shape, the least value and what is legal."""
    with pytest.raises(SettingError) as told:
        gini(values)
    least = min(0, *values.ravel()) if values.size else 0
    assert str(told.value) == f"values of shape {values.shape}, least {least:g}: need 1 or more, each >= 0"


def test_sensitivities_are_averaged_before_they_are_compared() -> None:
    """Two examples that take turns are equal in the end; the course begins with the first of them alone."""
    turns, epochs = np.array([[1.0, 0.0], [0.0, 1.0]])[None, None], np.arange(3.0)
    np.testing.assert_allclose(disparity_course(turns, epochs), [[[0.5, 0.0]]])
    np.testing.assert_allclose(disparity(turns, epochs), [[0.0]])


def test_a_value_stands_for_the_time_since_the_one_before() -> None:
    """Of 4 and 1 after one epoch and after four, the average is that over four epochs, 7/4."""
    np.testing.assert_allclose(averages(np.array([[[4.0, 1.0]]]), np.array([0.0, 1.0, 4.0])), [[[4.0, 1.75]]])


@given(
    values=arrays(np.float64, (1, 2, 3, 4), elements=st.floats(0.01, 100)),
    lengths=st.lists(st.integers(1, 4), min_size=3, max_size=3),
)
def test_rare_records_count_as_often_as_they_stand_for(values: np.ndarray, lengths: list[int]) -> None:
    """As if each had been recorded anew after every epoch for which it stands."""
    every = np.repeat(values, lengths, axis=2)
    epochs = np.concatenate([[0.0], np.cumsum(lengths)])
    expected = every.mean(axis=2)
    np.testing.assert_allclose(averages(values, epochs)[:, :, -1], expected)
    np.testing.assert_allclose(disparity(values, epochs), gini(expected), atol=1e-12)


@given(values=arrays(np.float64, (2, 3, 4, 5), elements=st.floats(0.01, 100)))
def test_the_course_ends_at_the_disparity(values: np.ndarray) -> None:
    """Of every run and net."""
    epochs = np.array([0.0, 0.5, 1.0, 3.0, 5.0])
    np.testing.assert_allclose(disparity_course(values, epochs)[..., -1], disparity(values, epochs), atol=1e-12)


def test_nets_are_compared_when_they_have_learned_as_much() -> None:
    """One gets there after the first epoch, one after the second and one never; the start is no time to be there."""
    turns = np.tile(np.array([[1.0, 0.0], [0.0, 1.0]]), (1, 3, 1, 1))
    accuracy = np.array([[[0.1, 0.6, 0.4], [0.9, 0.4, 0.5], [0.1, 0.2, 0.3]]])
    found = disparity_once_learned(turns, accuracy, np.arange(3.0), level=0.5)
    np.testing.assert_allclose(found, [[0.5, 0.0, np.nan]])


def test_the_share_above_the_median_of_another_set() -> None:
    """Of 1, 3 and 5 two are above the median of 0, 2 and 9; of a set about its own median, half."""
    one, other, epochs = (np.array(values)[None, None, None] for values in ([1.0, 3, 5], [0.0, 2, 9], [0.0, 1]))
    np.testing.assert_allclose(share_as_sensitive(one, other, epochs.ravel()), [[2 / 3]])
    even = np.arange(10.0)[None, None, None]
    np.testing.assert_allclose(share_as_sensitive(even, even, np.array([0.0, 1.0])), [[0.5]])


def test_own_class_and_others() -> None:
    """Of a matrix with 4 on the diagonal and 1 elsewhere, averaged with one of 0 and 1: 2 against 1."""
    one, other = np.full((3, 3), 1.0), np.full((3, 3), 1.0)
    np.fill_diagonal(one, 4.0)
    np.fill_diagonal(other, 0.0)
    matrices = np.stack([one, other])[None, None]
    own, others = own_and_other(matrices, np.arange(3.0))
    np.testing.assert_allclose(np.exp([own, others]), [[[2.0]], [[1.0]]])
    np.testing.assert_allclose(own_class_excess(matrices, np.arange(3.0)), [[math.log(2)]])
    np.testing.assert_allclose(own_class_excess(matrices, np.arange(3.0), until=0.5), [[math.log(4)]])
    np.testing.assert_allclose(own_class_excess(matrices, np.arange(3.0), until=0.1), [[math.log(4)]])


def test_classes_that_depend_on_no_example() -> None:
    """An excess that is not a number where nothing was learned, infinite where a class depends on its own alone."""
    matrices = np.stack([np.zeros((1, 1, 3, 3)), np.eye(3)[None, None]])
    np.testing.assert_array_equal(own_class_excess(matrices, np.arange(2.0)), [[np.nan], [np.inf]])


@given(values=arrays(np.float64, (1, 2, 3, 4, 4), elements=st.floats(0.01, 100)), factor=st.floats(0.1, 10))
def test_the_excess_has_no_unit(values: np.ndarray, factor: float) -> None:
    """It is that of a loop over cells, and does not depend on the level of sensitivity."""
    cells = values.mean(axis=2)
    by_hand = [
        math.log(np.mean([net[i, i] for i in range(4)]))
        - math.log(np.mean([net[i, j] for i, j in product(range(4), range(4)) if i != j]))
        for net in cells[0]
    ]
    np.testing.assert_allclose(own_class_excess(factor * values, np.arange(4.0))[0], by_hand, atol=1e-10)


@given(
    values=arrays(np.float64, (1, 2, 3, 5), elements=st.floats(0.01, 100)),
    others=arrays(np.float64, (1, 2, 3, 4), elements=st.floats(0.01, 100)),
    accuracy=arrays(np.float64, (1, 2, 4), elements=st.floats(0, 1)),
)
def test_comparisons_are_those_of_a_loop(values: np.ndarray, others: np.ndarray, accuracy: np.ndarray) -> None:
    """At the first moment at which a net has learned as much; and counted above the other set's middle example."""
    epochs = np.array([0.0, 1.0, 2.0, 5.0])
    learned = disparity_once_learned(values, accuracy, epochs, level=0.5)
    shares = share_as_sensitive(values, others, epochs)
    for net in range(2):
        sums = [[sum(values[0, net, :k, x] * np.diff(epochs)[:k]) for x in range(5)] for k in range(1, 4)]
        first = next((k for k in range(3) if accuracy[0, net, k + 1] >= 0.5), None)
        expected = math.nan if first is None else gini(np.array(sums[first]))
        assert learned[0, net] == pytest.approx(expected, nan_ok=True)
        means = sorted(sum(others[0, net, :, x] * np.diff(epochs)) for x in range(4))
        middle = (means[1] + means[2]) / 2
        if all(abs(one / middle - 1) > 1e-9 for one in sums[2]):  # else rounding decides
            assert shares[0, net] == pytest.approx(sum(one > middle for one in sums[2]) / 5)
