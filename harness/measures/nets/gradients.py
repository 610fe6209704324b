"""The gradient magnitude G: how strongly the loss responds to the inputs (Gu & Tresp 2019, section 2)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from memorization_claims.errors import SettingError


def input_gradient_magnitude(
    logits: Callable[[Tensor], Tensor], inputs: Tensor, labels: Tensor, *, chunk: int = 512, most: int = 5000
) -> Tensor:
    """Average over examples the l1 norm of the gradient of the example's own cross-entropy by its input.

    The loss is that of one example, not the mean of a batch, so G does not shrink as more examples are measured.

    Args:
        logits: maps inputs (nets, examples, *shape) to logits (nets, examples, classes); net i sees row i only, and
            each example itself only, as in evaluation mode. Parameters keep their `.grad`.
        inputs: shape (nets, examples, *shape), floating point. G is per unit of these.
        labels: shape (nets, examples), int64 in [0, classes): the labels that the nets were trained on.
        chunk: how many examples of each net are differentiated at once, at least 1; it bounds the memory and does not
            enter the result.
        most: how many examples of each net count, the first of them, at least 1: so many tell their mean.

    Returns:
        Shape (nets,), float64, at least 0: G in nats per unit of input, summed over input dimensions.

    Raises:
        SettingError: for inputs and labels of unequal or empty shape, or a chunk or a number of examples below 1.

    Source:
        Gu & Tresp 2019, section 2, G = (1/N) sum_i sum_j |dL/dx_j|.
    """
    if inputs.ndim < 2 or inputs.shape[:2] != labels.shape or 0 in labels.shape:
        raise SettingError(
            f"inputs of shape {tuple(inputs.shape)} and labels of shape {tuple(labels.shape)}: "
            "need (nets, examples, *shape) and (nets, examples), none empty"
        )
    for name, value in (("chunk", chunk), ("most", most)):
        if value < 1:
            raise SettingError(f"{name} is {value}: at least 1")
    inputs, labels = inputs[:, :most], labels[:, :most]
    nets, examples = labels.shape
    total = torch.zeros(nets, dtype=torch.float64, device=inputs.device)
    for some, wanted in zip(torch.split(inputs, chunk, dim=1), torch.split(labels, chunk, dim=1), strict=True):
        points = some.detach().clone().requires_grad_()
        with torch.enable_grad():
            loss = torch.nn.functional.cross_entropy(logits(points).flatten(0, 1), wanted.flatten(), reduction="sum")
        (gradient,) = torch.autograd.grad(loss, points)
        total += gradient.double().abs().flatten(1).sum(dim=1)
    return total / examples
