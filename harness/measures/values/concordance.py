"""Whether curves lie in the same vertical order in two places (Arpit et al. 2017, figure 11)."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from memorization_claims.errors import SettingError

Array = NDArray[np.float64]


def concordance(first: ArrayLike, second: ArrayLike) -> Array:
    """The share of pairs of curves that lie in the same order in both places: (1 + Kendall's tau) / 2.

    Args:
        first: heights of the curves in one place, (curves, ...), at least 2 curves.
        second: heights of the same curves in the other place, of the same shape.

    Returns:
        (...), in [0, 1]; a pair that ties in a place counts one half.

    Raises:
        SettingError: for fewer than 2 curves, or another shape.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape or len(a) < 2:
        raise SettingError(f"heights have shapes {a.shape} and {b.shape}; legal is the same, with 2 curves or more")
    upper, lower = np.array(list(combinations(range(len(a)), 2))).T
    agreement: Array = np.sign(a[upper] - a[lower]) * np.sign(b[upper] - b[lower])
    return np.asarray((1 + agreement.mean(axis=0)) / 2)


def within_and_between(first: ArrayLike, second: ArrayLike) -> tuple[Array, Array]:
    """How far the order agrees between two nets in one place, and between two nets in two places.

    Nets scatter, so that even in one place two of them do not agree altogether: what two places differ by is what they
    agree less than that.

    Args:
        first: heights in one place, (curves, seeds, 2 nets, ...), as at several times.
        second: heights in the other, likewise.

    Returns:
        The share of pairs in the same order, each (seeds,): of two nets in the same place, and of two nets in different
        places, averaged over both ways and over the times.

    Raises:
        SettingError: for another number of nets than 2, and as `concordance`.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.ndim < 3 or a.shape[2] != 2 or a.shape != b.shape:
        raise SettingError(
            f"heights have shapes {a.shape} and {b.shape}; legal is (curves, seeds, 2, ...), twice the same"
        )
    within = concordance(a[:, :, 0], a[:, :, 1]) + concordance(b[:, :, 0], b[:, :, 1])
    between = concordance(a[:, :, 0], b[:, :, 1]) + concordance(a[:, :, 1], b[:, :, 0])
    seeds = a.shape[1]
    return within.reshape(seeds, -1).mean(axis=1) / 2, between.reshape(seeds, -1).mean(axis=1) / 2
