"""What the scatter of effects says of a fresh run where all lie on one side, of which their number cannot tell."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import chdtri, ndtr, ndtri

from memorization_claims.statistics.samples import FloatArray

_QUANTILES = (np.arange(40) + 0.5) / 40


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
    """
    deviations = np.sqrt(chdtri(runs - 1, 1 - _QUANTILES) / (runs - 1))
    means = ndtri(_QUANTILES) / math.sqrt(runs)
    return np.asarray(ndtr(distance * deviations[:, None] + means).ravel())
