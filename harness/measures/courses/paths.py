"""How far the training paths of several nets on the same data lie apart, and when they reach a level (NumPy only).

A path is a number per evaluated epoch, such as the training accuracy. NaN stands for epochs after a net has stopped
early: a net that has fitted stays where it is, so its path is held at the last value.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memorization_claims.errors import DataError, SettingError

Array = NDArray[np.float64]


def path_spread(paths: Array) -> Array:
    """Average over epochs, evaluated at equal intervals, the standard deviation over the nets of each run.

    Args:
        paths: shape (runs, nets, epochs), float64, at least 2 nets; NaN where a net has stopped.

    Returns:
        Shape (runs,), float64, at least 0, in the unit of the paths (ddof = 1).

    Raises:
        DataError: for fewer than 2 nets, no epoch, an infinite value, or a path without a first value.

    Source:
        Gu & Tresp 2019, section 4, figure 4, which shows the paths of 10 seeds and gives no number for their spread.
    """
    return _spread(held(paths))


def spread_until_fit(paths: Array, accuracies: Array, epochs: Array, *, fitted: float = 0.9) -> Array:
    """Average the standard deviation over the nets of each run up to the epoch at which the last of them has fitted.

    After it all nets are at the top, and lie together however they got there: an average over the whole budget is the
    larger the more of it goes by before the fit.

    Args:
        paths: shape (runs, nets, epochs), float64, at least 2 nets; NaN where a net has stopped.
        accuracies: training accuracy at the same evaluations, likewise.
        epochs: shape (epochs,), strictly increasing: when the paths were evaluated.
        fitted: the training accuracy at which a net counts as fitted.

    Returns:
        Shape (runs,), float64, at least 0, in the unit of the paths (ddof = 1); NaN where a net never fits.

    Raises:
        DataError: for fewer than 2 nets, and as `time_to`.
    """
    last = time_to(fitted, accuracies, epochs).max(axis=1)
    spreads = _at_each(held(paths))
    read = [
        spread[epochs <= end].mean() if np.isfinite(end) else np.nan for spread, end in zip(spreads, last, strict=True)
    ]
    return np.array(read)


def spread_on_own_clocks(
    paths: Array, accuracies: Array, epochs: Array, *, fitted: float = 0.9, logarithm: bool = False
) -> Array:
    """Average the standard deviation over the nets of each run, with time in units of each net's own time to fit.

    Nets that take the same course at different speeds have no spread. With logarithms the spread is one of ratios, and
    paths that are larger altogether have no more of it.

    Args:
        paths: shape (runs, nets, epochs), float64, at least 2 nets; NaN where a net has stopped.
        accuracies: training accuracy at the same evaluations, likewise.
        epochs: shape (epochs,), strictly increasing: when the paths were evaluated.
        fitted: the training accuracy at which a net counts as fitted.
        logarithm: take the logarithms of the paths, which are then at least 0.

    Returns:
        Shape (runs,), float64, at least 0, in the unit of the paths or of their logarithms (ddof = 1); NaN where a net
        never fits, or its path has no logarithm since it comes to 0.

    Raises:
        DataError: for fewer than 2 nets, and as `time_to`.
    """
    values = _logarithms(paths) if logarithm else paths
    return _spread(on_own_clocks(values, time_to(fitted, accuracies, epochs), epochs))


def _logarithms(paths: Array) -> Array:
    """Those of each path, of which none is known where one is infinite."""
    with np.errstate(divide="ignore"):
        logs = np.log(paths)
    known: Array = np.where(np.isinf(logs).any(axis=-1, keepdims=True), np.nan, logs)
    return known


def on_own_clocks(paths: Array, ends: Array, epochs: Array) -> Array:
    """Read each path off at 101 equal steps from the start to its own end, as straight between evaluations.

    Args:
        paths: shape (runs, nets, epochs), float64; NaN where a net has stopped.
        ends: shape (runs, nets), from the first of the epochs to the last, or infinite.
        epochs: shape (epochs,), strictly increasing.

    Returns:
        Shape (runs, nets, 101), float64; NaN for a path whose end is infinite.

    Raises:
        DataError: as `path_spread`.
    """
    values, clock = held(paths), np.linspace(0.0, 1.0, 101)
    read = np.full((*ends.shape, len(clock)), np.nan)
    for run, net in np.argwhere(np.isfinite(ends)):
        read[run, net] = np.interp(epochs[0] + clock * (ends[run, net] - epochs[0]), epochs, values[run, net])
    return read


def _spread(values: Array) -> Array:
    spread: Array = _at_each(values).mean(axis=-1)
    return spread


def _at_each(values: Array) -> Array:
    """The standard deviation over nets at each evaluation, (runs, evaluations)."""
    if values.shape[1] < 2:
        raise DataError(f"paths of {values.shape[1]} net in each run have no spread: train at least 2")
    spreads: Array = values.std(axis=1, ddof=1)
    return spreads


def highest_reached(paths: Array) -> Array:
    """The highest value of each path, (runs, nets) of (runs, nets, epochs), whatever came later.

    Raises:
        DataError: for no epoch, an infinite value, or a path without a first value.
    """
    highest: Array = held(paths).max(axis=-1)
    return highest


def time_to(level: float, paths: Array, epochs: Array) -> Array:
    """Find the first epoch at which each path is at or above a level.

    Between two evaluations the path is taken as straight. To time a fall, negate the level and the paths.

    Args:
        level: finite, in the unit of the paths.
        paths: shape (runs, nets, epochs), float64; NaN where a net has stopped.
        epochs: shape (epochs,), strictly increasing: when the paths were evaluated.

    Returns:
        Shape (runs, nets), float64, in the unit of `epochs`: the first of them for a path that starts at the level,
        infinity for one that never reaches it (it is censored on the right), NaN for one that has no value at all,
        such as the accuracy on the corrupted examples where there are none.

    Raises:
        SettingError: for a level that is not finite.
        DataError: for no epoch, an infinite value, a path without a first value, or epochs that do not increase or do
            not match the paths.
    """
    if not np.isfinite(level):
        raise SettingError(f"level is {level}: finite")
    values, times = held(paths), np.asarray(epochs, dtype=np.float64)
    if times.shape != values.shape[-1:] or not (np.diff(times) > 0).all():
        raise DataError(f"epochs {times.tolist()} for {values.shape[-1]} evaluations: one each, strictly increasing")
    reached = values >= level
    after = reached.argmax(axis=-1)
    before = np.maximum(after - 1, 0)
    high = np.take_along_axis(values, after[..., None], axis=-1)[..., 0]
    low = np.take_along_axis(values, before[..., None], axis=-1)[..., 0]
    crosses = (low < level) & (level <= high)
    fraction = np.divide(level - low, high - low, out=np.zeros_like(low), where=crosses)
    crossing: Array = times[before] + fraction * (times[after] - times[before])
    never = np.where(np.isnan(values).all(axis=-1), np.nan, np.inf)
    return np.where(reached.any(axis=-1), crossing, never)


def held(paths: Array) -> Array:
    """The paths with each NaN replaced by the last value before it; a path that has no value at all stays without."""
    values = np.asarray(paths, dtype=np.float64)
    if values.ndim != 3 or 0 in values.shape:
        raise DataError(f"paths of shape {values.shape}: need (runs, nets, epochs), none empty")
    if np.isinf(values).any():
        raise DataError("a path is infinite: leave diverged nets out")
    given = ~np.isnan(values)
    if (late := given.any(axis=-1) & ~given[..., 0]).any():
        run, net = np.argwhere(late)[0]
        raise DataError(f"the path of net {net} in run {run} has no first value: evaluate every net at the first epoch")
    return carried(values)


def carried(values: Array) -> Array:
    """Values (..., epochs), each NaN replaced by the last value before it, where there is one; nothing is checked."""
    last = np.maximum.accumulate(np.where(np.isnan(values), 0, np.arange(values.shape[-1])), axis=-1)
    return np.take_along_axis(values, last, axis=-1)
