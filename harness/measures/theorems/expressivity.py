"""Cases of what ReLU nets can express: Theorem 1, Lemma 1 and Corollary 1 of Zhang et al. 2017."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from memorization_claims.errors import UndecidableError
from memorization_claims.measures.constructions import deep, two_layers
from memorization_claims.measures.constructions.rounding import ROUNDING, gamma

TELLING = 0.01
"""The largest share of the values that a bound on rounding may come to: beyond, to be within it would say little."""


def interpolation(generator: torch.Generator, *, points: int, dimensions: int, closest: float) -> tuple[float, float]:
    """Theorem 1: a two-layer net with 2n + d weights takes any values on n points.

    Half of the points are normal; each other differs from one of these in one coordinate, so that many fall together
    along any axis. The scale of the points and of the values is any from a thousandth to a thousand.

    Args:
        generator: what the case is drawn from.
        points: n.
        dimensions: d.
        closest: distance between neighbours, in standard deviations.

    Returns:
        The largest error at a point, in units of what rounding allows there, infinite if the net has not exactly
        2n + d weights; and 1.

    Raises:
        UndecidableError: where rounding allows so much that nothing can be told.
    """
    inputs, values = _sample(generator, points, dimensions, closest)
    net = two_layers.interpolate(inputs, values, generator=generator)
    if _weights(net) != 2 * points + dimensions:
        return math.inf, 1.0
    return _worst(net, inputs, values, two_layers.error_bound(net, inputs)), 1.0


def deep_interpolation(
    generator: torch.Generator, *, points: int, dimensions: int, closest: float, depth: int
) -> tuple[float, float]:
    """Corollary 1: a net of depth k, width O(n / k) and O(n + d) weights takes any values on n points.

    Args:
        generator: what the case is drawn from, as for Theorem 1.
        points: n.
        dimensions: d.
        closest: distance between neighbours, in standard deviations.
        depth: k, in [2, n + 1].

    Returns:
        The largest error at a point, in units of what rounding allows there, infinite if the net has not k layers, a
        layer is wider than 2n / k + 5, or the weights are more than 13n + d + 2; and 1.

    Raises:
        UndecidableError: where rounding allows so much that nothing can be told.
    """
    inputs, values = _sample(generator, points, dimensions, closest)
    net = deep.interpolate_deep(inputs, values, depth=depth, generator=generator)
    widest = 2 * points / depth + 5
    if len(net.widths) != depth - 1 or max(net.widths) > widest or _weights(net) > 13 * points + dimensions + 2:
        return math.inf, 1.0
    return _worst(net, inputs, values, deep.deep_error_bound(net, inputs)), 1.0


def triangularity(generator: torch.Generator, *, points: int) -> tuple[float, float]:
    """Lemma 1: the matrix max(x_i - b_j, 0) of interleaved sequences is lower triangular and has full rank.

    The rank is shown by an inverse B that a general solver finds, of any accuracy: |I - BA| < 1 proves it in any norm.
    Double precision finds one if no bias is nearer to its x_i than to the one before. Else the inverse grows
    exponentially with n, as do the weights.

    Args:
        generator: what the sequences are drawn from: gaps within a factor of ten, biases anywhere in the half of them
            that lies away from x_i, at any scale from a thousandth to a thousand.
        points: n.

    Returns:
        How many entries above the diagonal are not zero, plus the largest row sum of |I - BA| with all its roundings;
        and a half, which is clear of one.
    """
    matrix, _ = _interleaved(generator, points)
    inverse = torch.linalg.inv_ex(matrix).inverse
    roundings = gamma(points + 1) * (inverse.abs() @ matrix.abs())
    left = (torch.eye(points, dtype=torch.float64) - inverse @ matrix).abs() + roundings
    return float((matrix.triu(1) != 0).sum() + left.sum(dim=1).max()), 0.5


def least_eigenvalue(generator: torch.Generator, *, points: int) -> tuple[float, float]:
    """Lemma 1: the least eigenvalue of max(x_i - b_j, 0) is min_i x_i - b_i.

    The solver is for any matrix. It begins with permuting rows and columns as far as that gets towards a triangle, and
    is exact where it gets there; where it does not, these matrices are too far from normal for a single digit.

    Args:
        generator: what the sequences are drawn from, as above.
        points: n.

    Returns:
        The distance of the eigenvalue of least real part from that minimum; and the rounding of a difference x_i - b_i.
    """
    matrix, differences = _interleaved(generator, points)
    eigenvalues = torch.linalg.eigvals(matrix)
    least = eigenvalues[eigenvalues.real.argmin()]
    return float((least - differences.min()).abs()), 2 * ROUNDING * float(matrix.max())


def _sample(generator: torch.Generator, points: int, dimensions: int, closest: float) -> tuple[Tensor, Tensor]:
    """Points with near neighbours, and values."""
    exponents = torch.rand(2, generator=generator, dtype=torch.float64) * 6 - 3
    half = torch.randn(points - points // 2, dimensions, generator=generator, dtype=torch.float64)
    beside = half[: points // 2].clone()
    coordinates = torch.randint(dimensions, (len(beside),), generator=generator)
    beside[torch.arange(len(beside)), coordinates] += closest
    values = 10 ** exponents[1] * torch.randn(points, generator=generator, dtype=torch.float64)
    return 10 ** exponents[0] * torch.cat([half, beside]), values


def _weights(net: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in net.parameters())


def _worst(net: torch.nn.Module, inputs: Tensor, values: Tensor, bound: Tensor) -> float:
    """The largest error in units of its bound; infinite where either is not a number."""
    if bound.max() > TELLING * values.abs().max():
        raise UndecidableError(
            f"precondition failed: rounding allows an error of {bound.max() / values.abs().max():.2g} of the values; "
            f"telling means {TELLING:g}"
        )
    with torch.no_grad():
        ratio = (net(inputs) - values).abs() / bound
    return float(ratio.nan_to_num(nan=math.inf).max())


def _interleaved(generator: torch.Generator, points: int) -> tuple[Tensor, Tensor]:
    """A matrix of Lemma 1, and x_i - b_i."""
    scale, start = torch.rand(2, generator=generator, dtype=torch.float64) * 6 - 3
    gaps = 10 ** -torch.rand(points, generator=generator, dtype=torch.float64)
    shares = 1 - 0.5 * torch.rand(points, generator=generator, dtype=torch.float64)
    projections = 10**scale * (start + gaps.cumsum(0))
    biases = two_layers.interleave(projections, shares)
    return two_layers.hinge_matrix(projections, biases), projections - biases
