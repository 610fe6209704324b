"""The empirical Rademacher complexity of what training can reach (Zhang et al. 2017, section 2.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memorization_claims.measures.courses.paths import held

Array = NDArray[np.float64]


def correlation(paths: Array) -> Array:
    """The mean of sign times prediction, both -1 or 1, at the end of training on random signs.

    Its mean over draws of the signs is a lower bound on the empirical Rademacher complexity of the nets' decisions, in
    which the supremum is over all of them, and not over those that training reaches.

    Args:
        paths: training accuracy on random signs, (runs, nets, evaluations), in [0, 1]; NaN after a net has stopped.

    Returns:
        (runs, nets), float64, in [-1, 1]: 2 accuracy - 1.

    Source:
        Zhang et al. 2017, section 2.2, equation 1.
    """
    return 2 * held(paths)[..., -1] - 1
