"""Distances between feature vectors, and the Gaussian kernel of them, in float64."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from memorization_claims.errors import SettingError, UnfitDataError

MEDIAN_POINTS = 2000
"""Points whose pairs the median distance is taken over, at most."""
PORTION = 2**24
"""Values of a kernel matrix that are held beside the distances at a time where the whole matrix is not needed."""


def squared_distances(blocks: Iterable[Tensor], columns: slice) -> Tensor:
    """Sum squared Euclidean distances over blocks of features, so that no more than one block need exist at a time.

    Args:
        blocks: each of shape (rows, some), floating, finite; side by side they are the feature vectors of all points.
        columns: the points that distances are taken to, among the rows.

    Returns:
        Shape (rows, columns), float64, in the square of the features' unit, at least 0.

    Raises:
        SettingError: where there is no block.
    """
    total = None
    for block in blocks:
        # Distances do not change with the origin; near the points, less of them is lost to rounding.
        block = block.double() - block[columns].double().mean(dim=0)
        chosen, norms = block[columns], block.square().sum(dim=1)
        if total is None:
            total = norms.new_zeros(len(block), len(chosen))
        total.addmm_(block, chosen.mT, alpha=-2).add_(norms[:, None]).add_(norms[columns])
    if total is None:
        raise SettingError("there are no features to take distances of; legal is one block or more")
    return total.clamp_(min=0)


def median_distance(squared: Tensor) -> float:
    """Take the median distance between two different points.

    Of more than 2000 points evenly spaced ones stand for all, since all pairs would not fit the memory twice.

    Args:
        squared: shape (n, n), float64: squared distances of at least two points.

    Returns:
        The lower median, in the features' unit, positive.

    Raises:
        UnfitDataError: for fewer than two points, or where half of the pairs coincide.
    """
    step = -(-len(squared) // MEDIAN_POINTS)
    some = squared[::step, ::step]
    pairs = some[tuple(torch.tril_indices(len(some), len(some), -1, device=some.device))]
    median = float(pairs.median().sqrt()) if len(pairs) else 0.0
    if not median > 0:
        raise UnfitDataError(
            f"the median distance between {len(some)} points is {median:g}: legal are points of which most differ"
        )
    return median


def gaussian_kernel(squared: Tensor, bandwidth: float) -> Tensor:
    """Give the Gaussian kernel of points at given squared distances.

    Args:
        squared: any shape, float64, at least 0.
        bandwidth: s, in the features' unit, positive.

    Returns:
        exp(-squared / (2 s^2)), in [0, 1]; 1 at distance 0.
    """
    return (squared * (-0.5 / bandwidth**2)).exp_()


def expansion(squared: Tensor, bandwidth: float, coefficients: Tensor) -> Tensor:
    """Evaluate f(x) = sum_j a_j k(z_j, x), a portion of the points x at a time.

    Args:
        squared: shape (points, centres), float64: squared distances.
        bandwidth: of the kernel, positive.
        coefficients: shape (centres, outputs), float64.

    Returns:
        Shape (points, outputs), float64.
    """
    portions = torch.split(squared, max(1, PORTION // squared.shape[1]))
    return torch.cat([gaussian_kernel(portion, bandwidth) @ coefficients for portion in portions])
