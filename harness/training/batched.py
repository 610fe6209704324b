"""The hand-batched engine: nets of linear layers, ReLU and noise, and small convolutional ones, as batched products.

Autograd would keep and allocate what is not needed: written out, a step of 100 nets of 2x64 units takes less than half
the time that it takes under torch.func.vmap. Each net's products are separate matrices of the batch. MKL rounds a
product by where its matrices lie in memory, so features, units, channels and classes are padded with zeros: then every
net's matrices begin on the same boundary, and on a CPU with one thread a net's bits do not depend on how many others it
is trained with.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import pad

from memorization_claims.spec.recipe import Recipe
from memorization_claims.training import optimizer
from memorization_claims.training.layers import Drawn
from memorization_claims.training.padding import padded
from memorization_claims.training.paths import Visit
from memorization_claims.training.stacked import Learner, Shape, layers_of, stacked


class Batched:
    """Nets as one stack of tensors, padded."""

    def __init__(self, model: nn.Module, tensors: dict[str, Tensor], recipe: Recipe, shape: Shape) -> None:
        layers = layers_of(model, shape)
        assert layers is not None
        self._path, self._learning = stacked(layers, shape, tensors)
        self._first = self._path.layers.index(next(iter(self._learning.values())))
        self._classes = [layer.out_features for _, layer in layers if isinstance(layer, nn.Linear)][-1]
        # Added to the logits, it gives a padded class the probability 0.
        self._absent = padded(next(iter(tensors.values())).new_zeros(self._classes), 1, -torch.inf)
        # By label, what is added to the probabilities; a row for each, since CUDA adds scattered values in any order.
        self._wanted = -torch.eye(len(self._absent)).to(self._absent)
        self._recipe, self._rate = recipe, recipe.rate_at(0)
        self._state = optimizer.State(recipe, self._tensors())

    def _tensors(self) -> list[Tensor]:
        return [tensor for layer in self._learning.values() for tensor in layer.tensors.values()]

    def logits(self, inputs: Tensor) -> Tensor:
        """Logits in evaluation mode, differentiable in the inputs: (nets, examples, classes)."""
        if torch.is_grad_enabled() and inputs.requires_grad:
            logits: Tensor = _Logits.apply(inputs, self)
            return logits
        return self._path.forward(inputs, None, back=False)[0][..., : self._classes]

    @torch.no_grad()
    def products(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """Inner products of the gradients of each net's examples, in evaluation mode: (nets, examples, examples)."""
        logits, kept = self._path.forward(inputs, None, back=True)
        total = inputs.new_zeros(*labels.shape, labels.shape[1])

        def add(layer: Any, slope: Tensor, needed: Any) -> None:
            if isinstance(layer, Learner):
                total.add_(layer.products(slope, needed))

        self._back(self._slope(logits, labels), kept, add)
        return total

    @torch.no_grad()
    def step(
        self, inputs: Tensor, labels: Tensor, drawn: Drawn, scale: float = 1.0, shares: Tensor | None = None
    ) -> None:
        """One step of training on the mean cross-entropy of each net's batch, or on a sum with other shares."""
        logits, kept = self._path.forward(inputs, drawn, back=True)
        slope = self._slope(logits, labels)
        slope = slope.div_(labels.shape[1]) if shares is None else slope.mul_(shares[:, None])

        def learn(layer: Any, slope: Tensor, needed: Any) -> None:
            if isinstance(layer, Learner):
                layer.learn(slope, needed)

        self._back(slope, kept, learn)
        gradients = [gradient for layer in self._learning.values() for gradient in layer.gradients.values()]
        optimizer.step(self._recipe, self._rate * scale, self._tensors(), gradients, self._state)
        for layer in self._learning.values():
            layer.settle()

    def _slope(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The slope of each example's cross-entropy in its padded logits."""
        slope = (logits + self._absent).softmax(-1)
        return slope.add_(self._wanted.index_select(0, labels.flatten()).view_as(slope))

    def _back(self, slope: Tensor, kept: list[Any], visit: Visit) -> None:
        """Visit the layers from the end to the first that learns, with the slopes in their outputs."""
        slope = self._path.backward(slope, kept, visit, self._first + 1)
        visit(self._path.layers[self._first], slope, kept[self._first])

    def keep(self, nets: Tensor) -> None:
        """Go on with these nets only."""
        for layer in self._learning.values():
            layer.keep(nets)
        self._state.keep(nets)

    def held(self, net: int) -> list[Tensor]:
        """All that a net goes on from, in place."""
        own = [tensor[net] for layer in self._learning.values() for tensor in layer.state().values()]
        *moments, counted = self._state.held()
        return [*own, *(moment[net] for moment in moments), counted]

    def settle(self) -> None:
        """Take note that what is held was written anew."""
        for layer in self._learning.values():
            layer.settle()
        self._state.settle()

    def weights(self, nets: Tensor) -> dict[str, Tensor]:
        """Parameters and persistent buffers of these nets by name, (nets, ...); copies."""
        return {
            f"{name}.{kind}": layer.given(kind, tensor.index_select(0, nets))
            for name, layer in self._learning.items()
            for kind, tensor in layer.state().items()
        }


class _Logits(torch.autograd.Function):
    """Logits that autograd differentiates in the inputs by the way back written out here."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, engine: Batched) -> Tensor:
        logits, ctx.kept = engine._path.forward(inputs, None, back=True)
        ctx.engine, ctx.padded = engine, logits.shape[-1]
        return logits[..., : engine._classes]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None]:
        behind = pad(slope, (0, ctx.padded - slope.shape[-1]))
        return ctx.engine._path.backward(behind, ctx.kept, lambda *_: None), None
