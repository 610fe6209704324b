"""How long a net stays at chance before it fits (Gu & Tresp 2019, section 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memorization_claims.measures.courses.paths import time_to

Array = NDArray[np.float64]


def off_chance(chance: float) -> float:
    """The training accuracy at which a net has left chance, a ninth of the way to 1: twice chance for ten classes."""
    return chance + (1 - chance) / 9


def share_at_chance(paths: Array, epochs: Array, *, chance: float, fitted: float = 0.9) -> Array:
    """The share of the time to fit that is spent at chance: a number that no rescaling of time changes.

    Args:
        paths: training accuracy, (runs, nets, evaluations), NaN after a net has stopped.
        epochs: (evaluations,), the epoch of each.
        chance: accuracy of guessing.
        fitted: the training accuracy at which the net counts as fitted.

    Returns:
        (runs, nets), in [0, 1]; NaN where the net never fits.
    """
    start, end = time_to(off_chance(chance), paths, epochs), time_to(fitted, paths, epochs)
    return np.divide(start, end, out=np.full_like(end, np.nan), where=np.isfinite(end) & (end > 0))
