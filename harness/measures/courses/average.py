"""What was recorded during training, averaged over a part of it (NumPy only)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memorization_claims.errors import SettingError
from memorization_claims.measures.courses.paths import held

Array = NDArray[np.float64]


def early_average(paths: Array, epochs: Array, *, share: float) -> Array:
    """Average a course over the first part of training, as straight between evaluations.

    It begins after the first epoch: before training a course tells of the initial weights alone.

    Args:
        paths: shape (runs, nets, evaluations), float64; NaN after a net has stopped.
        epochs: shape (evaluations,), strictly increasing: when each was, to the end of the budget, at least 1.
        share: of the budget, above 0 and at most 1.

    Returns:
        Shape (runs, nets), float64, in the unit of the paths. Where the share ends by the first epoch, the value then.

    Raises:
        SettingError: for a share outside its range.
        DataError: for no evaluation, an infinite value, or a path without a first value.
    """
    if not 0 < share <= 1:
        raise SettingError(f"share is {share}; legal is above 0 to 1")
    values, first, last = held(paths), 1.0, max(1.0, share * epochs[-1])
    times = np.unique([first, *epochs[(first < epochs) & (epochs < last)], last])
    read = np.apply_along_axis(lambda path: np.interp(times, epochs, path), 2, values)
    if len(times) == 1:
        return read[..., 0]
    average: Array = np.trapezoid(read, times, axis=2) / (last - first)
    return average
