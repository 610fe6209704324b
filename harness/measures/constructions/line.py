"""The first step of every construction: distinct points laid on a line, on which no two fall together."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.measures.constructions.rounding import gamma
from memorization_claims.seed import torch_generator


@dataclass(frozen=True, eq=False)
class Line:
    """Points in the order of their projections."""

    direction: Tensor
    """a, of shape (d,), scaled so that the projections span a length of one."""
    projections: Tensor
    """<a, x_i>, of shape (n,), increasing."""
    values: Tensor
    """y_i, of shape (n,)."""

    @property
    def offset(self) -> Tensor:
        """What makes the least projection one, of shape ()."""
        return 1 - self.projections[0]


def line_up(points: Tensor, values: Tensor, *, generator: torch.Generator | None) -> Line:
    """Lay points on a line that keeps them apart.

    Args:
        points: shape (n, d), finite. Equal points with equal values are merged, and n counts them once.
        values: shape (n,), finite.
        generator: for the projection; if None, one that starts the same at every call.

    Returns:
        The points on the line, in float64.

    Raises:
        SettingError: for equal points with different values, points too close to be told apart in float64, values
            that are not finite, or shapes other than those above.
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
    direction, projections = project(points[first], generator=generator or torch_generator(0, "measure", "line"))
    ascending, order = projections.sort()
    sample = first[order]
    line = Line(direction, ascending, values[sample])
    _check_apart(points[sample], line, sample)
    return line


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


def projection_error(points: Tensor, direction: Tensor, offset: Tensor | float = 0.0) -> Tensor:
    """Bound the rounding of each <a, x_i> + offset, in whatever order it is summed.

    Args:
        points: shape (n, d), float64.
        direction: a, of shape (d,).
        offset: of shape ().

    Returns:
        Shape (n,), at least 0.
    """
    return gamma(len(direction) + 1) * (points.abs() @ direction.abs() + torch.as_tensor(offset).abs())


def _check_apart(points: Tensor, line: Line, names: Tensor) -> None:
    """Refuse points of which rounding could carry one past its neighbour, with or without the offset."""
    blur = 4 * projection_error(points, line.direction, line.offset)
    clear = line.projections.diff() - blur[1:] - blur[:-1]
    if not (clear > 0).all():
        closest = int(clear.argmin())
        one, other = sorted(names[closest : closest + 2].tolist())
        raise SettingError(
            f"points {one} and {other} differ but are too close to be told apart in float64: "
            "leave one out, or take off an offset that all points share"
        )


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
