"""How the gradients of a batch change along directions in the weights: what a step back through an update takes.

For nets of linear layers and ReLU both passes are written out over the stack of nets, with the derivative along every
direction beside them (Pearlmutter 1994, Fast exact multiplication by the Hessian): a quarter of the time that
torch.func takes, which serves any other net.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn.functional import cross_entropy

from memorization_claims.training.stacked import Named, layers_of

Weights = dict[str, Tensor]


def slopes(model: nn.Module, weights: Weights, inputs: Tensor, labels: Tensor, terms: Tensor) -> Weights:
    """Differentiate weighted sums of the examples' cross-entropies in the weights.

    Args:
        model: names the layers; its own weights do not matter.
        weights: of each net by name, (nets, ...).
        inputs: (nets, examples, *shape).
        labels: (nets, examples), int64.
        terms: (nets, terms, examples): the weight of each example in each sum.

    Returns:
        By name (nets, terms, ...).
    """

    def loss(parameters: Weights, x: Tensor, y: Tensor, term: Tensor) -> Tensor:
        return term @ cross_entropy(functional_call(model, parameters, (x,)), y, reduction="none")

    gradients: Weights = vmap(vmap(grad(loss), in_dims=(None, None, None, 0)))(weights, inputs, labels, terms)
    return gradients


def changes(
    model: nn.Module, weights: Weights, inputs: Tensor, labels: Tensor, directions: Weights
) -> tuple[Weights, Tensor]:
    """Derive the gradients of the mean cross-entropy of a batch along directions in the weights.

    Since second derivatives commute, what the gradient in the inputs changes by is also how the product of direction
    and gradient in the weights depends on the inputs.

    Args:
        model: as above.
        weights: of each net by name, (nets, ...).
        inputs: (nets, examples, *shape).
        labels: (nets, examples), int64.
        directions: by name (nets, directions, ...).

    Returns:
        The Hessian's product with each direction, by name (nets, directions, ...); and the change of the gradient in
        the inputs, (nets, directions, examples, *shape).
    """
    layers = layers_of(model)
    written_out = layers is not None and not any(True for _ in model.buffers())
    if layers is None or not written_out:
        return by_vmap(model, weights, inputs, labels, directions)
    return _by_layer(layers, weights, inputs, labels, directions)


def by_vmap(
    model: nn.Module, weights: Weights, inputs: Tensor, labels: Tensor, directions: Weights
) -> tuple[Weights, Tensor]:
    """The same for any net."""

    def loss(parameters: Weights, x: Tensor, y: Tensor) -> Tensor:
        return cross_entropy(functional_call(model, parameters, (x,)), y)

    def along(parameters: Weights, x: Tensor, direction: Weights, y: Tensor) -> Tensor:
        gradient = grad(loss)(parameters, x, y)
        return torch.stack([(gradient[name] * direction[name]).sum() for name in gradient]).sum()

    both = grad(along, argnums=(0, 1))
    derivatives: tuple[Weights, Tensor] = vmap(vmap(both, in_dims=(None, None, 0, None)))(
        weights, inputs, directions, labels
    )
    return derivatives


def _by_layer(
    layers: Named, weights: Weights, inputs: Tensor, labels: Tensor, directions: Weights
) -> tuple[Weights, Tensor]:
    """Forward and back through the layers; `moved` and `turned` are the changes of `values` and `slope`."""
    met: list[tuple[str, Tensor, Tensor | None]] = []
    values: Tensor = inputs
    moved: Tensor | None = None
    for name, layer in layers:
        if isinstance(layer, nn.Linear):
            met.append((name, values, moved))
            values, moved = _through(name, values, moved, weights, directions)
        elif isinstance(layer, nn.ReLU):
            passed = (values > 0).to(values.dtype)
            met.append(("", passed, None))
            values, moved = values * passed, None if moved is None else moved * passed[:, None]
        else:
            values = values.flatten(2)
    assert moved is not None
    shares = values.softmax(-1)
    slope = (shares - nn.functional.one_hot(labels, values.shape[-1])) / labels.shape[1]
    turned = moved * (shares[:, None] / labels.shape[1])
    turned.addcmul_(shares[:, None], turned.sum(-1, keepdim=True), value=-1)
    weight_changes: Weights = {}
    for name, values, moved in reversed(met):
        if not name:
            slope, turned = slope * values, turned * values[:, None]
            continue
        _gather(weight_changes, name, (values, moved), (slope, turned), weights)
        turned = _plus(_rows(turned, weights[f"{name}.weight"]), slope, directions[f"{name}.weight"])
        slope = slope @ weights[f"{name}.weight"]
    return weight_changes, turned.reshape(*turned.shape[:2], *inputs.shape[1:])


def _through(
    name: str, values: Tensor, moved: Tensor | None, weights: Weights, directions: Weights
) -> tuple[Tensor, Tensor]:
    """A linear layer's output, (nets, examples, outputs), and its change, (nets, directions, examples, outputs)."""
    weight, along = weights[f"{name}.weight"], directions[f"{name}.weight"]
    out = values @ weight.mT
    change = (values @ along.flatten(1, 2).mT).view(*values.shape[:2], *along.shape[1:3]).transpose(1, 2)
    if moved is not None:
        change = change + _rows(moved, weight.mT)
    if f"{name}.bias" in weights:
        out, change = out + weights[f"{name}.bias"][:, None], change + directions[f"{name}.bias"][:, :, None]
    return out, change


def _gather(
    weight_changes: Weights,
    name: str,
    entered: tuple[Tensor, Tensor | None],
    back: tuple[Tensor, Tensor],
    weights: Weights,
) -> None:
    """Note how the gradient in a layer's weights changes."""
    (values, moved), (slope, turned) = entered, back
    change = _rows(turned.mT, values)
    weight_changes[f"{name}.weight"] = change if moved is None else _plus(change, slope.mT, moved)
    if f"{name}.bias" in weights:
        weight_changes[f"{name}.bias"] = turned.sum(2)


def _plus(many: Tensor, matrix: Tensor, others: Tensor) -> Tensor:
    """Each net's one matrix (nets, rows, inner) times its others, one a direction, added to the `many` in place."""
    each = matrix[:, None].expand(*many.shape[:2], *matrix.shape[1:])
    many.view(-1, *many.shape[2:]).baddbmm_(each.flatten(0, 1), others.flatten(0, 1))
    return many


def _rows(many: Tensor, matrix: Tensor) -> Tensor:
    """Each net's matrices (nets, directions, rows, inner) times its one matrix (nets, inner, columns)."""
    return torch.bmm(many.flatten(1, 2), matrix).view(*many.shape[:3], matrix.shape[-1])
