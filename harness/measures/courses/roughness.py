"""How unsteadily something recorded in training moves (Zhang 2017, figure 2b)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memorization_claims.errors import SettingError

Array = NDArray[np.float64]


def log_roughness(paths: Array, epochs: Array, *, after: float) -> Array:
    """Logarithm of the mean distance of each evaluation from the line between the two beside it.

    A course that rises or falls steadily has none, whatever its slope, and a curve little where evaluations are close;
    what is left is what goes up at one evaluation and down at the next.

    Args:
        paths: what was recorded, (seeds, nets, evaluations), NaN after a net has stopped.
        epochs: of the evaluations, (evaluations,), ascending.
        after: the share of the last epoch before which nothing counts, in [0, 1): the rise at the beginning.

    Returns:
        (seeds, nets), in the logarithm of the paths' unit; minus infinity for a straight course, NaN where fewer than
        three evaluations count.

    Raises:
        SettingError: for a share outside [0, 1).
    """
    if not 0 <= after < 1:
        raise SettingError(f"the share that does not count is {after}; legal is 0 to below 1")
    counted = epochs >= after * epochs[-1]
    before, at, beyond = epochs[counted][:-2], epochs[counted][1:-1], epochs[counted][2:]
    weight = (at - before) / (beyond - before)
    values = paths[..., counted]
    strays = np.abs(values[..., 1:-1] - (1 - weight) * values[..., :-2] - weight * values[..., 2:])
    there = ~np.isnan(strays)
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithms: Array = np.log(np.where(there, strays, 0.0).sum(axis=-1) / there.sum(axis=-1))
    return logarithms
