"""Underdetermined least squares: which of its solutions SGD reaches (Zhang et al. 2017, section 5).

Steps of SGD from zero are combinations of rows x_i, so if it interpolates, it reaches the one solution X'a with
XX'a = y: that of minimum norm. `sgd_least_squares` walks in the weights and knows nothing of the span of the rows.
All is float64.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.measures.constructions.rounding import ROUNDING


def relu_features(inputs: Tensor, width: int, generator: torch.Generator) -> Tensor:
    """Map inputs to random ReLU features max(<u, x>/|x| - 1, 0) with Gaussian u.

    The threshold of one standard deviation leaves a sixth of the features active, which brings the Gram matrix nearer
    to the identity than none would: on 60 digits and 512 features it halves the condition number. The features are
    scaled so that the Gram matrix has about ones on its diagonal.

    Args:
        inputs: shape (n, d), no row zero; take a mean off beforehand if they all point one way.
        width: number p of features, at least 1.
        generator: for u.

    Returns:
        Shape (n, p), float64, at least 0.

    Raises:
        SettingError: for a row of zeros or a width below 1.
    """
    norms = inputs.double().norm(dim=1, keepdim=True)
    if width < 1 or not (norms > 0).all():
        raise SettingError(f"width is {width} and the least norm of a row {norms.min():g}: at least 1, and above 0")
    directions = torch.randn(inputs.shape[1], width, generator=generator, dtype=torch.float64)
    # For standard normal z, E max(z - 1, 0)^2 = 2 P(z > 1) - density(1).
    moment = math.erfc(math.sqrt(0.5)) - math.exp(-0.5) / math.sqrt(2 * math.pi)
    features: Tensor = (inputs.double() / norms @ directions - 1).relu() / math.sqrt(width * moment)
    return features


def stable_rate(features: Tensor, batch: int) -> float:
    """Give a step size at which no mini-batch moves the weights away from a solution.

    A step multiplies w - w* by I - (2 rate / batch) B'B, with B the batch's rows. The rate is 3 batch / (4 L), L
    an upper bound on the largest eigenvalue of BB' for every batch: that of XX', or Gershgorin's, if less. Every factor
    then lies in [-1/2, 1].

    Args:
        features: shape (n, p), float64.
        batch: size of a mini-batch, in [1, n].

    Returns:
        The rate, positive, for `sgd_least_squares`.
    """
    gram = (features @ features.mT).abs()
    gershgorin = gram.topk(batch, dim=1).values.sum(dim=1).max()
    largest = min(float(gershgorin), float(torch.linalg.matrix_norm(features, ord=2)) ** 2)
    return 0.75 * batch / largest


def sgd_least_squares(
    features: Tensor,
    targets: Tensor,
    *,
    rate: float,
    epochs: int,
    batch: int,
    generator: torch.Generator,
    start: Tensor | None = None,
) -> Tensor:
    """Minimise the mean squared error by plain SGD, in a new random order each epoch.

    Args:
        features: shape (n, p), float64.
        targets: shape (n,), float64.
        rate: step size, at least 0; `stable_rate` gives one that converges.
        epochs: passes over the examples, at least 0.
        batch: size of a mini-batch, a divisor of n.
        generator: for the order.
        start: initial weights of shape (p,), left as they are; zeros if None.

    Returns:
        Weights of shape (p,), float64.

    Raises:
        SettingError: for a value outside the ranges above.

    Source:
        Zhang et al. 2017, section 5: w <- w - rate e_i x_i.
    """
    _check(features, targets)
    if not 0 <= rate < math.inf or epochs < 0:
        raise SettingError(f"rate is {rate} and epochs {epochs}: finite, and both at least 0")
    if batch < 1 or len(targets) % batch:
        raise SettingError(f"batch is {batch}: a divisor of the number of examples, {len(targets)}")
    weights = torch.zeros_like(features[0]) if start is None else start.clone()
    # Every epoch is shuffled into the same memory, so that a step is two calls on views made once.
    rows, wanted = torch.empty_like(features), torch.empty_like(targets)
    parts = zip(torch.split(rows, batch), torch.split(wanted, batch), strict=True)
    views = [(part, part.mT, values, torch.empty_like(values)) for part, values in parts]
    for _ in range(epochs):
        order = torch.randperm(len(targets), generator=generator).to(features.device)
        torch.index_select(features, 0, order, out=rows)
        torch.index_select(targets, 0, order, out=wanted)
        for part, transposed, values, error in views:
            torch.addmv(values, part, weights, beta=-1, out=error)
            weights.addmv_(transposed, error, alpha=-2 * rate / batch)
    return weights


def minimum_norm(features: Tensor, targets: Tensor) -> Tensor:
    """Solve Xw = y, or least squares, with the least norm, by singular values (on the CPU).

    Args:
        features: shape (n, p), float64.
        targets: shape (n,), or (n, k) for k models at once, float64.

    Returns:
        Weights of shape (p,) or (p, k), float64.
    """
    _check(features, targets if targets.ndim != 2 else targets[:, 0])
    solution: Tensor = torch.linalg.lstsq(features, targets.reshape(len(targets), -1), driver="gelsd").solution
    return solution.reshape(-1, *targets.shape[1:])


def kernel_solution(features: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Solve K a = y with the Gram matrix K = XX' (Zhang et al. 2017, equation 3).

    Args:
        features: shape (n, p), float64, of rank n.
        targets: shape (n,), float64.

    Returns:
        The coefficients a of shape (n,), and the weights X'a of shape (p,).
    """
    _check(features, targets)
    coefficients = torch.linalg.solve(features @ features.mT, targets)
    return coefficients, features.mT @ coefficients


def outside_row_span(weights: Tensor, features: Tensor) -> float:
    """Give the share of the weights' norm that lies outside the span of the rows.

    Args:
        weights: shape (p,), float64.
        features: shape (n, p), float64.

    Returns:
        |w - Pw| / |w| in [0, 1], with P the projection on the span; 0 for weights of zero.
    """
    _, values, rows = torch.linalg.svd(features, full_matrices=False)
    rows = rows[values > max(features.shape) * 2 * ROUNDING * values[0]]
    outside = (weights - rows.mT @ (rows @ weights)).norm()
    return float(outside / weights.norm()) if weights.any() else 0.0


def minimum_norm_tolerance(features: Tensor, targets: Tensor, weights: Tensor, *, outside: float) -> float:
    """Bound |w - w*| / |w*| for weights that should be the solution w* of minimum norm, computed by `minimum_norm`.

    Within the row span |w - w*| is at most |Xw - y| / sigma_min: what SGD has not fitted counts in full. To this come
    the allowed part outside the span, the roundings of the residual, and the error of w*, n p roundings times the
    condition number (Higham 2002, chapter 21). Weights that fit badly get a bound too large to mean anything: demand
    that it be small before comparing.

    Args:
        features: shape (n, p), float64, of rank n.
        targets: shape (n,), float64, not all zero.
        weights: shape (p,), float64: the solution to judge.
        outside: how far rounding alone may move it out of the span; `sgd_rounding` or `kernel_rounding`.

    Returns:
        The bound, positive; infinite for features that are singular to working precision.
    """
    _check(features, targets)
    n, p = features.shape
    values = torch.linalg.svdvals(features)
    slack = n * p * ROUNDING
    least = float(values[-1]) - slack * float(values[0])
    if n > p or least <= 0:
        return math.inf
    rounding = (p + 2) * ROUNDING * (features.abs() @ weights.abs() + targets.abs())
    residual = (features @ weights - targets).norm() + rounding.norm()
    size = minimum_norm(features, targets).norm()
    relative: float = (residual / (least * size)).item()
    return relative + outside + slack * float(values[0]) / least


def sgd_rounding(*, steps: int, batch: int) -> float:
    """Bound what rounding alone moves SGD out of the row span, relative to the minimum norm.

    Exact steps stay in the span. A computed one errs by at most gamma (|w| + (2 rate / batch) |B|'|e|), where gamma is
    batch + 2 roundings. From zero and at `stable_rate` every |w - w*| is at most |w*|, so that the norm of the error
    is at most gamma (2 + 1.5 sqrt batch) |w*|; twice that allows for the roundings of the path itself.

    Args:
        steps: number of steps taken, at least 0.
        batch: size of a mini-batch, at least 1.

    Returns:
        A bound on |w - Pw| / |w*|, with P the projection on the span.
    """
    return 2 * steps * (batch + 2) * ROUNDING * (2 + 1.5 * math.sqrt(batch))


def kernel_rounding(features: Tensor) -> float:
    """Bound what rounding alone moves X'a out of the row span, relative to the minimum norm.

    The product errs by at most n roundings of |X|'|a|, whose norm is at most sqrt(n) sigma_max |w*| / sigma_min; twice
    that allows for the error of a.

    Args:
        features: shape (n, p), float64, of rank n.

    Returns:
        A bound on |w - Pw| / |w*|, with P the projection on the span.
    """
    n = len(features)
    return 2 * n * math.sqrt(n) * ROUNDING * float(torch.linalg.cond(features))


def _check(features: Tensor, targets: Tensor) -> None:
    if features.ndim != 2 or targets.shape != features.shape[:1] or {features.dtype, targets.dtype} != {torch.float64}:
        raise SettingError(
            f"features are {features.dtype} of shape {tuple(features.shape)} and targets {targets.dtype} of shape "
            f"{tuple(targets.shape)}: need float64 of shapes (n, p) and (n,)"
        )
