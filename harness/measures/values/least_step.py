"""The smallest of the rises from level to level: whether something rises at every step (Zhang 2017, figures 1b, 1c)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memorization_claims.errors import SettingError

Array = NDArray[np.float64]


def least_step(values: Array) -> Array:
    """The smallest rise from one level to the next.

    Each of the steps has the scatter of two runs, and the least of several lies below their mean by about as much: a
    course that is steady but for scatter seems less so, and never more.

    Args:
        values: (seeds, levels), in the order in which they should rise, 2 levels or more.

    Returns:
        (seeds,), in the unit of the values, negative where they fall at some step; NaN where a value is none.

    Raises:
        SettingError: for fewer than 2 levels.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] < 2:
        raise SettingError(f"values have shape {array.shape}; legal is (seeds, levels) with 2 levels or more")
    with np.errstate(invalid="ignore"):
        least: Array = np.diff(array, axis=1).min(axis=1)
    return least
