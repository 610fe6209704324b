"""How much examples differ in difficulty over many initialisations (Arpit et al. 2017, section 3.1)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from memorization_claims.statistics.fit import binomial_dispersion


def difficulty_dispersion(right: NDArray[np.bool_]) -> NDArray[np.floating[Any]]:
    """Variance over examples of how many nets get an example right, over what equally hard examples would give.

    Args:
        right: (runs, nets, examples), whether each net classifies each example as it was trained to.

    Returns:
        (runs,), at least 0; 1 where all examples are equally hard and nets err independently (binomial).
    """
    return np.array([binomial_dispersion(nets.sum(axis=0), trials=right.shape[1]) for nets in right])


def misclassification_rates(right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Sort the shares of nets that get an example wrong, from the hardest example to the easiest.

    Args:
        right: (runs, nets, examples), as above.

    Returns:
        (runs, examples), in [0, 1], falling.

    Source:
        Arpit et al. 2017, figure 1.
    """
    wrong: NDArray[np.float64] = np.sort(1 - right.mean(axis=1), axis=1)[:, ::-1]
    return wrong


def binomial_rates(right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give the rates to expect where all examples are equally hard: quantiles of a binomial of the same mean.

    Args:
        right: (runs, nets, examples), as above.

    Returns:
        (runs, examples), in [0, 1], falling.
    """
    from scipy import stats  # of no use to a verdict, and slow to import

    nets, examples = right.shape[1:]
    levels = 1 - (np.arange(examples) + 0.5) / examples
    rates: NDArray[np.float64] = stats.binom.ppf(levels, nets, 1 - right.mean(axis=(1, 2))[:, None]) / nets
    return rates
