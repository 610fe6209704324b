"""Critical samples: how densely the data lie around a net's decision boundaries (Arpit et al. 2017, section 4.1).

A sample is critical when the net predicts another class somewhere in the box of half-width r around it. The search is
Langevin adversarial sample search (`training.lass`). It shows that a sample is critical and never that it is
not, so whatever is found is a lower bound. Without noise the same search is the fast gradient sign method, or projected
gradient descent, which stand beside it to be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

import torch
from torch import Tensor

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
