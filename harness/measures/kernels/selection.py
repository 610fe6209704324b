"""The choice of bandwidth and ridge on a fifth of the training set, held out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from torch import Tensor

from memorization_claims.errors import UndecidableError
from memorization_claims.measures.kernels.gaussian import expansion, gaussian_kernel
from memorization_claims.measures.kernels.regression import one_hot, solve_in_place

MULTIPLES = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Bandwidths to choose from, in median distances."""
RIDGES = (0.001, 0.01, 0.1, 1.0)
"""Ridges to choose from, beside a diagonal of ones."""


def choose_bandwidth(squared: Tensor, labels: Tensor, classes: int, unit: float, ridge: float) -> float:
    """Choose a bandwidth by the error on the last fifth of the points, when the others are fitted.

    Args:
        squared: shape (n, n), float64: squared distances of at least 2 points, in a random order.
        labels: shape (n,), int64 in [0, classes).
        classes: number of classes.
        unit: what bandwidths are multiples of.
        ridge: with which the others are fitted, at least 0.

    Returns:
        One of `MULTIPLES`: that of least error, the largest of several; one at which the kernel matrix is singular to
        working precision is no candidate.

    Raises:
        UndecidableError: where it is singular at all of them.
    """
    return _least(MULTIPLES, lambda multiple: _held_out_error(squared, labels, classes, multiple * unit, ridge))


def choose_ridge(squared: Tensor, labels: Tensor, classes: int, bandwidth: float) -> float:
    """Choose a ridge above 0 likewise, for one bandwidth in the unit of the distances.

    Returns:
        One of `RIDGES`: that of least error, the largest of several.
    """
    return _least(RIDGES, lambda ridge: _held_out_error(squared, labels, classes, bandwidth, ridge))


def _held_out_error(squared: Tensor, labels: Tensor, classes: int, bandwidth: float, ridge: float) -> float:
    kept = len(labels) - max(1, len(labels) // 5)
    kernel = gaussian_kernel(squared[:kept, :kept], bandwidth)
    coefficients = solve_in_place(kernel, one_hot(labels[:kept], classes), ridge)
    answers = expansion(squared[kept:, :kept], bandwidth, coefficients).argmax(dim=1)
    return float((answers != labels[kept:]).double().mean())


def _least(candidates: Sequence[float], error: Callable[[float], float]) -> float:
    errors: dict[float, float] = {}
    for candidate in candidates:
        with suppress(UndecidableError):
            errors[candidate] = error(candidate)
    if not errors:
        raise UndecidableError(f"the kernel matrix is singular to working precision at each of {candidates}")
    return min(errors, key=lambda candidate: (errors[candidate], -candidate))
