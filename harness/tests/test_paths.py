"""Training paths: against worked examples and slow references, one path and one epoch at a time."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from memorization_claims.errors import DataError, SettingError
from memorization_claims.measures.courses.paths import (
    carried,
    held,
    highest_reached,
    on_own_clocks,
    path_spread,
    spread_on_own_clocks,
    spread_until_fit,
    time_to,
)

Array = NDArray[np.float64]
NAN = math.nan


@st.composite
def _paths(draw: st.DrawFn) -> Array:
    """Accuracies in per cent whose nets may skip evaluations, and stop early, after the first."""
    shape = draw(st.tuples(st.integers(1, 3), st.integers(2, 4), st.integers(1, 6)))
    values = draw(arrays(np.float64, shape, elements=st.integers(0, 100).map(float)))
    missing = draw(arrays(np.bool_, shape))
    missing[..., 0] = False
    return np.where(missing, NAN, values)


def _hold(path: Array) -> list[float]:
    held: list[float] = []
    for value in path.tolist():
        held.append(held[-1] if math.isnan(value) else value)
    return held


def test_a_worked_spread() -> None:
    """Deviations of 0, sqrt 2 and 2 sqrt 2 over the two nets average to sqrt 2; equal paths have none."""
    paths = np.array([[[0, 1, 2], [0, 3, 6]], [[0, 1, 2], [0, 1, 2]]], dtype=float)
    np.testing.assert_allclose(path_spread(paths), [math.sqrt(2), 0], rtol=1e-15)


def test_a_net_that_has_stopped_stays_where_it_is() -> None:
    """Epochs after the end of a path count with its last value."""
    stopped = np.array([[[0.0, 1.0, NAN, NAN], [0.0, 0.2, 0.6, 1.0]]])
    held = np.array([[[0.0, 1.0, 1.0, 1.0], [0.0, 0.2, 0.6, 1.0]]])
    np.testing.assert_array_equal(path_spread(stopped), path_spread(held))


@given(paths=_paths())
def test_values_are_held_one_by_one(paths: Array) -> None:
    """Checked or not; held paths are held already, and what has no first value is left without one."""
    expected = np.array([[_hold(path) for path in run] for run in paths])
    for function in (held, carried):
        np.testing.assert_array_equal(function(paths), expected)
        np.testing.assert_array_equal(function(expected), expected)
    np.testing.assert_array_equal(carried(np.array([NAN, 2.0, NAN, 3.0])), [NAN, 2.0, 2.0, 3.0])


@given(paths=_paths())
def test_spread_agrees_with_one_epoch_at_a_time(paths: Array) -> None:
    """The standard library's stdev of each epoch, averaged, is the same number."""
    for run, spread in zip(paths, path_spread(paths), strict=True):
        nets = [_hold(path) for path in run]
        expected = statistics.fmean(statistics.stdev(values) for values in zip(*nets, strict=True))
        assert spread == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(paths=_paths(), scale=st.integers(-5, 5), seed=st.integers(0, 2**31))
def test_spread_scales_and_ignores_the_order_of_nets_and_a_common_path(paths: Array, scale: int, seed: int) -> None:
    """Only differences between the nets count, in the unit of the paths."""
    draw = np.random.default_rng(seed)
    common = draw.normal(size=(paths.shape[0], 1, paths.shape[2]))
    full = np.array([[_hold(path) for path in run] for run in paths])
    moved = scale * draw.permutation(full, axis=1) + common
    np.testing.assert_allclose(path_spread(moved), abs(scale) * path_spread(paths), rtol=1e-9, atol=1e-9)


def test_what_follows_the_fit_has_no_part_in_the_spread_until_then() -> None:
    """Two nets a constant 1 apart until the last fits after 3 epochs of 9, and together from there on."""
    one = np.r_[0.0, 0.5, 0.8, 0.95, np.ones(6)]
    accuracies = np.stack([one, np.r_[one[1:], 1.0]])[None]
    paths = np.stack([np.zeros(10), np.r_[np.ones(4), np.zeros(6)]])[None]
    epochs = np.arange(10.0)
    assert spread_until_fit(paths, accuracies, epochs) == pytest.approx(math.sqrt(0.5))
    assert path_spread(paths) == pytest.approx(0.4 * math.sqrt(0.5))
    assert np.isnan(spread_until_fit(paths, accuracies, epochs, fitted=2.0))


@given(paths=_paths())
def test_a_spread_until_the_last_epoch_is_that_of_all(paths: Array) -> None:
    """Where the last net fits at the last evaluation, and no later one would change it, as in the plain average."""
    epochs = np.arange(float(paths.shape[-1]))
    rising = np.broadcast_to(epochs, paths.shape)
    np.testing.assert_allclose(spread_until_fit(paths, rising, epochs, fitted=epochs[-1]), path_spread(paths))


@given(paths=_paths())
def test_the_highest_value_of_each_path(paths: Array) -> None:
    """Whatever came after it."""
    np.testing.assert_array_equal(highest_reached(paths), np.nanmax(paths, axis=-1))


def test_one_course_at_two_speeds_has_no_spread_on_its_own_clock() -> None:
    """A net that takes the same course in half the time; in epochs the two lie apart."""
    slow = np.arange(9.0) / 8
    accuracies = np.stack([slow, np.r_[slow[::2], np.full(4, NAN)]])[None]
    assert spread_on_own_clocks(2 * accuracies, accuracies, np.arange(9.0)) == pytest.approx(0, abs=1e-12)
    assert path_spread(accuracies) > 0.1


def test_logarithms_make_a_spread_of_ratios() -> None:
    """Two nets whose paths are a factor e apart throughout lie 1/sqrt 2 apart, however large the paths are."""
    accuracies = np.tile(np.arange(4.0) / 3, (1, 2, 1))
    paths = 100 * np.array([[[1.0, 2.0, 5.0, 3.0]]]) * np.array([[[1.0], [math.e]]])
    spread = spread_on_own_clocks(paths, accuracies, np.arange(4.0), logarithm=True)
    assert spread == pytest.approx(math.sqrt(0.5))


def test_a_path_that_comes_to_nothing_has_no_ratios() -> None:
    """Its run has no spread, and others keep theirs."""
    accuracies = np.tile(np.arange(4.0) / 3, (2, 2, 1))
    paths = np.array([[[1.0, 2.0, 5.0, 3.0]] * 2, [[1.0, 2.0, 0.0, 3.0], [1.0, 2.0, 5.0, 3.0]]])
    spread = spread_on_own_clocks(paths, accuracies, np.arange(4.0), logarithm=True)
    np.testing.assert_array_equal(spread, [0.0, NAN])


def test_worked_clocks() -> None:
    """From the first evaluation to the end, at steps of a hundredth; what never ends has no clock."""
    paths, epochs = np.array([[[0.0, 4.0, 5.0], [1.0, NAN, NAN], [0.0, 1.0, 1.0]]]), np.array([1.0, 3.0, 4.0])
    read = on_own_clocks(paths, np.array([[3.5, 2.0, math.inf]]), epochs)
    assert read.shape == (1, 3, 101)
    np.testing.assert_allclose(read[0, 0, [0, 40, 80, 100]], [0, 2, 4, 4.5])
    assert (read[0, 1] == 1).all()
    assert np.isnan(read[0, 2]).all()
    assert np.isnan(spread_on_own_clocks(paths, np.zeros((1, 3, 3)), epochs)).all()


@given(seed=st.integers(0, 2**32), stretch=st.integers(1, 50))
def test_a_slower_clock_changes_no_spread(seed: int, stretch: int) -> None:
    """Each net's time may run at a speed of its own: here all evaluations are a factor later."""
    generator = np.random.default_rng(seed)
    accuracies, paths = np.sort(generator.uniform(0, 1, (2, 3, 6))), generator.normal(size=(2, 3, 6))
    accuracies[..., -1] = 1.0
    epochs = np.arange(6.0)
    once = spread_on_own_clocks(paths, accuracies, epochs)
    np.testing.assert_allclose(spread_on_own_clocks(paths, accuracies, stretch * epochs), once)
    for run in range(2):
        ends = time_to(0.9, accuracies, epochs)[run]
        steps = [
            statistics.stdev(
                [float(np.interp(end * k / 100, epochs, own)) for end, own in zip(ends, paths[run], strict=True)]
            )
            for k in range(101)
        ]
        assert once[run] == pytest.approx(statistics.fmean(steps))


def test_worked_times() -> None:
    """Halfway between evaluations, on one, at the start, never, and held after an early stop."""
    epochs = np.array([1.0, 2.0, 4.0])
    paths = np.array([[[0.0, 0.4, 0.8], [0.0, 0.6, 0.1], [0.9, 0.0, 0.9], [0.0, 0.1, 0.5], [0.2, NAN, NAN]]])
    np.testing.assert_allclose(time_to(0.6, paths, epochs), [[3.0, 2.0, 1.0, math.inf, math.inf]], rtol=1e-15)


@given(paths=_paths(), level=st.integers(-1, 101), gaps=st.lists(st.integers(1, 9), min_size=6, max_size=6))
def test_times_agree_with_a_search_along_each_path(paths: Array, level: int, gaps: list[int]) -> None:
    """Walking along each held path, segment by segment, meets the level at the same time."""
    epochs = np.cumsum(gaps)[: paths.shape[-1]].astype(float)
    times = time_to(level, paths, epochs)
    for index in np.ndindex(times.shape):
        held = _hold(paths[index])
        expected = epochs[0] if held[0] >= level else math.inf
        for k in range(1, len(held)):
            if math.isinf(expected) and held[k] >= level:
                expected = np.interp(level, held[k - 1 : k + 1], epochs[k - 1 : k + 1])
        assert times[index] == pytest.approx(expected)


@given(paths=_paths(), lower=st.integers(0, 100), rise=st.integers(0, 100))
def test_a_higher_level_is_never_reached_sooner(paths: Array, lower: int, rise: int) -> None:
    """Time is monotone in the level, and lies within the epochs or is infinite."""
    epochs = np.arange(1.0, paths.shape[-1] + 1)
    sooner, later = time_to(lower, paths, epochs), time_to(lower + rise, paths, epochs)
    assert (sooner <= later).all()
    assert (np.isinf(later) | ((later >= epochs[0]) & (later <= epochs[-1]))).all()


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (np.zeros((2, 1, 3)), r"paths of 1 net in each run have no spread: train at least 2"),
        (np.zeros((2, 3)), r"paths of shape \(2, 3\): need \(runs, nets, epochs\), none empty"),
        (np.zeros((2, 3, 0)), r"paths of shape \(2, 3, 0\)"),
        (np.array([[[0.0, 1.0], [0.0, math.inf]]]), r"a path is infinite: leave diverged nets out"),
        (np.array([[[0.0, 1.0], [NAN, 1.0]]]), r"the path of net 1 in run 0 has no first value: evaluate every net"),
    ],
)
def test_damaged_paths_are_named(paths: Array, message: str) -> None:
    """A path from which no honest number follows is an error, not a NaN."""
    with pytest.raises(DataError, match=message):
        path_spread(paths)
    with pytest.raises(DataError, match=message):
        spread_on_own_clocks(paths, np.ones((*paths.shape[:2], 3)), np.arange(3.0))


def test_illegal_levels_and_epochs_are_named() -> None:
    """Each message holds the value and what is legal."""
    paths = np.zeros((1, 2, 3))
    with pytest.raises(SettingError, match=r"level is nan: finite"):
        time_to(NAN, paths, np.arange(3.0))
    with pytest.raises(DataError, match=r"epochs \[0.0, 1.0\] for 3 evaluations: one each, strictly increasing"):
        time_to(0.5, paths, np.arange(2.0))
    with pytest.raises(DataError, match=r"epochs \[0.0, 2.0, 2.0\] for 3 evaluations"):
        time_to(0.5, paths, np.array([0.0, 2.0, 2.0]))


def test_a_path_without_any_value_has_no_time() -> None:
    """Such as the accuracy on corrupted examples where there are none; the others keep theirs."""
    paths = np.array([[[np.nan, np.nan], [0.0, 1.0]]])
    times = time_to(0.5, paths, np.array([0.0, 2.0]))
    assert np.isnan(times[0, 0])
    assert times[0, 1] == 1.0
