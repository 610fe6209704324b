"""How far a regulariser keeps a net from memorising before it costs accuracy on real data (Arpit 2017, figure 10)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from memorization_claims.errors import SettingError

Array = NDArray[np.float64]


def memorised_at_no_cost(memorised: Sequence[Array], accuracy: Sequence[Array], *, loss: float) -> Array:
    """What is still memorised under the strongest regulariser that costs no more than a little accuracy.

    The points (memorised, accuracy) of growing strengths are joined by straight lines, as in the figure, and the line
    is followed from no regulariser on to where accuracy has first fallen by the loss. So it matters little which
    strengths were tried, and nothing is the best of many. A dip by chance ends the way early: what is found is, if
    anything, too high.

    Args:
        memorised: training accuracy on random labels, (seeds,) for each strength, the first of them none, in [0, 1].
        accuracy: validation accuracy of nets trained alike on real labels, likewise.
        loss: the accuracy that may be lost, above 0.

    Returns:
        Training accuracy on random labels, (seeds,); at the greatest strength where that costs no more than the loss.

    Raises:
        SettingError: for fewer than 2 strengths, another number of accuracies, or a loss that is not above 0.
    """
    if len(memorised) < 2 or len(memorised) != len(accuracy):
        raise SettingError(f"{len(memorised)} and {len(accuracy)} strengths; legal is the same number, 2 or more")
    if not loss > 0:
        raise SettingError(f"loss is {loss}; legal is above 0")
    x, y = np.asarray(memorised, dtype=np.float64), np.asarray(accuracy, dtype=np.float64)
    level, seeds = y[0] - loss, np.arange(x.shape[1])
    below = y < level
    after = np.where(below.any(axis=0), below.argmax(axis=0), 1)
    before = after - 1
    way = (y[before, seeds] - level) / np.where(below.any(axis=0), y[before, seeds] - y[after, seeds], 1.0)
    crossing = x[before, seeds] + way * (x[after, seeds] - x[before, seeds])
    return np.asarray(np.where(below.any(axis=0), crossing, x[-1]))
