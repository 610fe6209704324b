"""Critical samples: how densely the data lie around a net's decision boundaries (Arpit et al. 2017, section 4.1).

A sample is critical when the net predicts another class somewhere in the box of half-width r around it. The search is
Langevin adversarial sample search (`training.lass`). It shows that a sample is critical and never that it is
not, so whatever is found is a lower bound. Without noise the same search is the fast gradient sign method, or projected
gradient descent, which stand beside it to be compared.

So does a search towards each other class in turn. Langevin search follows the odds of the predicted class against all
others together, in which the scale of the logits decides how much the nearest of them counts; whether a sample is
critical does not depend on that scale, and neither does what this search finds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypedDict

import torch
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.training.lass import lass


class Settings(TypedDict):
    """Settings of the search: `steps`, `alpha` and `beta` of `critical_samples`."""

    steps: int
    alpha: float
    beta: float


FGSM = Settings(steps=1, alpha=1.0, beta=0.0)
"""The fast gradient sign method (Goodfellow et al. 2014) as a case of the search: one step to a corner of the box."""
PGD = Settings(steps=10, alpha=0.25, beta=0.0)
"""Projected gradient descent from the sample itself, the basic iterative method of Kurakin et al. 2017: as many steps
as the Langevin search takes, of two and a half radii together (Madry et al. 2018), and no noise."""


def critical_sample_ratio(
    logits: Callable[[Tensor], Tensor],
    inputs: Tensor,
    *,
    radius: float,
    generators: Sequence[torch.Generator],
    steps: int = 10,
    alpha: float | None = None,
    beta: float | None = None,
) -> Tensor:
    """Find the fraction of critical samples of each net: a lower bound on its critical sample ratio.

    Takes what `critical_samples` takes, and raises what it raises.

    Returns:
        Shape (nets,), float64, in [0, 1].
    """
    critical = critical_samples(
        logits, inputs, radius=radius, generators=generators, steps=steps, alpha=alpha, beta=beta
    )
    return critical.double().mean(dim=1)


def critical_samples_missed(
    logits: Callable[[Tensor], Tensor], inputs: Tensor, *, radius: float, generators: Sequence[torch.Generator]
) -> Tensor:
    """Find the fraction of samples that the fast gradient sign method finds critical and the Langevin search does not.

    Takes what `critical_samples` takes, and raises what it raises.

    Returns:
        Shape (nets,), float64, in [0, 1].
    """
    by_search = critical_samples(logits, inputs, radius=radius, generators=generators)
    by_gradient = critical_samples(logits, inputs, radius=radius, generators=generators, **FGSM)
    return (by_gradient & ~by_search).double().mean(dim=1)


def critical_samples(
    logits: Callable[[Tensor], Tensor],
    inputs: Tensor,
    *,
    radius: float,
    generators: Sequence[torch.Generator],
    steps: int = 10,
    alpha: float | None = None,
    beta: float | None = None,
) -> Tensor:
    """Search for critical samples of several nets at once, by LASS.

    Takes what `lass` takes, and raises what it raises.

    Returns:
        Shape (nets, examples), bool: True where another prediction was found within the box.
    """
    return lass(logits, inputs, radius=radius, generators=generators, steps=steps, alpha=alpha, beta=beta)[0]


def targeted_critical_sample_ratio(
    logits: Callable[[Tensor], Tensor], inputs: Tensor, *, radius: float, steps: int = 1, alpha: float = 1.0
) -> Tensor:
    """Find the fraction of critical samples of each net by `targeted_critical_samples`: a lower bound too.

    Takes what that takes, and raises what it raises.

    Returns:
        Shape (nets,), float64, in [0, 1].
    """
    found = targeted_critical_samples(logits, inputs, radius=radius, steps=steps, alpha=alpha)
    return found.double().mean(dim=1)


def targeted_critical_samples(
    logits: Callable[[Tensor], Tensor], inputs: Tensor, *, radius: float, steps: int = 1, alpha: float = 1.0
) -> Tensor:
    """Search for critical samples of several nets at once, towards each other class in turn.

    A step goes against the sign of the gradient of f_k - f_t, for the predicted class k and the target t. Of linear
    nets one step of a full radius finds every critical sample.

    Args:
        logits: maps inputs (nets, examples, *shape) to logits (nets, examples, classes), as `lass` takes it.
        inputs: shape (nets, examples, *shape), floating point.
        radius: half-width of the box (l-infinity) in the units of `inputs`, at least 0.
        steps: number of steps towards each class, at least 1.
        alpha: their size, in multiples of the radius, at least 0.

    Returns:
        Shape (nets, examples), bool: True where another prediction was found within the box.

    Raises:
        SettingError: for a radius, a number of steps or a size outside its range.

    Source:
        The multi-targeted attack of Gowal et al. 2019, arXiv:1910.09338; by default with one step, as `FGSM`.
    """
    for name, value, least in (("radius", radius, 0), ("steps", steps, 1), ("alpha", alpha, 0)):
        if not least <= value < math.inf:
            raise SettingError(f"{name} is {value}: finite and at least {least}")
    center = inputs.detach()
    with torch.enable_grad():
        start = center.clone().requires_grad_()
        at_start = logits(start)
        predicted = at_start.argmax(dim=-1, keepdim=True)
        critical = torch.zeros_like(predicted[..., 0], dtype=torch.bool)
        for target in range(at_start.shape[-1]):
            moving, outputs = start, at_start
            for _ in range(steps):
                gaps = outputs.gather(-1, predicted)[..., 0] - outputs[..., target]
                (uphill,) = torch.autograd.grad(gaps.sum(), moving, retain_graph=moving is start)
                step = alpha * radius * uphill.sign()
                moving = (moving.detach() - step).clamp(center - radius, center + radius).requires_grad_()
                outputs = logits(moving)
                critical |= outputs.argmax(dim=-1) != predicted[..., 0]
    return critical
