"""How unequally loss-sensitivity is spread over examples, and over pairs of classes (NumPy only)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memorization_claims.errors import SettingError

Array = NDArray[np.float64]


def gini(values: Array) -> Array:
    """Measure how unequal values are: half their mean absolute difference over all pairs, over their mean.

    Args:
        values: (..., n), float64, at least 0, n at least 1.

    Returns:
        (...): 0 where all are equal, (n - 1)/n where all but one are 0; NaN where all are 0.

    Raises:
        SettingError: for no value, or one below 0.

    Source:
        Gini 1913, cited by Arpit et al. 2017, section 3.2; sum_i (2i - n - 1) x_(i) / (n sum_i x_i) over values sorted
        from the least.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim < 1 or not array.shape[-1] or (array < 0).any():
        raise SettingError(f"values of shape {array.shape}, least {array.min(initial=0):g}: need 1 or more, each >= 0")
    n = array.shape[-1]
    ranks = 2 * np.arange(1, n + 1) - n - 1
    with np.errstate(invalid="ignore"):
        coefficient: Array = (np.sort(array, axis=-1) @ ranks) / (n * array.sum(axis=-1))
    return coefficient


def disparity_course(sensitivities: Array) -> Array:
    """Give the Gini coefficient over examples of the sensitivity averaged up to each recorded time.

    Args:
        sensitivities: (runs, nets, recorded, examples), at least 0.

    Returns:
        (runs, nets, recorded), in [0, 1).

    Source:
        Arpit et al. 2017, section 3.2, figure 3.
    """
    times = np.arange(1, sensitivities.shape[2] + 1)[:, None]
    return gini(np.cumsum(sensitivities, axis=2) / times)


def disparity(sensitivities: Array) -> Array:
    """Give the last value of that: over examples, of the sensitivity averaged over all recorded times, (runs, nets)."""
    return gini(sensitivities.mean(axis=2))


def own_and_other(matrices: Array) -> tuple[Array, Array]:
    """Average the sensitivity between classes over time and over the cells on the diagonal, and over those off it.

    Args:
        matrices: (runs, nets, recorded, classes, classes), at least 0, at least 2 classes.

    Returns:
        Logarithms of the two means, each (runs, nets): how sensitive the loss on a class is to training examples of
        its own, and of another; -inf for a mean of 0.

    Source:
        Arpit et al. 2017, section 3.2, figure 4.
    """
    cells, diagonal = matrices.mean(axis=2), np.eye(matrices.shape[-1], dtype=bool)
    with np.errstate(divide="ignore"):
        return np.log(cells[..., diagonal].mean(axis=-1)), np.log(cells[..., ~diagonal].mean(axis=-1))


def own_class_excess(matrices: Array) -> Array:
    """Give the logarithm of how many times as sensitive the loss on a class is to its own examples, (runs, nets).

    Infinite where it is sensitive to its own alone; NaN where it is to none.
    """
    own_class, other_class = own_and_other(matrices)
    with np.errstate(invalid="ignore"):
        excess: Array = own_class - other_class
    return excess
