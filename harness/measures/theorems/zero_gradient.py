"""Cases of what Langevin search is for: a gradient that is zero, and another prediction close by.

Arpit et al. 2017, section 4.1: there might be points "where the gradient is 0, but with a large 2nd derivative
corresponding to a large change in prediction in the neighborhood", and noise enables escaping from them.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from memorization_claims.errors import UndecidableError
from memorization_claims.measures.nets.critical_samples import FGSM, PGD, critical_sample_ratio

Surface = Literal["bowl", "plateau"]
RADIUS = 1.0
FLAT = 0.9
"""How far a plateau reaches, as a share of the way to where the prediction changes."""


def zero_gradient(
    generator: torch.Generator, *, dimensions: int, samples: int, surface: Surface
) -> tuple[float, float]:
    """How many samples Langevin search misses where no gradient shows the way.

    Around each sample the other class's logit rises with the distance: on a bowl as the square, by another factor along
    each coordinate, so that the gradient is zero at the sample alone; from a plateau along one direction, either way,
    so that it is zero in a slab around it. In either case the prediction is another one in half of the box.

    Args:
        generator: what the factors, or the direction, and the samples are drawn from.
        dimensions: of the samples.
        samples: how many.
        surface: bowl or plateau.

    Returns:
        The share of the samples that the search does not find critical, as all of them are; and a half.

    Raises:
        UndecidableError: where the fast gradient sign method, or as many of its steps, finds one: then the gradient is
            not zero.
    """
    centers = torch.randn(1, samples, dimensions, generator=generator, dtype=torch.float64)
    factors = torch.randn(dimensions, generator=generator, dtype=torch.float64).abs()
    signs = torch.randint(0, 2, (dimensions,), generator=generator).double() * 2 - 1
    box = RADIUS * (torch.rand(1001, dimensions, generator=generator, dtype=torch.float64) * 2 - 1)

    def height(offsets: Tensor) -> Tensor:
        return offsets.square() @ factors if surface == "bowl" else (offsets @ (signs * factors)).abs()

    half = height(box).median()
    start = FLAT * half if surface == "plateau" else 0 * half

    def logits(points: Tensor) -> Tensor:
        other = (height(points - centers) - start).relu() - (half - start)
        return torch.stack([torch.zeros_like(other), other], dim=-1)

    def found(**settings: Any) -> float:
        return float(critical_sample_ratio(logits, centers, radius=RADIUS, generators=[generator], **settings))

    for name, gradient_alone in (("one step", FGSM), ("ten steps", PGD)):
        if share := found(**gradient_alone):
            raise UndecidableError(f"precondition failed: {name} along the gradient found {share:.2g} of the samples")
    return 1 - found(), 0.5
