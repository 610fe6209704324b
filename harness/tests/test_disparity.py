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
    disparity,
    disparity_course,
    gini,
    own_and_other,
    own_class_excess,
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
    turns = np.array([[1.0, 0.0], [0.0, 1.0]])[None, None]
    np.testing.assert_allclose(disparity_course(turns), [[[0.5, 0.0]]])
    np.testing.assert_allclose(disparity(turns), [[0.0]])


@given(values=arrays(np.float64, (2, 3, 4, 5), elements=st.floats(0.01, 100)))
def test_the_course_ends_at_the_disparity(values: np.ndarray) -> None:
    """Of every run and net."""
    np.testing.assert_allclose(disparity_course(values)[..., -1], disparity(values), atol=1e-12)


def test_own_class_and_others() -> None:
    """Of a matrix with 4 on the diagonal and 1 elsewhere, averaged with one of 0 and 1: 2 against 1."""
    one, other = np.full((3, 3), 1.0), np.full((3, 3), 1.0)
    np.fill_diagonal(one, 4.0)
    np.fill_diagonal(other, 0.0)
    matrices = np.stack([one, other])[None, None]
    own, others = own_and_other(matrices)
    np.testing.assert_allclose(np.exp([own, others]), [[[2.0]], [[1.0]]])
    np.testing.assert_allclose(own_class_excess(matrices), [[math.log(2)]])


def test_classes_that_depend_on_no_example() -> None:
    """An excess that is not a number where nothing was learned, infinite where a class depends on its own alone."""
    matrices = np.stack([np.zeros((1, 1, 3, 3)), np.eye(3)[None, None]])
    np.testing.assert_array_equal(own_class_excess(matrices), [[np.nan], [np.inf]])


@given(values=arrays(np.float64, (1, 2, 3, 4, 4), elements=st.floats(0.01, 100)), factor=st.floats(0.1, 10))
def test_the_excess_has_no_unit(values: np.ndarray, factor: float) -> None:
    """It is that of a loop over cells, and does not depend on the level of sensitivity."""
    cells = values.mean(axis=2)
    by_hand = [
        math.log(np.mean([net[i, i] for i in range(4)]))
        - math.log(np.mean([net[i, j] for i, j in product(range(4), range(4)) if i != j]))
        for net in cells[0]
    ]
    np.testing.assert_allclose(own_class_excess(factor * values)[0], by_hand, atol=1e-10)
