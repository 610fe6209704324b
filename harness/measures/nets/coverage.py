"""Which classes nets find among images."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import one_hot

Logits = Callable[[Tensor], Tensor]


@torch.no_grad()
def rarest_share(logits: Logits, inputs: Tensor) -> Tensor:
    """The share of images that are put in the class which is found least often.

    Args:
        logits: from inputs (nets, images, *shape) to (nets, images, classes), in evaluation mode.
        inputs: (nets, images, *shape), float32, in the nets' own unit.

    Returns:
        (nets,), float64, from 0, where a class is not found at all, to 1 / classes. In the mean over draws it lies
        below the least probability of any class, and the further the fewer images there are.

    Source:
        Gu & Tresp 2019, section 4, where patterns are sought for every class.
    """
    answers = _in_portions(logits, inputs)
    predicted = one_hot(answers.argmax(dim=2), answers.shape[2]).double()
    return predicted.mean(dim=1).amin(dim=1)


def _in_portions(logits: Logits, inputs: Tensor, size: int = 100) -> Tensor:
    """The logits, (nets, images, classes), of so many images at a time that they fit the cache."""
    starts = range(0, inputs.shape[1], size)
    return torch.cat([logits(inputs[:, start : start + size]) for start in starts], dim=1)
