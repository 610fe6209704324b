"""How far the training paths of several nets on the same data lie apart, and when they reach a level (NumPy only).

A path is a number per evaluated epoch, such as the training accuracy. NaN stands for epochs after a net has stopped
early: a net that has fitted stays where it is, so its path is held at the last value.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.errors import DataError, SettingError

Array = NDArray[np.float64]


def path_spread(paths: Array, epochs: Array | None = None) -> Array:
    """Average over epochs the standard deviation over the nets of each run.

    Args:
        paths: shape (runs, nets, epochs), float64, at least 2 nets; NaN where a net has stopped.
        epochs: when the paths were evaluated, at equal intervals; not used, every evaluation counts alike.

    Returns:
        Shape (runs,), float64, at least 0, in the unit of the paths (ddof = 1).

    Raises:
        DataError: for fewer than 2 nets, no epoch, an infinite value, or a path without a first value.

    Source:
        Gu & Tresp 2019, section 4, figure 4, which shows the paths of 10 seeds and gives no number for their spread.
    """
    values = held(paths)
    if values.shape[1] < 2:
        raise DataError(f"paths of {values.shape[1]} net in each run have no spread: train at least 2")
    spread: Array = values.std(axis=1, ddof=1).mean(axis=-1)
    return spread


def time_to(level: float, paths: Array, epochs: Array) -> Array:
    """Find the first epoch at which each path is at or above a level.

    Between two evaluations the path is taken as straight. To time a fall, negate the level and the paths.

    Args:
        level: finite, in the unit of the paths.
        paths: shape (runs, nets, epochs), float64; NaN where a net has stopped.
        epochs: shape (epochs,), strictly increasing: when the paths were evaluated.

    Returns:
        Shape (runs, nets), float64, in the unit of `epochs`: the first of them for a path that starts at the level,
        infinity for one that never reaches it (it is censored on the right).

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
    return np.where(reached.any(axis=-1), crossing, np.inf)


def held(paths: Array) -> Array:
    """The paths with each NaN replaced by the last value before it."""
    values = np.asarray(paths, dtype=np.float64)
    if values.ndim != 3 or 0 in values.shape:
        raise DataError(f"paths of shape {values.shape}: need (runs, nets, epochs), none empty")
    if np.isinf(values).any():
        raise DataError("a path is infinite: leave diverged nets out")
    given = ~np.isnan(values)
    if not given[..., 0].all():
        run, net = np.argwhere(~given[..., 0])[0]
        raise DataError(f"the path of net {net} in run {run} has no first value: evaluate every net at the first epoch")
    last = np.maximum.accumulate(np.where(given, np.arange(values.shape[-1]), 0), axis=-1)
    return np.take_along_axis(values, last, axis=-1)
