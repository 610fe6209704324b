"""What the scatter of effects says of a fresh run where all lie on one side, of which their number cannot tell."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from memorization_claims.statistics.samples import FloatArray

_DEVIATES = np.array([NormalDist().inv_cdf((place + 0.5) / 40) for place in range(40)])
"""Quantiles of the normal distribution."""
_GRID = np.linspace(-8.0, 8.0, 1601)
_AT_GRID = np.array([NormalDist().cdf(deviate) for deviate in _GRID])
"""Its distribution function."""


def distance(values: FloatArray, ends: tuple[float, float]) -> float:
    """How far the mean of effects lies from the nearest end of what is claimed, in their standard deviations.

    Args:
        values: shape (runs,), finite, at least 2.
        ends: of what is claimed; infinite where it has none.

    Returns:
        A number >= 0, infinite where the effects do not scatter.
    """
    away = min(abs(float(values.mean()) - end) for end in ends if math.isfinite(end))
    sd = float(values.std(ddof=1))
    return away / sd if sd > 0 else math.inf


def shares_beyond(distance: float, runs: int) -> FloatArray:
    """Plausible shares of runs on the side where all of them lie, for normal effects.

    Args:
        distance: of their mean from the margin, in standard deviations.
        runs: how many these were, at least 2.

    Returns:
        Shape (1600,): the quantiles of mean and of standard deviation under the reference prior, crossed.

    Source: Wilson and Hilferty 1931, Proc. Natl. Acad. Sci. 17 (12), for the quantiles of chi-squared.
    """
    part = 2 / (9 * (runs - 1))
    deviations = (1 - part + math.sqrt(part) * _DEVIATES) ** 1.5
    away = distance * deviations[:, None] + _DEVIATES / math.sqrt(runs)
    return np.asarray(np.interp(away.ravel(), _GRID, _AT_GRID))
