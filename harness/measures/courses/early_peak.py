"""Courses that rise and fall again (Arpit 2017, section 4.2): at their peak and its foot, and at the end (NumPy only).

The highest of many noisy values lies above the others even where nothing rises or falls. So a peak is sought in one
half of the examples and read off the other, both ways round: without a peak, differences lie around zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memorization_claims.measures.courses.paths import held

Array = NDArray[np.float64]


def early_peak(even: Array, odd: Array) -> tuple[Array, Array]:
    """A course at its peak and at the end of training.

    Args:
        even: measured on one half of the examples, (runs, nets, evaluations), NaN after a net has stopped.
        odd: on the other half, likewise.

    Returns:
        The value at the peak and at the last evaluation, each (runs, nets), in the unit of the course.

    Raises:
        DataError: for no evaluation, an infinite value, or a course without a first value.
    """
    halves = np.stack([held(even), held(odd)])
    peak = halves.argmax(axis=3)[..., None]
    at_peak = np.take_along_axis(halves[::-1], peak, axis=3)[..., 0]
    return at_peak.mean(axis=0), halves[..., -1].mean(axis=0)


def highest(even: Array, odd: Array) -> Array:
    """A course at its peak alone: (runs, nets); takes what `early_peak` takes."""
    return early_peak(even, odd)[0]


def fall(even: Array, odd: Array) -> Array:
    """How far a course ends below its peak: (runs, nets); takes what `highest` takes."""
    peak, end = early_peak(even, odd)
    return peak - end


def largest_rise(even: Array, odd: Array) -> tuple[Array, Array]:
    """A course at the two ends of its largest rise, from any evaluation to any later one.

    They are sought in one half and read off the other: of a course that only falls the first lies above the second, and
    of noise around one level neither does on average.

    Args:
        even: measured on one half of the examples, (runs, nets, evaluations), NaN after a net has stopped.
        odd: on the other half, likewise.

    Returns:
        The value where the rise begins and where it ends, each (runs, nets), in the unit of the course. Of a course of
        one evaluation both are its value.

    Raises:
        DataError: as `early_peak`.
    """
    halves = np.stack([held(even), held(odd)])
    evaluations = halves.shape[3]
    if evaluations == 1:
        return (only := halves[..., 0].mean(axis=0)), only
    lowest = np.minimum.accumulate(halves[..., :-1], axis=3)
    top = (halves[..., 1:] - lowest).argmax(axis=3)[..., None] + 1
    bottom = np.where(np.arange(evaluations) < top, halves, np.inf).argmin(axis=3)[..., None]
    low, high = (np.take_along_axis(halves[::-1], place, axis=3)[..., 0].mean(axis=0) for place in (bottom, top))
    return low, high


def at_the_peak(accuracies: Array, values: Array) -> tuple[Array, Array]:
    """What was measured when the validation accuracy was highest, and at the end of training.

    The peak is sought in one course and read off another, so that luck does not make the difference.

    Args:
        accuracies: (runs, nets, evaluations), NaN after a net has stopped.
        values: what was measured at the same evaluations, likewise.

    Returns:
        The values at the first of the highest accuracies and at the last evaluation, each (runs, nets).

    Raises:
        DataError: as `early_peak`.
    """
    peak, path = held(accuracies).argmax(axis=2)[..., None], held(values)
    return np.take_along_axis(path, peak, axis=2)[..., 0], path[..., -1]
