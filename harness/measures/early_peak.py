"""How much validation accuracy is lost between its peak and the end of training (Arpit 2017, section 4.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def early_peak(even: Array, odd: Array) -> tuple[Array, Array]:
    """Validation accuracy at its peak and at the end of training.

    The highest of many noisy values lies above the last even where nothing falls. So the peak is sought on one half of
    the validation set and read off the other, both ways round: a course without a peak gives a difference around zero.

    Args:
        even: accuracy on one half of the validation set, (runs, nets, evaluations), NaN after a net has stopped.
        odd: accuracy on the other half, likewise.

    Returns:
        The accuracy at the peak and at the last evaluation, each (runs, nets), in [0, 1].
    """
    halves = np.stack([even, odd])
    peak = np.nanargmax(halves, axis=3)[..., None]
    last = halves.shape[3] - 1 - np.argmax(~np.isnan(halves[..., ::-1]), axis=3)[..., None]
    at_peak = np.take_along_axis(halves[::-1], peak, axis=3)[..., 0]
    return at_peak.mean(axis=0), np.take_along_axis(halves, last, axis=3)[..., 0].mean(axis=0)


def highest(even: Array, odd: Array, epochs: Array) -> Array:
    """A course at its peak alone: (runs, nets); takes what `early_peak` takes, and the epochs, which do not matter."""
    return early_peak(even, odd)[0]
