"""Engines: two ways to run several nets of one architecture at once.

batched  nets of linear layers, ReLU and noise, as batched matrix products over the stack of nets
loop     any network, one net after another, convolutions in channels-last memory

On a CPU a loop is the fastest way for small convolutional nets: torch.func.vmap, grouped convolutions and products of
unfolded images over the stack of nets all took longer. On a GPU it is what keeps a net's arithmetic its own.
"""

from __future__ import annotations

from typing import Literal, Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from memorization_claims.models import noise
from memorization_claims.spec.recipe import Recipe
from memorization_claims.training import optimizer
from memorization_claims.training.batched import Batched, layers_of
from memorization_claims.training.products import products

EngineName = Literal["batched", "loop"]


class Engine(Protocol):
    """Several nets side by side. Inputs are (nets, examples, *shape), logits (nets, examples, classes)."""

    def logits(self, inputs: Tensor) -> Tensor:
        """Logits in evaluation mode; differentiable in the inputs."""
        ...

    def products(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """Inner products of the examples' own gradients in the parameters trained: (nets, examples, examples).

        The gradients are those of each example's cross-entropy, in evaluation mode.
        """
        ...

    def step(
        self, inputs: Tensor, labels: Tensor, drawn: dict[str, Tensor], rate: float, shares: Tensor | None = None
    ) -> None:
        """One step of training on a batch of (nets, examples); `drawn` is each noise layer's, (nets, examples, ...).

        The loss is the mean over the batch, or the sum with the examples' `shares`, (examples,).
        """
        ...

    def keep(self, nets: Tensor) -> None:
        """Go on with these nets only, by index, ascending."""
        ...

    def weights(self, nets: Tensor) -> dict[str, Tensor]:
        """Parameters and persistent buffers of these nets by name, (nets, ...); copies."""
        ...


def choose(model: nn.Module, recipe: Recipe) -> EngineName:
    """The fastest engine that can train a network; an optimizer of the user's may mix what a stack keeps apart."""
    if ":" in recipe.optimizer:
        return "loop"
    parameters = list(model.parameters())
    shared = len(parameters) < len(list(model.named_parameters(remove_duplicate=False)))
    if shared or not all(parameter.requires_grad for parameter in parameters):
        return "loop"  # a stack holds each name's tensor by itself
    return "loop" if layers_of(model) is None else "batched"


def make(name: EngineName, models: list[nn.Module], recipe: Recipe, device: torch.device) -> Engine:
    """An engine over these nets, which share one architecture.

    Args:
        name: which engine.
        models: one module for each net, on the CPU.
        recipe: how steps are taken.
        device: where the nets are put.
    """
    if name == "loop":
        return _Loop(models, recipe, device)
    states = [model.state_dict() for model in models]
    stacked = {key: torch.stack([state[key] for state in states]).to(device) for key in states[0]}
    return Batched(models[0], stacked, recipe)


class _Loop:
    """Nets as modules of their own."""

    def __init__(self, models: list[nn.Module], recipe: Recipe, device: torch.device) -> None:
        self._recipe = recipe
        self._models = [model.to(device).to(memory_format=torch.channels_last) for model in models]
        self._trained: list[list[Tensor]] = [
            [parameter for parameter in model.parameters() if parameter.requires_grad] for model in self._models
        ]
        self._states = [optimizer.State(recipe, parameters) for parameters in self._trained]

    def logits(self, inputs: Tensor) -> Tensor:
        return torch.stack([model.eval()(_image_like(x)) for model, x in zip(self._models, inputs, strict=True)])

    def products(self, inputs: Tensor, labels: Tensor) -> Tensor:
        batches = zip(self._models, inputs, labels, strict=True)
        return torch.stack([products(model.eval(), _image_like(x), y) for model, x, y in batches])

    def step(
        self, inputs: Tensor, labels: Tensor, drawn: dict[str, Tensor], rate: float, shares: Tensor | None = None
    ) -> None:
        for net, (model, state) in enumerate(zip(self._models, self._states, strict=True)):
            model.train()
            for key, layer in noise.layers(model).items() if drawn else ():
                layer.drawn = drawn[f"{key}.drawn"][net]
            parameters = self._trained[net]
            outputs = model(_image_like(inputs[net]))
            if shares is None:
                loss = cross_entropy(outputs, labels[net])
            else:
                loss = cross_entropy(outputs, labels[net], reduction="none") @ shares
            gradients = list(torch.autograd.grad(loss, parameters, materialize_grads=True))
            optimizer.step(self._recipe, rate, parameters, gradients, state)

    def keep(self, nets: Tensor) -> None:
        self._models = [self._models[net] for net in nets.tolist()]
        self._trained = [self._trained[net] for net in nets.tolist()]
        self._states = [self._states[net] for net in nets.tolist()]

    def weights(self, nets: Tensor) -> dict[str, Tensor]:
        states = [self._models[net].state_dict() for net in nets.tolist()]
        return {key: torch.stack([state[key] for state in states]).contiguous() for key in states[0]}


def _image_like(values: Tensor) -> Tensor:
    return values.contiguous(memory_format=torch.channels_last) if values.dim() == 4 else values
