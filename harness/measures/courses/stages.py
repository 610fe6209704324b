"""What is recorded of a net while it hunts and while it fits (NumPy only); as logarithms where ratios are compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def log_between(values: Array, epochs: Array, *, first: float, last: float) -> Array:
    """Average the logarithms of what was recorded from one epoch to another.

    Args:
        values: shape (runs, nets, evaluations), float64, at least 0; NaN after a net has stopped.
        epochs: shape (evaluations,): when each was.
        first: the first epoch that counts.
        last: the last.

    Returns:
        Shape (runs, nets), float64, in log units of the values; NaN where nothing was recorded then, minus infinity
        where a value is 0.
    """
    return mean_between(_log(values), epochs, first=first, last=last)


def mean_between(values: Array, epochs: Array, *, first: float, last: float) -> Array:
    """The same of the values themselves: (runs, nets), in their unit."""
    return _mean(values, (first <= epochs) & (epochs <= last))


def log_while(
    values: Array, accuracies: Array, epochs: Array, *, at_least: float, below: float, first: float = 1.0
) -> Array:
    """Average the logarithms of what was recorded while the training accuracy was within a range.

    Args:
        values: shape (runs, nets, evaluations), float64, at least 0; NaN after a net has stopped.
        accuracies: training accuracy at the same evaluations, likewise.
        epochs: shape (evaluations,): when each was.
        at_least: the lowest accuracy that counts.
        below: the lowest that is too high.
        first: the first epoch that counts: before training, all depends on the initial weights alone.

    Returns:
        Shape (runs, nets), float64, in log units of the values; NaN for a net that was never seen in that range, minus
        infinity where a value is 0.
    """
    return mean_while(_log(values), accuracies, epochs, at_least=at_least, below=below, first=first)


def mean_while(
    values: Array, accuracies: Array, epochs: Array, *, at_least: float, below: float, first: float = 1.0
) -> Array:
    """The same of the values themselves: (runs, nets), in their unit."""
    return _mean(values, (first <= epochs) & (at_least <= accuracies) & (accuracies < below))


def log_growth(values: Array, epochs: Array, *, first: float = 1.0) -> Array:
    """How far what was recorded rises above where it was early in training.

    Args:
        values: shape (runs, nets, evaluations), float64, above 0; NaN after a net has stopped.
        epochs: shape (evaluations,): when each was.
        first: the epoch to begin with: before training, all depends on the initial weights alone.

    Returns:
        Shape (runs, nets), float64, at least 0: the logarithm of the highest value from then on over the one then, or
        over that of the first evaluation after it; NaN for a net that had stopped by then.
    """
    later = values[..., first <= epochs]
    growth: Array = np.log(np.fmax.reduce(later, axis=-1) / later[..., 0])
    return growth


def _log(values: Array) -> Array:
    with np.errstate(divide="ignore"):
        logs: Array = np.log(values)
    return logs


def _mean(values: Array, counts: NDArray[np.bool_]) -> Array:
    counts = counts & ~np.isnan(values)
    total = np.where(counts, values, 0.0).sum(axis=-1)
    number = counts.sum(axis=-1)
    mean: Array = np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)
    return mean
