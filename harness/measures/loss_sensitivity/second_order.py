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
        the inputs, (nets, examples, directions, *shape).
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
    products, change = vmap(vmap(both, in_dims=(None, None, 0, None)))(weights, inputs, directions, labels)
    return products, change.transpose(1, 2)


def _by_layer(
    layers: Named, weights: Weights, inputs: Tensor, labels: Tensor, directions: Weights
) -> tuple[Weights, Tensor]:
    """Forward and back through the layers: `moved` and `turned` are the changes of `values` and `slope`.

    Those are (nets, examples, directions, units): as rows of all units of all directions, or of the units of one, they
    enter every product as they lie.
    """
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
            values, moved = values * passed, None if moved is None else moved.mul_(passed[:, :, None])
        else:
            values = values.flatten(2)
    assert moved is not None
    shares = values.softmax(-1)
    slope = (shares - nn.functional.one_hot(labels, values.shape[-1])) / labels.shape[1]
    turned = moved.mul_(shares[:, :, None] / labels.shape[1])
    turned.addcmul_(shares[:, :, None], turned.sum(-1, keepdim=True), value=-1)
    products: Weights = {}
    for name, values, moved in reversed(met):
        if name:
            products |= _gathered(name, (values, moved), (slope, turned), weights)
            slope, turned = _back(weights[f"{name}.weight"], directions[f"{name}.weight"], slope, turned)
        else:
            slope, turned = slope * values, turned.mul_(values[:, :, None])
    return products, turned.view(*turned.shape[:3], *inputs.shape[2:])


def _through(
    name: str, values: Tensor, moved: Tensor | None, weights: Weights, directions: Weights
) -> tuple[Tensor, Tensor]:
    """A linear layer's output, (nets, examples, outputs), and its change, (nets, examples, directions, outputs)."""
    weight, along = weights[f"{name}.weight"], directions[f"{name}.weight"]
    out, change = values @ weight.mT, torch.bmm(values, along.flatten(1, 2).mT)
    if moved is not None:
        change.view(len(weight), -1, along.shape[2]).baddbmm_(moved.flatten(1, 2), weight.mT)
    if f"{name}.bias" in weights:
        out = out + weights[f"{name}.bias"][:, None]
        change += directions[f"{name}.bias"].flatten(1)[:, None]
    return out, change.view(*values.shape[:2], *along.shape[1:3])


def _gathered(
    name: str, entered: tuple[Tensor, Tensor | None], back: tuple[Tensor, Tensor], weights: Weights
) -> Weights:
    """How the gradient in a layer's weights changes."""
    (values, moved), (slope, turned) = entered, back
    product = torch.bmm(turned.flatten(2).mT, values).view(len(values), *turned.shape[2:], values.shape[-1])
    if moved is not None:
        product += torch.bmm(slope.mT, moved.flatten(2)).view(len(values), -1, *moved.shape[2:]).transpose(1, 2)
    products = {f"{name}.weight": product}
    return products | ({f"{name}.bias": turned.sum(1)} if f"{name}.bias" in weights else {})


def _back(weight: Tensor, along: Tensor, slope: Tensor, turned: Tensor) -> tuple[Tensor, Tensor]:
    """The gradient in what entered a linear layer, (nets, examples, inputs), and its change along the directions."""
    inputs, by_row = weight.shape[-1], along.transpose(1, 2).flatten(2)
    change = torch.bmm(turned.flatten(1, 2), weight).view(*turned.shape[:2], -1).baddbmm_(slope, by_row)
    return slope @ weight, change.view(*turned.shape[:3], inputs)
