"""How much examples differ in difficulty over many initialisations (Arpit et al. 2017, section 3.1)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.statistics.fit import binomial_dispersion


def difficulty_dispersion(right: NDArray[np.bool_]) -> NDArray[np.floating[Any]]:
    """Variance over examples of how many nets get an example right, over what equally hard examples would give.

    Args:
        right: (runs, nets, examples), whether each net classifies each example as it was trained to.

    Returns:
        (runs,), at least 0; 1 where all examples are equally hard and nets err independently (binomial).
    """
    return np.array([binomial_dispersion(own.sum(axis=0), trials=right.shape[1]) for own in right])
