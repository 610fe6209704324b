"""How like generated images are to real ones, by distances between images; what nets answer to them plays no part."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Logits = Callable[[Tensor], Tensor]


@torch.no_grad()
def distance_to_nearest(logits: Logits, inputs: Tensor, held_out: Tensor) -> Tensor:
    """How far an image is from the nearest of those held out, in the mean over images.

    Args:
        logits: not asked.
        inputs: (nets, images, *shape), float32.
        held_out: (nets, others, *shape), float32: real images of which none is among the inputs.

    Returns:
        (nets,), float64, at least 0: Euclidean, in the unit of the inputs. An image of little contrast is near to all:
        judge `distance_between` beside it.

    Source:
        Gu & Tresp 2019, section 3: the generator "maps latent variables to samples in data space".
    """
    return _distances(inputs.flatten(2), held_out.flatten(2)).amin(dim=2).double().mean(dim=1)


@torch.no_grad()
def distance_between(logits: Logits, inputs: Tensor) -> Tensor:
    """How far images are from each other, in the mean over all pairs.

    Args:
        logits: not asked.
        inputs: (nets, images, *shape), float32, at least 2 images.

    Returns:
        (nets,), float64, at least 0: Euclidean, in the unit of the inputs; 0 for a generator of one image.

    Source:
        as above.
    """
    images = inputs.flatten(2)
    number = images.shape[1]
    return _distances(images, images).double().sum(dim=(1, 2)) / (number * (number - 1))


def _distances(one: Tensor, other: Tensor) -> Tensor:
    """All distances, by differences: from inner products, torch's way with many points, near ones are rounding."""
    return torch.cdist(one, other, compute_mode="donot_use_mm_for_euclid_dist")
