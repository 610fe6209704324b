"""Cases of what a linear model with more weights than examples comes to (Zhang et al. 2017, section 5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

from memorization_claims.errors import UndecidableError
from memorization_claims.measures.constructions import curvature, linear
from memorization_claims.measures.constructions.rounding import ROUNDING

INTERPOLATES = 1e-6
"""Relative residual below which labels count as interpolated."""
DIFFERS = 0.1
"""Relative difference from which two Hessians are clearly not the same."""
MINIMA = 4
"""Global minima that are compared: that of least norm, and others."""
DISTANCE = 5.0
"""How far the others lie from it, in its norms."""


def least_squares(
    generator: torch.Generator,
    *,
    points: int,
    dimensions: int,
    width: int,
    rate: float,
    epochs: int,
    batch: int,
    against: str,
) -> tuple[float, float]:
    """Where SGD from zero ends on an underdetermined linear model with random labels.

    Args:
        generator: what the case is drawn from.
        points: n, normal in `dimensions` dimensions; their labels are -1 or 1 at random.
        dimensions: of the points, before the features.
        width: random ReLU features, more than n.
        rate: the step size, as a share of the largest that is stable for every batch.
        epochs: passes over the points.
        batch: points a step, a divisor of n.
        against: row-span (the share of the weights outside it), minimum-norm (the relative distance from that
            solution) or kernel (the relative distance from the solution of K a = y).

    Returns:
        The error, relative to the norm of the solution, and its tolerance.

    Raises:
        UndecidableError: where SGD has not interpolated the labels, so that there is nothing to compare.
    """
    state = generator.get_state().numpy().tobytes()
    weights = _end(linear.sgd_least_squares, state, points, dimensions, width, rate, epochs, batch)
    features, targets = _random_labels(generator, points, dimensions, width)
    residual = float((features @ weights - targets).norm() / targets.norm())
    if not residual <= INTERPOLATES:
        raise UndecidableError(
            f"precondition failed: SGD left a relative residual of {residual:.3g}; interpolating means {INTERPOLATES:g}"
        )
    outside = linear.sgd_rounding(steps=epochs * points // batch, batch=batch)
    if against == "row-span":
        return linear.outside_row_span(weights, features), outside
    tolerance = linear.minimum_norm_tolerance(features, targets, weights, outside=outside)
    solution = linear.minimum_norm(features, targets)
    if against == "kernel":
        solution = linear.kernel_solution(features, targets)[1]
        tolerance += linear.minimum_norm_tolerance(
            features, targets, solution, outside=linear.kernel_rounding(features)
        )
    return float((weights - solution).norm() / solution.norm()), tolerance


@lru_cache(maxsize=64)
def _end(
    sgd: Callable[..., Tensor],
    state: bytes,
    points: int,
    dimensions: int,
    width: int,
    rate: float,
    epochs: int,
    batch: int,
) -> Tensor:
    """Where SGD ends, from the state of the generator: one search for all that the end is held against.

    A mutant of SGD is another function, and so has an end of its own.
    """
    generator = torch.Generator()
    generator.set_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))
    features, targets = _random_labels(generator, points, dimensions, width)
    step = rate * linear.stable_rate(features, batch)
    return sgd(features, targets, rate=step, epochs=epochs, batch=batch, generator=generator)


def _random_labels(generator: torch.Generator, points: int, dimensions: int, width: int) -> tuple[Tensor, Tensor]:
    """Features, (n, p), and targets that are -1 or 1 at random, (n,)."""
    inputs = torch.randn(points, dimensions, generator=generator, dtype=torch.float64)
    features = linear.relu_features(inputs, width, generator)
    return features, torch.randint(0, 2, (points,), generator=generator).double() * 2 - 1


def same_curvature(
    generator: torch.Generator, *, points: int, dimensions: int, width: int, outputs: int = 1
) -> tuple[float, float]:
    """The Hessian is the same at all global minima.

    Args:
        generator: what the case is drawn from.
        points: n, normal in `dimensions` dimensions; their targets are normal log odds of standard deviation two.
        dimensions: of the points, before the features.
        width: random ReLU features p, more than n.
        outputs: k, 1 for a scalar; several are the logits of as many classes.

    Returns:
        The largest difference of a Hessian from that at the solution of least norm, relative to it, in the Frobenius
        norm; and what rounding allows.

    Raises:
        UndecidableError: where the Hessian is no other at weights of zero, which are no minimum: then it is the same
            everywhere, and nothing is shown.
    """
    features, targets = _log_odds(generator, points, dimensions, width, outputs)
    minima = curvature.global_minima(features, targets, count=MINIMA, distance=DISTANCE, generator=generator)
    hessians = [curvature.hessian(weights, features, targets) for weights in minima]
    size = hessians[0].norm()
    elsewhere = curvature.hessian(torch.zeros_like(minima[0]), features, targets)
    away = float((elsewhere - hessians[0]).norm() / size)
    if not away >= DIFFERS:
        raise UndecidableError(
            f"precondition failed: the Hessian at weights of zero, no minimum, differs by {away:.2g} of its norm from "
            f"that at a minimum; to tell minima by it takes {DIFFERS:g}"
        )
    first, *others = (curvature.hessian_rounding(weights, features, targets) for weights in minima)
    furthest = max(float((each - hessians[0]).norm()) for each in hessians[1:])
    return furthest / float(size), (first + max(others)) / float(size)


def degeneracy(
    generator: torch.Generator, *, points: int, dimensions: int, width: int, outputs: int = 1
) -> tuple[float, float]:
    """The Hessian is degenerate at all global minima: of its p eigenvalues at most n are not zero.

    Of p k eigenvalues at most n (k - 1) are not, where the outputs are the logits of k classes: they count by their
    differences alone.

    Args:
        generator: what the case is drawn from, as above.
        points: n.
        dimensions: of the points, before the features.
        width: random ReLU features p, more than n.
        outputs: k, as above.

    Returns:
        The largest of the eigenvalues that should be zero, relative to the largest of all, at the worst of the
        minima; and what rounding allows.

    Raises:
        UndecidableError: where the others are not clear of what rounding allows, so that zero means nothing.
    """
    features, targets = _log_odds(generator, points, dimensions, width, outputs)
    worst, allowed, rank = 0.0, 0.0, points * max(1, outputs - 1)
    for weights in curvature.global_minima(features, targets, count=MINIMA, distance=DISTANCE, generator=generator):
        sizes = torch.linalg.eigvalsh(curvature.hessian(weights, features, targets)).abs().sort(descending=True).values
        largest, least = float(sizes[0]), float(sizes[rank - 1])
        rounding = curvature.hessian_rounding(weights, features, targets) + width * outputs * ROUNDING * largest
        if not least > 10 * rounding:
            raise UndecidableError(
                f"precondition failed: eigenvalue {rank} of the Hessian is {least:.2g}, and rounding allows "
                f"{rounding:.2g}; to tell it from zero takes ten times that"
            )
        worst, allowed = max(worst, float(sizes[rank]) / largest), max(allowed, rounding / largest)
    return worst, allowed


def _log_odds(
    generator: torch.Generator, points: int, dimensions: int, width: int, outputs: int
) -> tuple[Tensor, Tensor]:
    """Features and targets of a logistic model, of one output or of several."""
    inputs = torch.randn(points, dimensions, generator=generator, dtype=torch.float64)
    features = linear.relu_features(inputs, width, generator)
    shape = (points,) if outputs == 1 else (points, outputs)
    return features, 2 * torch.randn(shape, generator=generator, dtype=torch.float64)
