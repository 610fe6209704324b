"""Courses that rise and fall: by hand, against a loop, and without a peak."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from memorization_claims.errors import DataError
from memorization_claims.measures.courses.early_peak import at_the_peak, early_peak, fall, highest, largest_rise

Array = NDArray[np.float64]
EPOCHS = np.array([0.0, 1.0, 2.0, 5.0])


def _course(*values: float) -> Array:
    """One net of one run."""
    return np.array(values)[None, None]


def _random(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


def test_a_peak_is_read_off_the_other_half() -> None:
    """Sought at the second evaluation of one half, and at the third of the other."""
    even, odd = _course(0.1, 0.9, 0.5, 0.3), _course(0.2, 0.4, 0.6, 0.2)
    peak, end = early_peak(even, odd)
    assert peak.item() == pytest.approx((0.4 + 0.5) / 2)
    assert end.item() == pytest.approx(0.25)
    assert highest(even, odd).item() == peak.item()


def test_a_net_that_has_stopped_stays_where_it_was() -> None:
    """What follows its last evaluation is neither a peak nor an end."""
    even, odd = _course(0.1, 0.7, 0.6, np.nan), _course(0.1, 0.8, 0.5, np.nan)
    peak, end = early_peak(even, odd)
    assert (peak.item(), end.item()) == pytest.approx((0.75, 0.55))


def test_the_fall_from_the_peak() -> None:
    """What the peak has more than the end."""
    even, odd = _course(0.1, 0.9, 0.5, 0.3), _course(0.2, 0.4, 0.6, 0.2)
    assert fall(even, odd).item() == pytest.approx(0.45 - 0.25)


def test_a_rise_that_follows_a_dip() -> None:
    """It begins at the dip, below the start, and ends at the peak behind it, below the start too."""
    even, odd = _course(0.9, 0.1, 0.5, 0.0), _course(0.8, 0.2, 0.4, 0.1)
    assert [value.item() for value in largest_rise(even, odd)] == pytest.approx([0.15, 0.45])


def test_a_course_that_only_falls_has_no_rise() -> None:
    """Between any two evaluations it falls, least of all between the two that are nearest."""
    falling = _course(0.9, 0.6, 0.5, 0.1)
    assert [value.item() for value in largest_rise(falling, falling)] == pytest.approx([0.6, 0.5])


def test_one_evaluation_has_no_rise() -> None:
    """Where a course begins it also ends."""
    assert [value.item() for value in largest_rise(_course(0.4), _course(0.6))] == pytest.approx([0.5, 0.5])


def test_another_course_at_the_peak() -> None:
    """The value at the first of the highest accuracies, and at the end."""
    peak, end = at_the_peak(_course(0.1, 0.9, 0.9, 0.2), _course(1.0, 2.0, 3.0, np.nan))
    assert (peak.item(), end.item()) == (2.0, 3.0)


@given(seed=st.integers(0, 2**32 - 1), evaluations=st.integers(2, 8))
def test_against_a_loop(seed: int, evaluations: int) -> None:
    """Run by run and net by net."""
    even, odd = _random(seed, 3, 2, evaluations), _random(seed + 1, 3, 2, evaluations)
    peak, _ = early_peak(even, odd)
    low, high = largest_rise(even, odd)
    places = list(combinations(range(evaluations), 2))
    at, _ = at_the_peak(even, odd)
    for run in range(3):
        for net in range(2):
            ours, theirs = even[run, net].tolist(), odd[run, net].tolist()
            crossed = theirs[ours.index(max(ours))] + ours[theirs.index(max(theirs))]
            assert peak[run, net] == pytest.approx(crossed / 2)
            assert at[run, net] == theirs[ours.index(max(ours))]
            foot, top = max(places, key=lambda pair: ours[pair[1]] - ours[pair[0]])
            other_foot, other_top = max(places, key=lambda pair: theirs[pair[1]] - theirs[pair[0]])
            assert low[run, net] == pytest.approx((theirs[foot] + ours[other_foot]) / 2)
            assert high[run, net] == pytest.approx((theirs[top] + ours[other_top]) / 2)


def test_luck_makes_no_peak() -> None:
    """Of noise around one level, the value at the peak is that at the end on average, though the highest is not."""
    even, odd = _random(0, 2000, 1, 20), _random(1, 2000, 1, 20)
    peak, end = early_peak(even, odd)
    assert abs(float((peak - end).mean())) < 0.1
    low, high = largest_rise(even, odd)
    assert abs(float((high - low).mean())) < 0.1
    assert float(even.max(axis=2).mean()) > 1.5


def test_a_course_must_begin() -> None:
    """Without a first value there is nothing to hold."""
    with pytest.raises(DataError, match=r"^the path of net 0 in run 0 has no first value"):
        early_peak(_course(np.nan, 1.0), _course(0.0, 1.0))
