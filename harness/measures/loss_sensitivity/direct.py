"""Gradients of the loss in the inputs that it is taken on, along the course of training: the direct part."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn.functional import cross_entropy

from memorization_claims.measures.loss_sensitivity.course import course
from memorization_claims.measures.loss_sensitivity.second_order import Weights
from memorization_claims.spec.recipe import Recipe


def directly(
    models: list[nn.Module],
    inputs: Tensor,
    labels: Tensor,
    batches: Sequence[Tensor],
    recipe: Recipe,
    *,
    at: Sequence[int],
) -> Tensor:
    """Differentiate each example's own loss after some updates in its input, with the weights held.

    Added to what goes through the updates it makes the total derivative: the loss after t updates is taken on the
    training set, and so depends on an example even if it was never trained on.

    Args:
        models: with the initial weights, one a net; of one architecture, without noise or batch norm.
        inputs: (nets, examples, *shape), float32 or float64 as the weights.
        labels: (nets, examples), int64.
        batches: for each update the examples it is made on, (nets, batch).
        recipe: plain SGD on these inputs.
        at: after how many updates the loss is taken, rising.

    Returns:
        (nets, recorded, examples, *shape). A sum of losses over examples has this times their weights.
    """
    model = deepcopy(models[0]).to(inputs.device).eval()

    def loss(x: Tensor, weights: Weights, y: Tensor) -> Tensor:
        return cross_entropy(functional_call(model, weights, (x,)), y, reduction="sum")

    slopes = vmap(grad(loss))
    times = [
        slopes(inputs, weights, labels)
        for update, weights in course(models, inputs, labels, batches, recipe)
        if update in at
    ]
    return torch.stack(times[::-1], dim=1)
