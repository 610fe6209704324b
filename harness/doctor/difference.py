"""By how much two results of one training differ."""

from __future__ import annotations

import numpy as np

from memorization_claims.training.cohort import Result


def largest(one: Result, other: Result, *, what: str = "") -> float:
    """The largest difference between their values, 0 where all bits are the same.

    Args:
        one: arrays by name.
        other: arrays of the same names.
        what: how the names begin that are looked at.

    Returns:
        Inf where only one of two values is finite, or shapes differ.
    """
    names = [name for name in one if name.startswith(what)]
    return max((_between(one[name], other[name]) for name in names), default=0.0)


def _between(one: np.ndarray, other: np.ndarray) -> float:
    if one.shape != other.shape:
        return float("inf")
    if one.tobytes() == other.tobytes():
        return 0.0
    unlike = np.isfinite(one) != np.isfinite(other)
    apart = np.abs(np.nan_to_num(one.astype(float)) - np.nan_to_num(other.astype(float)))
    return float("inf") if unlike.any() else max(float(apart.max()), float(np.finfo(np.float64).tiny))


def told(difference: float) -> str:
    """A difference as a table has it."""
    return f"{difference:.1e}" if difference else "same bits"
