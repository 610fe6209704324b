"""The curvature of a linear model's risk at its global minima (Zhang et al. 2017, section 5). All is float64.

The loss is the logistic loss with the target's own probability as label, less its entropy: zero where output and target
agree, positive elsewhere, and of a curvature that depends on the output. With squared loss the Hessian would be the
same at every point, minimum or not, and there would be nothing to find. For outputs that are vectors it is the
divergence of two laws over as many classes.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import jacrev

from memorization_claims.measures.constructions.linear import minimum_norm
from memorization_claims.measures.constructions.rounding import ROUNDING, gamma

STEEPEST = 1 / (6 * math.sqrt(3))
"""The largest third derivative of the loss by the output."""
FLATTEST = 1 / 4
"""The largest second derivative, of several outputs the largest entry of their matrix."""
STEEPEST_OF_SEVERAL = 1.0
"""With several outputs no entry of that matrix moves by more, for one unit of the output that moves most: a chance s
moves by 2 s (1 - s), a half, and an entry s_i (d_ij - s_j) by what two chances do."""


def logistic_divergence(outputs: Tensor, targets: Tensor) -> Tensor:
    """Give log(1 + e^z) - log(1 + e^y) - sigmoid(y) (z - y), the divergence of two Bernoulli laws by their log odds.

    Args:
        outputs: z, of shape (n,).
        targets: y, of shape (n,).

    Returns:
        Shape (n,), at least 0, and 0 where z = y.
    """
    zero = torch.zeros_like(targets)
    return torch.logaddexp(outputs, zero) - torch.logaddexp(targets, zero) - targets.sigmoid() * (outputs - targets)


def softmax_divergence(outputs: Tensor, targets: Tensor) -> Tensor:
    """Give lse(z) - lse(y) - softmax(y)' (z - y), the divergence of two laws over k classes by their logits.

    Args:
        outputs: z, of shape (n, k).
        targets: y, of shape (n, k).

    Returns:
        Shape (n,), at least 0, and 0 where z = y, up to a constant in each row.
    """
    return outputs.logsumexp(1) - targets.logsumexp(1) - (targets.softmax(1) * (outputs - targets)).sum(1)


def empirical_risk(weights: Tensor, features: Tensor, targets: Tensor) -> Tensor:
    """Take the mean loss of the linear model.

    Args:
        weights: shape (p,), or (p, k) for k outputs.
        features: shape (n, p).
        targets: shape (n,), or (n, k).

    Returns:
        Shape (), at least 0.
    """
    divergence = logistic_divergence if targets.dim() == 1 else softmax_divergence
    return divergence(features @ weights, targets).mean()


def hessian(weights: Tensor, features: Tensor, targets: Tensor) -> Tensor:
    """Differentiate the empirical risk twice by the weights, automatically and in reverse.

    Args:
        weights: shape (p,) or (p, k), float64.
        features: shape (n, p), float64.
        targets: shape (n,) or (n, k), float64.

    Returns:
        Shape (p, p), or (p k, p k).

    Source:
        Zhang et al. 2017, section 5: X' diag(beta) X / n, with beta the second derivatives of the loss at y; "a similar
        formula can be found when y is vector valued".
    """
    twice: Callable[[Tensor], Tensor] = jacrev(jacrev(lambda at: empirical_risk(at, features, targets)))
    size = weights.numel()
    return twice(weights).reshape(size, size)


def global_minima(
    features: Tensor, targets: Tensor, *, count: int, distance: float, generator: torch.Generator
) -> Tensor:
    """Give weights that interpolate: those of minimum norm, and others that differ in the null space of the features.

    Args:
        features: shape (n, p), float64, of rank n < p.
        targets: shape (n,) or (n, k), float64.
        count: how many, at least 1.
        distance: how far the others lie from the first, in norms of the first.
        generator: for directions in the null space.

    Returns:
        Shape (count, p) or (count, p, k).
    """
    least = minimum_norm(features, targets)
    minima = [least]
    for _ in range(count - 1):
        null = torch.randn(least.shape, generator=generator, dtype=torch.float64)
        # What rounding leaves of the rows counts beside what is left of the direction: after the second time, nothing.
        for _ in range(2):
            null = null - minimum_norm(features, features @ null)
        minima.append(least + distance * least.norm() / null.norm() * null)
    return torch.stack(minima)


def hessian_rounding(weights: Tensor, features: Tensor, targets: Tensor) -> float:
    """Bound the Frobenius norm of what rounding adds to the Hessian at weights that interpolate exactly.

    Least squares leaves a residual of n p roundings of |X||w| (Higham 2002, chapter 20), for the solution and for the
    direction in the null space, which are no longer than their sum; twice that allows for constants. The second
    derivative moves with it by its own derivative. Taking it costs a rounding for each unit of its argument and for
    each of n + p + 16 operations, the product with the features included. With k outputs there are k more of these, no
    entry of the second derivative is above 1, and each of k x k blocks of the Hessian may err so much.

    Args:
        weights: shape (p,) or (p, k), float64.
        features: shape (n, p), float64, n < p.
        targets: shape (n,) or (n, k), float64: the outputs, were there no rounding.

    Returns:
        The bound, positive.
    """
    n, p = features.shape
    one, outputs = targets.dim() == 1, targets[0].numel()
    steepest, size, more = (STEEPEST, FLATTEST, 0) if one else (STEEPEST_OF_SEVERAL, 1.0, outputs)
    moved = steepest * 4 * n * p * ROUNDING * torch.linalg.matrix_norm(features, ord=2) * weights.norm()
    errors = moved + size * gamma(n + p + 16 + more) * (1 + targets.reshape(n, -1).abs().amax(1))
    sizes = features.abs()
    return outputs * float((sizes.mT * errors @ sizes).norm() / n)
