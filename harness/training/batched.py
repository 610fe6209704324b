"""The hand-batched engine: nets of linear layers, ReLU and noise, and small convolutional ones, as batched products.

Autograd would keep and allocate what is not needed: written out, a step of 100 nets of 2x64 units takes less than half
the time that it takes under torch.func.vmap. Each net's products are separate matrices of the batch. MKL rounds a
product by where its matrices lie in memory, so features, units, channels and classes are padded with zeros: then every
net's matrices begin on the same boundary, and on a CPU with one thread a net's bits do not depend on how many others it
is trained with.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import pad

from memorization_claims.models.noise import Noise
from memorization_claims.models.plain import all_plain
from memorization_claims.spec.recipe import Recipe
from memorization_claims.training import convolutions, optimizer
from memorization_claims.training.convolutions import Convolution, Laid, Pooled
from memorization_claims.training.layers import Drawn, Flat, Linear, Noisy, Rectified
from memorization_claims.training.padding import padded
from memorization_claims.training.rows import Rows, held

Named = list[tuple[str, nn.Module]]
Shape = tuple[int, ...]
Layer = Linear | Rectified | Noisy | Flat | Laid | Convolution | Pooled


def layers_of(model: nn.Module, shape: Shape | None = None) -> Named | None:
    """The model as a flat list of named layers that this engine knows; None if it has any other, or hooks.

    Args:
        model: any.
        shape: (channels, height, width) of the images that it takes; without, no net with convolutions is known.
    """
    if not all_plain(model):
        return None
    layers = _flat(model, "")
    kinds = [type(layer) for _, layer in layers]
    if nn.Flatten not in kinds or nn.Linear not in kinds[kinds.index(nn.Flatten) :]:
        return None
    front = kinds.index(nn.Flatten)
    if not (_knows_images(layers[:front], shape) and all(_is_known(layer) for _, layer in layers[front:])):
        return None
    return layers


def _is_known(layer: nn.Module) -> bool:
    if type(layer) is nn.Flatten:
        return (layer.start_dim, layer.end_dim) == (1, -1)
    return type(layer) in (nn.ReLU, nn.Linear, Noise)


def _knows_images(layers: Named, shape: Shape | None) -> bool:
    """Whether the layers before flattening are known: in between convolutions one max pool at most."""
    small = shape is not None and len(shape) == 3 and shape[2] <= convolutions.WIDEST
    pooled = True
    for _, layer in layers:
        if type(layer) in (nn.Conv2d, nn.MaxPool2d):
            if not (small and convolutions.is_known(layer)) or (type(layer) is nn.MaxPool2d and pooled):
                return False
            pooled = type(layer) is nn.MaxPool2d
        elif type(layer) not in (nn.ReLU, Noise):
            return False
    return True


def _flat(model: nn.Module, prefix: str) -> Named:
    if type(model) is not nn.Sequential:
        return [(prefix, model)]
    # Not named_children, which leaves out a layer that stands in two places.
    children = zip(model._modules, model, strict=True)
    return [layer for name, child in children for layer in _flat(child, f"{prefix}.{name}" if prefix else name)]


def _stacked(layers: Named, shape: Shape, tensors: dict[str, Tensor]) -> list[tuple[str, Layer]]:
    """The layers of a stack of nets, by name, from those of one net and all nets' tensors."""
    stack: list[tuple[str, Layer]] = []
    rows: Rows | None = None
    flat: Rows | None = None
    if any(isinstance(layer, nn.Conv2d) for _, layer in layers):
        channels, height, width = shape
        rows = Rows(height, width, channels, held(3 * channels, width), tall=True)
        stack.append(("", Laid(rows)))
    layers = _pooled_first(layers)
    for place, (name, layer) in enumerate(layers):
        made: Layer
        if isinstance(layer, nn.Linear):
            made, flat = Linear(tensors[f"{name}.weight"], tensors.get(f"{name}.bias"), flat), None
        elif isinstance(layer, nn.ReLU):
            made = Rectified()
        elif isinstance(layer, Noise):
            made = Noisy(name, layer, rows or flat)
        elif isinstance(layer, nn.Conv2d):
            assert rows is not None
            given, rows = rows, _rows_behind(rows, layer.out_channels, layers[place + 1 :])
            made = Convolution(tensors[f"{name}.weight"], tensors.get(f"{name}.bias"), given, rows)
        elif isinstance(layer, nn.MaxPool2d):
            assert rows is not None
            made = Pooled(rows.width)
            rows = Rows(rows.height // 2, rows.width // 2, rows.channels, rows.held)
        else:
            made, flat, rows = Flat(rows), rows or flat, None
        stack.append((name, made))
    return stack


def _pooled_first(layers: Named) -> Named:
    """The same with a max pool before the ReLU that it follows: the same values and slopes, of a quarter as many."""
    layers = list(layers)
    for place, ((_, first), (_, second)) in enumerate(pairwise(layers)):
        if isinstance(first, nn.ReLU) and isinstance(second, nn.MaxPool2d):
            layers[place : place + 2] = layers[place + 1], layers[place]
    return layers


def _rows_behind(rows: Rows, channels: int, rest: Named) -> Rows:
    """The rows that a convolution makes: before a max pool without the odd row and column, which it passes over."""
    next_kind = next((type(layer) for _, layer in rest if not isinstance(layer, nn.ReLU | Noise)), None)
    if next_kind is not nn.MaxPool2d:
        return Rows(rows.height, rows.width, channels, held(channels, rows.width))
    height, width = rows.height // 2, rows.width // 2
    return Rows(2 * height, 2 * width, channels, held(channels, width))


class Batched:
    """Nets as one stack of tensors, padded."""

    def __init__(self, model: nn.Module, tensors: dict[str, Tensor], recipe: Recipe, shape: Shape) -> None:
        layers = layers_of(model, shape)
        assert layers is not None
        stack = _stacked(layers, shape, tensors)
        self._layers = [layer for _, layer in stack]
        self._learning = {name: layer for name, layer in stack if isinstance(layer, Linear | Convolution)}
        self._first = next(place for place, layer in enumerate(self._layers) if layer in self._learning.values())
        self._classes = [layer.out_features for _, layer in layers if isinstance(layer, nn.Linear)][-1]
        # Added to the logits, it gives a padded class the probability 0.
        self._absent = padded(next(iter(tensors.values())).new_zeros(self._classes), 1, -torch.inf)
        self._recipe, self._rate = recipe, recipe.rate_at(0)
        self._state = optimizer.State(recipe, self._tensors())

    def _tensors(self) -> list[Tensor]:
        return [tensor for layer in self._learning.values() for tensor in layer.tensors.values()]

    def logits(self, inputs: Tensor) -> Tensor:
        """Logits in evaluation mode, differentiable in the inputs: (nets, examples, classes)."""
        if torch.is_grad_enabled() and inputs.requires_grad:
            logits: Tensor = _Logits.apply(inputs, self)
            return logits
        return self._forward(inputs, {}, back=False)[0][..., : self._classes]

    @torch.no_grad()
    def products(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """Inner products of the gradients of each net's examples, in evaluation mode: (nets, examples, examples)."""
        logits, kept = self._forward(inputs, {}, back=True)
        total = inputs.new_zeros(*labels.shape, labels.shape[1])
        for place, slope in self._slopes(self._slope(logits, labels), kept, self._first):
            layer = self._layers[place]
            if isinstance(layer, Linear | Convolution):
                total += layer.products(slope, kept[place])
        return total

    @torch.no_grad()
    def step(
        self, inputs: Tensor, labels: Tensor, drawn: Drawn, scale: float = 1.0, shares: Tensor | None = None
    ) -> None:
        """One step of training on the mean cross-entropy of each net's batch, or on a sum with other shares."""
        logits, kept = self._forward(inputs, drawn, back=True)
        slope = self._slope(logits, labels)
        slope = slope.div_(labels.shape[1]) if shares is None else slope.mul_(shares[:, None])
        for place, behind in self._slopes(slope, kept, self._first):
            layer = self._layers[place]
            if isinstance(layer, Linear | Convolution):
                layer.learn(behind, kept[place])
        gradients = [gradient for layer in self._learning.values() for gradient in layer.gradients.values()]
        optimizer.step(self._recipe, self._rate * scale, self._tensors(), gradients, self._state)
        for layer in self._learning.values():
            layer.settle()

    def _forward(self, inputs: Tensor, drawn: Drawn, *, back: bool) -> tuple[Tensor, list[Any]]:
        """The padded logits, and what each layer keeps for the way back; without noise drawn, in evaluation mode."""
        values, kept = inputs, []
        for layer in self._layers:
            values, needed = layer.forward(values, drawn, back)
            kept.append(needed if back else None)
        return values, kept

    def _slope(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The slope of each example's cross-entropy in its padded logits."""
        slope = (logits + self._absent).softmax(-1)
        return slope.scatter_add_(2, labels[..., None], slope.new_full((1, 1, 1), -1.0).expand(*labels.shape, 1))

    def _slopes(self, slope: Tensor, kept: list[Any], last: int) -> Iterator[tuple[int, Tensor]]:
        """The slope behind each layer, by its place, from the end back to the layer `last`; -1 is the input's."""
        for place in range(len(self._layers) - 1, last, -1):
            yield place, slope
            slope = self._layers[place].backward(slope, kept[place])
        yield last, slope

    def keep(self, nets: Tensor) -> None:
        """Go on with these nets only."""
        for layer in self._learning.values():
            layer.keep(nets)
        self._state.keep(nets)

    def weights(self, nets: Tensor) -> dict[str, Tensor]:
        """Parameters of these nets by name, (nets, ...); copies."""
        return {
            f"{name}.{kind}": layer.given(kind, tensor.index_select(0, nets))
            for name, layer in self._learning.items()
            for kind, tensor in layer.tensors.items()
        }


class _Logits(torch.autograd.Function):
    """Logits that autograd differentiates in the inputs by the way back written out here."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, engine: Batched) -> Tensor:
        logits, ctx.kept = engine._forward(inputs, {}, back=True)
        ctx.engine, ctx.padded = engine, logits.shape[-1]
        return logits[..., : engine._classes]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None]:
        behind = pad(slope, (0, ctx.padded - slope.shape[-1]))
        *_, (_, entering) = ctx.engine._slopes(behind, ctx.kept, -1)
        return entering, None
