"""The hand-batched engine: nets of linear layers, ReLU and noise as batched matrix products, with their own backward.

Autograd would keep and allocate what is not needed: written out, a step of 100 nets of 2x64 units takes less than half
the time that it takes under torch.func.vmap. Each net's products are separate matrices of the batch. MKL rounds a
product by where its matrices lie in memory, so features, units and classes are padded with zeros: then every net's
matrices begin on the same boundary, and on a CPU with one thread a net's bits do not depend on how many others it is
trained with.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from memorization_claims.models.noise import Noise
from memorization_claims.models.plain import all_plain
from memorization_claims.spec.recipe import Recipe
from memorization_claims.training import optimizer

BOUNDARY = 16
"""Sizes are padded to multiples of this: 64 bytes of float32, the widest boundary that a CPU's vectors know."""

Named = list[tuple[str, nn.Module]]
Drawn = dict[str, list[Tensor]]
"""What was drawn for each noise layer, by its name: for each pass through it (nets, examples, *shape)."""


def layers_of(model: nn.Module) -> Named | None:
    """The model as a flat list of named layers that this engine knows; None if it has any other, or hooks."""
    if not all_plain(model):
        return None
    layers = _flat(model, "")
    linear = [index for index, (_, layer) in enumerate(layers) if isinstance(layer, nn.Linear)]
    flattens = [index for index, (_, layer) in enumerate(layers) if isinstance(layer, nn.Flatten)]
    known = all(
        type(layer) in (nn.ReLU, nn.Linear, Noise)
        or (type(layer) is nn.Flatten and (layer.start_dim, layer.end_dim) == (1, -1))
        for _, layer in layers
    )
    return layers if known and flattens and linear and flattens[0] < linear[0] else None


def _flat(model: nn.Module, prefix: str) -> Named:
    if type(model) is not nn.Sequential:
        return [(prefix, model)]
    # Not named_children, which leaves out a layer that stands in two places.
    children = zip(model._modules, model, strict=True)
    return [layer for name, child in children for layer in _flat(child, f"{prefix}.{name}" if prefix else name)]


def _padded(values: Tensor, dims: int, value: float = 0.0) -> Tensor:
    """Zeros, or another value, after the last `dims` dimensions, up to the next boundary."""
    margins = [margin for size in reversed(values.shape[-dims:]) for margin in (0, -size % BOUNDARY)]
    return pad(values, margins, value=value) if any(margins) else values


class Batched:
    """Nets as one stack of tensors: weights (nets, outputs, inputs), biases (nets, outputs), padded."""

    def __init__(self, model: nn.Module, tensors: dict[str, Tensor], recipe: Recipe) -> None:
        layers = layers_of(model)
        assert layers is not None
        self._layers = layers
        self._shapes = {key: tensor.shape[1:] for key, tensor in tensors.items()}
        self._classes = [layer.out_features for _, layer in layers if isinstance(layer, nn.Linear)][-1]
        # Added to the logits, it gives a padded class the probability 0.
        self._absent = _padded(next(iter(tensors.values())).new_zeros(self._classes), 1, -torch.inf)
        # By label, what is added to the probabilities: scattered sums have no fixed order on CUDA, or a slow one.
        self._wanted = -torch.eye(len(self._absent)).to(self._absent)
        self._tensors = {key: _padded(tensor, tensor.dim() - 1) for key, tensor in tensors.items()}
        self._recipe, self._rate = recipe, recipe.rate_at(0)
        self._gradients = {key: torch.empty_like(tensor) for key, tensor in self._tensors.items()}
        self._state = optimizer.State(recipe, list(self._tensors.values()))

    def logits(self, inputs: Tensor) -> Tensor:
        """Logits in evaluation mode, differentiable in the inputs: (nets, examples, classes)."""
        return self._forward(inputs, {})[-1][..., : self._classes]

    @torch.no_grad()
    def products(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """Inner products of the gradients of each net's examples, in evaluation mode: (nets, examples, examples)."""
        *entering, logits = self._forward(inputs, {})
        total = inputs.new_zeros(*labels.shape, labels.shape[1])
        for name, behind, values in self._backward(self._slope(logits, labels), entering, {}):
            entered = torch.bmm(values, values.transpose(1, 2)) + (f"{name}.bias" in self._tensors)
            total += entered * torch.bmm(behind, behind.transpose(1, 2))
        return total

    @torch.no_grad()
    def step(
        self, inputs: Tensor, labels: Tensor, drawn: Drawn, scale: float = 1.0, shares: Tensor | None = None
    ) -> None:
        """One step of training on the mean cross-entropy of each net's batch, or on a sum with other shares."""
        *entering, logits = self._forward(inputs, drawn)
        slope = self._slope(logits, labels)
        slope = slope.div_(labels.shape[1]) if shares is None else slope.mul_(shares[:, None])
        for name, behind, values in self._backward(slope, entering, drawn):
            torch.bmm(behind.transpose(1, 2), values, out=self._gradients[f"{name}.weight"])
            if f"{name}.bias" in self._gradients:
                torch.sum(behind, 1, out=self._gradients[f"{name}.bias"])
        tensors, gradients = list(self._tensors.values()), list(self._gradients.values())
        optimizer.step(self._recipe, self._rate * scale, tensors, gradients, self._state)

    def _forward(self, inputs: Tensor, drawn: Drawn) -> list[Tensor]:
        """Each layer's input, and the padded logits; without noise drawn, in evaluation mode."""
        values = [inputs]
        for name, layer in self._layers:
            if isinstance(layer, nn.Linear):
                values.append(self._linear(name, values[-1]))
            elif isinstance(layer, nn.ReLU):
                values.append(values[-1].relu())
            elif isinstance(layer, Noise):
                noisy = layer.apply_to(values[-1], _like(drawn[name][0], values[-1])) if drawn else values[-1]
                values.append(noisy)
            else:
                values.append(_padded(values[-1].flatten(2), 1))
        return values

    def _slope(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The slope of each example's cross-entropy in its padded logits."""
        slope = (logits + self._absent).softmax(-1)
        return slope.add_(self._wanted.index_select(0, labels.flatten()).view_as(slope))

    def _linear(self, name: str, values: Tensor) -> Tensor:
        weight = self._tensors[f"{name}.weight"].transpose(1, 2)
        bias = self._tensors.get(f"{name}.bias")
        return torch.bmm(values, weight) if bias is None else torch.baddbmm(bias[:, None], values, weight)

    def _backward(self, slope: Tensor, entering: list[Tensor], drawn: Drawn) -> Iterator[tuple[str, Tensor, Tensor]]:
        """Each linear layer, the last one first: its name, the loss's slope in its output, and its input."""
        first = next(index for index, (_, layer) in enumerate(self._layers) if isinstance(layer, nn.Linear))
        for index in range(len(self._layers) - 1, first - 1, -1):
            (name, layer), values = self._layers[index], entering[index]
            if isinstance(layer, nn.Linear):
                yield name, slope, values
                if index > first:
                    slope = torch.bmm(slope, self._tensors[f"{name}.weight"])
            elif isinstance(layer, nn.ReLU):
                slope = torch.ops.aten.threshold_backward(slope, values, 0)
            elif isinstance(layer, Noise) and layer.kind == "dropout" and drawn:
                slope = slope * _like(drawn[name][0], slope)

    def keep(self, nets: Tensor) -> None:
        """Go on with these nets only."""
        self._tensors = {key: tensor.index_select(0, nets) for key, tensor in self._tensors.items()}
        self._gradients = {key: torch.empty_like(tensor) for key, tensor in self._tensors.items()}
        self._state.keep(nets)

    def weights(self, nets: Tensor) -> dict[str, Tensor]:
        """Parameters of these nets by name, (nets, ...); copies."""
        chosen = {key: tensor.index_select(0, nets) for key, tensor in self._tensors.items()}
        return {key: tensor[:, *map(slice, self._shapes[key])].contiguous() for key, tensor in chosen.items()}


def _like(drawn: Tensor, values: Tensor) -> Tensor:
    """Noise padded as the values are: a padded unit stays at zero."""
    return pad(drawn, (0, values.shape[-1] - drawn.shape[-1])) if drawn.shape != values.shape else drawn
