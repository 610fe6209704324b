"""Inner products of the examples' own gradients in the parameters of one net: all that their lengths and angles need.

The gradients themselves would take the room of the net times the examples. Where all parameters are those of linear
and convolutional layers, one pass over the batch gives the products layer by layer: an example's gradient in a layer's
weight is the product of the slope behind the layer and the layer's input. For any other net they come from
torch.func.vmap.
"""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn.functional import cross_entropy, unfold

from memorization_claims.models.plain import is_plain


def products(model: nn.Module, inputs: Tensor, labels: Tensor) -> Tensor:
    """Multiply the gradients of any two examples' cross-entropies in the parameters that are trained.

    Args:
        model: in evaluation mode, where no example's logits depend on another.
        inputs: shape (examples, *shape).
        labels: shape (examples,), int64.

    Returns:
        Shape (examples, examples).
    """
    layers = [layer for layer in model.modules() if next(layer.parameters(recurse=False), None) is not None]
    shared = len(list(model.parameters())) < len(list(model.named_parameters(remove_duplicate=False)))
    known = not shared and all(map(_known, layers))
    by_layer = _by_layer(model, layers, inputs, labels) if known else None
    return by_vmap(model, inputs, labels) if by_layer is None else by_layer


def _known(layer: nn.Module) -> bool:
    """Whether an example's gradient in a layer is a product of slope and input, as here."""
    if not is_plain(layer) or not all(parameter.requires_grad for parameter in layer.parameters()):
        return False
    if type(layer) is nn.Conv2d:
        return layer.groups == 1 and layer.padding_mode == "zeros" and not isinstance(layer.padding, str)
    return type(layer) is nn.Linear


@torch.enable_grad()
def _by_layer(model: nn.Module, layers: list[nn.Module], inputs: Tensor, labels: Tensor) -> Tensor | None:
    """The products from one pass; None where a layer is passed through other than once, or takes no plain batch."""
    met: list[tuple[nn.Module, Tensor, Tensor]] = []

    def note(layer: nn.Module, given: tuple[Tensor], out: Tensor) -> Tensor:
        # Added to the output, so that what changes the output in place does not change where the slope is taken.
        place = torch.zeros_like(out).requires_grad_()
        met.append((layer, given[0].detach(), place))
        return out + place

    hooks = [layer.register_forward_hook(note) for layer in layers]
    try:
        loss = cross_entropy(model(inputs), labels, reduction="sum")
    finally:
        for hook in hooks:
            hook.remove()
    plain = all(given.dim() == (4 if type(layer) is nn.Conv2d else 2) for layer, given, _ in met)
    if not plain or len(met) != len(layers) or {layer for layer, *_ in met} != set(layers):
        return None
    slopes = torch.autograd.grad(loss, [place for *_, place in met])
    return torch.stack([_of(layer, given, slope) for (layer, given, _), slope in zip(met, slopes, strict=True)]).sum(0)


def _of(layer: nn.Module, given: Tensor, slope: Tensor) -> Tensor:
    """The part of one layer, (examples, examples)."""
    if not isinstance(layer, nn.Conv2d):
        return (slope @ slope.T) * (given @ given.T + (layer.bias is not None))
    assert not isinstance(layer.padding, str)
    patches = unfold(given, layer.kernel_size, layer.dilation, layer.padding, layer.stride)
    slopes = slope.flatten(2).transpose(1, 2)
    return of_convolution(patches.transpose(1, 2), slopes, layer.bias is not None)


def of_convolution(patches: Tensor, slopes: Tensor, bias: bool) -> Tensor:
    """The part of a convolution, (examples, examples).

    Args:
        patches: what its kernel meets, (examples, pixels, inputs * kernel).
        slopes: of the loss in its output, (examples, pixels, outputs).
        bias: whether it has biases.
    """
    weights = torch.bmm(slopes.transpose(1, 2), patches).flatten(1)
    products = weights @ weights.T
    if bias:
        biases = slopes.sum(1)
        products += biases @ biases.T
    return products


def by_vmap(model: nn.Module, inputs: Tensor, labels: Tensor) -> Tensor:
    """The same for any net."""
    # functional_call does not put back the parameters of a module that stands in two places: a copy may stay changed.
    model = deepcopy(model)

    def loss(parameters: dict[str, Tensor], one: Tensor, label: Tensor) -> Tensor:
        return cross_entropy(functional_call(model, parameters, (one[None],)), label[None])

    trained = {name: parameter.detach() for name, parameter in model.named_parameters() if parameter.requires_grad}
    gradients = [
        gradient.flatten(1) for gradient in vmap(grad(loss), in_dims=(None, 0, 0))(trained, inputs, labels).values()
    ]
    return torch.stack([gradient @ gradient.T for gradient in gradients]).sum(0)
