"""Gradients of the loss in the inputs that it is taken on, along the course of training: the direct part."""

from __future__ import annotations

from copy import deepcopy

from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn.functional import cross_entropy

from memorization_claims.measures.loss_sensitivity.second_order import Weights


def directly(model: nn.Module, weights: Weights, inputs: Tensor, labels: Tensor) -> Tensor:
    """Differentiate each example's own loss in its input, with the weights held.

    Added to what goes through the updates it makes the total derivative: the loss after t updates is taken on the
    training set, and so depends on an example even if it was never trained on.

    Args:
        model: names the layers, without noise or batch norm; its own weights do not matter.
        weights: of each net whenever the loss is taken, by name (nets, recorded, ...).
        inputs: (nets, examples, *shape), float32 or float64 as the weights.
        labels: (nets, examples), int64.

    Returns:
        (nets, recorded, examples, *shape). A sum of losses over examples has this times their weights.
    """
    model = deepcopy(model).to(inputs.device).eval()

    def loss(x: Tensor, weights: Weights, y: Tensor) -> Tensor:
        return cross_entropy(functional_call(model, weights, (x,)), y, reduction="sum")

    gradients: Tensor = vmap(vmap(grad(loss), in_dims=(None, 0, None)))(inputs, weights, labels)
    return gradients
