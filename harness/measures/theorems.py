"""Generated cases of theorems: draw what the theorem speaks of, carry out its construction, and give the error.

Each function takes a generator and returns the error of one case beside the error that rounding allows there.
"""

from __future__ import annotations

import math

import torch

from harness.errors import UndecidableError
from harness.measures import expressivity, linear

INTERPOLATES = 1e-6
"""Relative residual below which labels count as interpolated."""


def interpolation(generator: torch.Generator, *, points: int, dimensions: int, closest: float) -> tuple[float, float]:
    """Theorem 1 of Zhang et al. 2017: a two-layer net with 2n + d weights takes any values on n points.

    Half of the points are normal, the others beside them; the scale of the points and of the values is any from a
    thousandth to a thousand.

    Args:
        generator: what the case is drawn from.
        points: n.
        dimensions: d.
        closest: distance between neighbours, in standard deviations.

    Returns:
        The largest error at a point, in units of what rounding allows there, infinite if the net has not exactly
        2n + d weights; and 1.
    """
    exponents = torch.rand(2, generator=generator, dtype=torch.float64) * 6 - 3
    half = torch.randn(points - points // 2, dimensions, generator=generator, dtype=torch.float64)
    step = torch.randn(points // 2, dimensions, generator=generator, dtype=torch.float64)
    beside = half[: points // 2] + closest * step / step.norm(dim=1, keepdim=True)
    inputs = 10 ** exponents[0] * torch.cat([half, beside])
    values = 10 ** exponents[1] * torch.randn(points, generator=generator, dtype=torch.float64)
    net = expressivity.interpolate(inputs, values, generator=generator)
    if sum(parameter.numel() for parameter in net.parameters()) != 2 * points + dimensions:
        return math.inf, 1.0
    with torch.no_grad():
        ratio = (net(inputs) - values).abs() / expressivity.error_bound(net, inputs)
    return float(ratio.nan_to_num(nan=math.inf).max()), 1.0


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
    """Section 5 of Zhang et al. 2017: where SGD from zero ends on an underdetermined linear model with random labels.

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
    inputs = torch.randn(points, dimensions, generator=generator, dtype=torch.float64)
    features = linear.relu_features(inputs, width, generator)
    targets = torch.randint(0, 2, (points,), generator=generator).double() * 2 - 1
    step = rate * linear.stable_rate(features, batch)
    weights = linear.sgd_least_squares(features, targets, rate=step, epochs=epochs, batch=batch, generator=generator)
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
