"""Theorem 1: a net of two layers and 2n + d weights takes any values on n points in d dimensions.

Project the points on a line so that no two fall together, put one bias before each, and solve the lower triangular
system of Lemma 1. In float64 throughout: the weights grow with the inverse of the gaps. On digits float32 errs by
hundredths from 200 points on, and takes wrong labels from 500.
"""

from __future__ import annotations

import torch
from torch import Tensor

from memorization_claims.measures.constructions import line
from memorization_claims.measures.constructions.rounding import gamma


class Interpolant(torch.nn.Module):
    """The net c(x) = sum_j w_j max(<a, x> - b_j, 0).

    Attributes:
        direction: a, of shape (d,).
        biases: b, of shape (n,), increasing.
        weights: w, of shape (n,).
    """

    def __init__(self, direction: Tensor, biases: Tensor, weights: Tensor) -> None:
        super().__init__()
        self.direction = torch.nn.Parameter(direction)
        self.biases = torch.nn.Parameter(biases)
        self.weights = torch.nn.Parameter(weights)

    def forward(self, points: Tensor) -> Tensor:
        """Map points of shape (m, d) to values of shape (m,), in the type of the parameters."""
        values: Tensor = hinge_matrix(points.to(self.direction) @ self.direction, self.biases) @ self.weights
        return values


def interpolate(points: Tensor, values: Tensor, *, generator: torch.Generator | None = None) -> Interpolant:
    """Build the net of Theorem 1 that takes the values on the points.

    Args:
        points: shape (n, d), finite. Equal points with equal values are merged, and n counts them once.
        values: shape (n,), finite.
        generator: for the projection; if None, one that starts the same at every call.

    Returns:
        The net, in float64, with 2n + d parameters. `error_bound` says how near rounding lets it come to the values.

    Raises:
        SettingError: for equal points with different values, points too close to be told apart in float64, values
            that are not finite, or shapes other than those above.

    Source:
        Zhang et al. 2017, section 4, Theorem 1 and its proof in appendix C.
    """
    laid = line.line_up(points, values, generator=generator)
    biases = interleave(laid.projections)
    system = hinge_matrix(laid.projections, biases)
    weights = torch.linalg.solve_triangular(system, laid.values.unsqueeze(1), upper=False).squeeze(1)
    return Interpolant(laid.direction, biases, weights)


def interleave(projections: Tensor, share: Tensor | float = 0.75) -> Tensor:
    """Put one bias before each projection: b_1 < x_1 < b_2 < x_2 < ... < b_n < x_n.

    Where decides on the conditioning of Lemma 1's matrix. From a share of one half on, the weights and their rounding
    errors do not grow along the sequence; below, they do so exponentially. At one, the bias would be on the x before.

    Args:
        projections: shape (n,), increasing.
        share: of the gap before each projection, how much lies between its bias and it; in (0, 1), of shape () or
            (n,). The first has no gap before it, and gets the mean gap; or one, if it is alone.

    Returns:
        Biases of shape (n,).
    """
    alone = len(projections) == 1
    mean = 1 + 0 * projections if alone else (projections[-1:] - projections[:1]) / (len(projections) - 1)
    return projections - share * torch.cat([mean, projections.diff()])


def hinge_matrix(projections: Tensor, biases: Tensor) -> Tensor:
    """Form A = [max(x_i - b_j, 0)].

    For interleaved sequences it is lower triangular, and its least eigenvalue is min_i x_i - b_i (Lemma 1). That does
    not bound the weights, whatever the paper remarks: A is not normal, and its least singular value is far smaller.

    Args:
        projections: shape (m,).
        biases: shape (n,).

    Returns:
        Shape (m, n), at least 0.
    """
    return (projections.unsqueeze(1) - biases).relu()


def error_bound(interpolant: Interpolant, points: Tensor) -> Tensor:
    """Bound |c(x_i) - y_i| for a net that was built on these points and is evaluated in float64.

    Substitution solves a system with entries within gamma_n of A (Higham 2002, Theorem 8.5), forming A and taking the
    product A w costs as much again, and a projection may differ from the one at construction by twice its own error,
    which moves c by its slope. So, with u the unit roundoff and gamma_k = k u / (1 - k u), the bound is
    gamma_(2n+8) |A||w| + 2 gamma_(d+1) |a|'|x_i| |slope|. On 1000 digits with labels 0 to 9 the largest is about 1e-5,
    and the largest error 1e-9; where it is below half the spacing of the labels, rounding recovers them.

    Args:
        interpolant: what `interpolate` returned.
        points: shape (m, d), some of the points it was built on, in any order.

    Returns:
        Shape (m,), float64, at least 0; NaN where it is not finite, so that no error compares as within it.
    """
    points, n = points.double(), len(interpolant.biases)
    with torch.no_grad():
        shift = 2 * line.projection_error(points, interpolant.direction)
        hinges = hinge_matrix(points @ interpolant.direction, interpolant.biases)
        sizes = interpolant.weights.abs()
        slope = ((hinges > 0).double() @ interpolant.weights).abs() + gamma(n) * sizes.sum()
        bound = gamma(2 * n + 8) * ((hinges + shift.unsqueeze(1)) @ sizes) + shift * slope
    return bound.where(bound.isfinite(), torch.nan)
