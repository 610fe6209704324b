"""A ReLU net of 2n + d weights that takes any values on n points in d dimensions (Zhang et al. 2017, section 4).

The construction of Theorem 1 (appendix C): project the points on a line so that no two fall together, put one bias
before each, and solve the lower triangular system of Lemma 1. In float64 throughout: its weights grow with the inverse
of the gaps, and float32 is lost from about 200 points on.
"""

from __future__ import annotations

import torch
from torch import Tensor

from harness.errors import SettingError

ROUNDING = torch.finfo(torch.float64).eps / 2


class Interpolant(torch.nn.Module):
    """The net c(x) = sum_j w_j max(<a, x> - b_j, 0), in float64.

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
        """Map points of shape (m, d) to values of shape (m,), float64."""
        values: Tensor = hinge_matrix(points.double() @ self.direction, self.biases) @ self.weights
        return values


def interpolate(points: Tensor, values: Tensor, *, generator: torch.Generator) -> Interpolant:
    """Build the net of Theorem 1 that takes the values on the points.

    Args:
        points: shape (n, d), finite. Equal points with equal values are merged, and n counts them once.
        values: shape (n,), finite.
        generator: for the projection.

    Returns:
        The net, with 2n + d parameters. `error_bound` says how near rounding lets it come to the values.

    Raises:
        SettingError: for equal points with different values, points too close to be told apart in float64, values
            that are not finite, or shapes other than those above.

    Source:
        Zhang et al. 2017, section 4, Theorem 1 and its proof in appendix C.
    """
    points, values = points.double(), values.double()
    if points.ndim != 2 or values.shape != points.shape[:1] or 0 in points.shape:
        raise SettingError(
            f"points of shape {tuple(points.shape)} and values of shape {tuple(values.shape)}: "
            "need (n, d) and (n,), none empty"
        )
    if not (points.isfinite().all() and values.isfinite().all()):
        raise SettingError("points or values are not finite: leave those out")
    first = _distinct(points, values)
    direction, projections = project(points[first], generator=generator)
    ascending, order = projections.sort()
    sample = first[order]
    _check_apart(points[sample], direction, ascending, sample)
    biases = interleave(ascending)
    system = hinge_matrix(ascending, biases)
    weights = torch.linalg.solve_triangular(system, values[sample].unsqueeze(1), upper=False).squeeze(1)
    return Interpolant(direction, biases, weights)


def project(points: Tensor, *, generator: torch.Generator, draws: int = 16) -> tuple[Tensor, Tensor]:
    """Choose a line on which the points fall apart: of several Gaussian draws, that with the widest smallest gap.

    Args:
        points: shape (n, d), float64, no two equal.
        generator: for the draws.
        draws: how many, at least 1.

    Returns:
        The direction a, of shape (d,), scaled so that the projections span a length of one; and the projections
        <a, x_i>, of shape (n,), in the order of the points.
    """
    candidates = torch.randn(points.shape[1], draws, generator=generator, dtype=torch.float64).to(points.device)
    along = (points @ candidates).sort(dim=0).values
    if len(points) == 1:
        lengths = along[0].abs()
        best = int(lengths.argmax())
        scale = lengths[best] if lengths[best] > 0 else torch.ones_like(lengths[best])
    else:
        lengths = along[-1] - along[0]
        best = int((along.diff(dim=0).amin(dim=0) / lengths).argmax())
        scale = lengths[best]
    direction = candidates[:, best] / scale
    return direction, points @ direction


def interleave(projections: Tensor) -> Tensor:
    """Put one bias before each projection: b_1 < x_1 < b_2 < x_2 < ... < b_n < x_n.

    Args:
        projections: shape (n,), increasing.

    Returns:
        Biases of shape (n,): midpoints, and before the first, half of the mean gap (or one, if it is alone).
    """
    first, last, gaps = projections[:1], projections[-1:], len(projections) - 1
    before = first - (last - first) / (2 * gaps) if gaps else first - 1
    return torch.cat([before, projections[:-1] + projections.diff() / 2])


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
    gamma_(2n+8) |A||w| + 2 gamma_d |a|'|x_i| |slope|. On 1000 digits with labels 0 to 9 the largest is about 1e-3, and
    the largest error 1e-6; where it is below half the spacing of the labels, rounding recovers them.

    Args:
        interpolant: what `interpolate` returned.
        points: shape (m, d), some of the points it was built on, in any order.

    Returns:
        Shape (m,), float64, at least 0; NaN where it is not finite, so that no error compares as within it.
    """
    points, n = points.double(), len(interpolant.biases)
    with torch.no_grad():
        shift = 2 * _projection_error(points, interpolant.direction)
        hinges = hinge_matrix(points @ interpolant.direction, interpolant.biases)
        sizes = interpolant.weights.abs()
        slope = ((hinges > 0).double() @ interpolant.weights).abs() + _gamma(n) * sizes.sum()
        bound = _gamma(2 * n + 8) * ((hinges + shift.unsqueeze(1)) @ sizes) + shift * slope
    return bound.where(bound.isfinite(), torch.nan)


def _projection_error(points: Tensor, direction: Tensor) -> Tensor:
    """A bound on the rounding of each <a, x_i>, in whatever order it is summed."""
    return _gamma(len(direction)) * (points.abs() @ direction.abs())


def _check_apart(points: Tensor, direction: Tensor, projections: Tensor, names: Tensor) -> None:
    """Refuse points, in the order of their projections, of which rounding could carry one past a bias."""
    blur = 4 * _projection_error(points, direction)
    clear = projections.diff() - blur[1:] - blur[:-1]
    if not (clear > 0).all():
        closest = int(clear.argmin())
        one, other = sorted(names[closest : closest + 2].tolist())
        raise SettingError(
            f"points {one} and {other} differ but are too close to be told apart in float64: "
            "leave one out, or take off an offset that all points share"
        )


def _gamma(operations: int) -> float:
    """Higham 2002, section 3.1."""
    return operations * ROUNDING / (1 - operations * ROUNDING)


def _distinct(points: Tensor, values: Tensor) -> Tensor:
    """The index of the first of each set of equal points, which must have equal values."""
    _, group = torch.unique(points, dim=0, return_inverse=True)
    index = torch.arange(len(points), device=points.device)
    first = torch.full_like(index, len(points)).scatter_reduce(0, group, index, "amin")[group]
    differs = values != values[first]
    if differs.any():
        other = int(differs.nonzero()[0])
        one = int(first[other])
        raise SettingError(
            f"points {one} and {other} are equal but have the values {values[one]:g} and {values[other]:g}: "
            "no function takes both"
        )
    return index[first == index]
