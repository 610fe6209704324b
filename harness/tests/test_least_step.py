"""The smallest rise from one level to the next."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.measures.values.least_step import least_step

ROWS = st.lists(st.lists(st.integers(-100, 100), min_size=4, max_size=4), min_size=1, max_size=6)


def test_one_flat_step_is_the_least() -> None:
    """0, 3, 3, 4 rises by nothing once; 0, 3, 2, 9 falls by 1; three steps of two are even."""
    assert least_step(np.array([[0, 3, 3, 4], [0, 3, 2, 9], [0, 2, 4, 6]])).tolist() == [0, -1, 2]


@given(rows=ROWS)
def test_it_is_the_least_of_all_differences_by_hand(rows: list[list[int]]) -> None:
    """Step by step; and no more than the mean step, from the first level to the last."""
    found = least_step(np.array(rows, dtype=np.float64))
    assert found.tolist() == [min(b - a for a, b in pairwise(row)) for row in rows]
    assert (found <= np.array([(row[-1] - row[0]) / 3 for row in rows]) + 1e-12).all()


def test_what_has_no_value_or_no_step() -> None:
    """NaN for a run without a number; two levels are the fewest."""
    assert np.isnan(least_step(np.array([[0.0, np.nan, 1.0]]))).all()
    with pytest.raises(SettingError, match="2 levels or more"):
        least_step(np.zeros((3, 1)))
