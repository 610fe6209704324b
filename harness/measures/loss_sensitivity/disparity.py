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


def averages(values: Array, epochs: Array) -> Array:
    """Average over time up to each recorded moment; a value stands for the time since the moment before.

    Args:
        values: (runs, nets, recorded, ...).
        epochs: (recorded + 1,), rising: the beginning, of which there is no value, and each moment.

    Returns:
        (runs, nets, recorded, ...): in the limit of a record after every update the mean over updates so far.

    Source:
        Arpit et al. 2017, section 3.2: the average over g_x^t after T steps.
    """
    lengths = np.diff(epochs).reshape(-1, *[1] * (values.ndim - 3))
    return np.cumsum(values * lengths, axis=2) / np.cumsum(lengths, axis=0)


def disparity_course(sensitivities: Array, epochs: Array) -> Array:
    """Give the Gini coefficient over examples of the sensitivity averaged up to each recorded time.

    Args:
        sensitivities: (runs, nets, recorded, examples), at least 0.
        epochs: (recorded + 1,), as above.

    Returns:
        (runs, nets, recorded), in [0, 1).

    Source:
        Arpit et al. 2017, section 3.2, figure 3.
    """
    return gini(averages(sensitivities, epochs))


def disparity(sensitivities: Array, epochs: Array) -> Array:
    """Give the last value of that: over examples, of the sensitivity averaged over all of training, (runs, nets)."""
    return gini(averages(sensitivities, epochs)[:, :, -1])


def disparity_once_learned(sensitivities: Array, accuracy: Array, epochs: Array, *, level: float) -> Array:
    """Give the value of that at the first recorded time at which a net has learned so much.

    Args:
        sensitivities: (runs, nets, recorded, examples), at least 0.
        accuracy: (runs, nets, recorded + 1), on the training set.
        epochs: (recorded + 1,), as above.
        level: of the accuracy, in [0, 1].

    Returns:
        (runs, nets), in [0, 1); NaN for a net that never gets there.
    """
    there = accuracy[..., 1:] >= level
    course = np.take_along_axis(disparity_course(sensitivities, epochs), there.argmax(-1)[..., None], axis=-1)
    return np.where(there.any(-1), course[..., 0], np.nan)


def share_as_sensitive(sensitivities: Array, reference: Array, epochs: Array) -> Array:
    """Give the share of examples that matter more than half of those of another training set do.

    Args:
        sensitivities: (runs, nets, recorded, examples), averaged over all of training.
        reference: the same for nets of the same runs on the other set.
        epochs: (recorded + 1,), as above.

    Returns:
        (runs, nets), in [0, 1]; 0.5 of sets that are alike.
    """
    means, others = (averages(each, epochs)[:, :, -1] for each in (sensitivities, reference))
    share: Array = (means > np.median(others, axis=-1, keepdims=True)).mean(axis=-1)
    return share


def own_and_other(matrices: Array, epochs: Array, *, until: float = 1.0) -> tuple[Array, Array]:
    """Average the sensitivity between classes over time and over the cells on the diagonal, and over those off it.

    Args:
        matrices: (runs, nets, recorded, classes, classes), at least 0, at least 2 classes.
        epochs: (recorded + 1,), as above.
        until: up to which share of the training time; at least the first moment counts.

    Returns:
        Logarithms of the two means, each (runs, nets): how sensitive the loss on a class is to training examples of
        its own, and of another; -inf for a mean of 0.

    Source:
        Arpit et al. 2017, section 3.2, figure 4.
    """
    moments = max(1, int((epochs[1:] <= until * epochs[-1]).sum()))
    cells, diagonal = averages(matrices, epochs)[:, :, moments - 1], np.eye(matrices.shape[-1], dtype=bool)
    with np.errstate(divide="ignore"):
        return np.log(cells[..., diagonal].mean(axis=-1)), np.log(cells[..., ~diagonal].mean(axis=-1))


def own_class_excess(matrices: Array, epochs: Array, *, until: float = 1.0) -> Array:
    """Give the logarithm of how many times as sensitive the loss on a class is to its own examples, (runs, nets).

    Infinite where it is sensitive to its own alone; NaN where it is to none.
    """
    own_class, other_class = own_and_other(matrices, epochs, until=until)
    with np.errstate(invalid="ignore"):
        excess: Array = own_class - other_class
    return excess
