"""What two nets answer to the images of the first."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from memorization_claims.errors import UnfitDataError

Function = Callable[[Tensor], Tensor]


@torch.no_grad()
def answers(first: Function, second: Function, images: Tensor) -> tuple[Tensor, Tensor]:
    """Logits of both nets of each pair on the same images.

    Args:
        first: maps images (pairs, examples, *shape) to logits (pairs, examples, classes), in evaluation mode; pair i is
            row i, and each example itself only.
        second: the same of the other net of each pair.
        images: (pairs, classes, starts, *shape): for each pair and class those that stand for the class.

    Returns:
        Logits of the first and of the second net, each (pairs, classes, starts, classes).
    """
    flat = images.flatten(1, 2)
    logits, others = first(flat), second(flat)
    shape = (*images.shape[:3], logits.shape[-1])
    return logits.reshape(shape), others.reshape(shape)


def representatives(images: Tensor, labels: Tensor, classes: int, most: int) -> Tensor:
    """Real images in the place of sought ones: the first of each class, of every class as many.

    Args:
        images: (n, *shape).
        labels: (n,), int64 in [0, classes).
        classes: number of classes.
        most: images of each class, at least 1; fewer where a class has fewer.

    Returns:
        (classes, starts, *shape).

    Raises:
        UnfitDataError: where a class has no image.
    """
    counts = torch.bincount(labels, minlength=classes)
    if int(counts.min()) == 0:
        raise UnfitDataError(
            f"class {int(counts.argmin())} has none of {len(labels)} validation images; legal is 1 or more"
        )
    few = min(most, int(counts.min()))
    return torch.stack([images[labels == each][:few] for each in range(classes)])
