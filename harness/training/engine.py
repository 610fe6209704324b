"""Engines: two ways to run several nets of one architecture at once.

batched  nets of linear layers, ReLU and noise, as batched matrix products over the stack of nets
loop     any network, one net after another, convolutions in channels-last memory

On a CPU a loop is the fastest way for small convolutional nets: torch.func.vmap, grouped convolutions and products of
unfolded images over the stack of nets all took longer. On a GPU it is what keeps a net's arithmetic its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Protocol

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn.functional import cross_entropy

from harness.models import noise
from harness.spec import Recipe
from harness.training import optimizer
from harness.training.batched import Batched, layers_of

EngineName = Literal["batched", "loop"]


class Engine(Protocol):
    """Several nets side by side. Inputs are (nets, examples, *shape), logits (nets, examples, classes)."""

    def logits(self, inputs: Tensor) -> Tensor:
        """Logits in evaluation mode; differentiable in the inputs."""
        ...

    def gradients(self, inputs: Tensor, labels: Tensor) -> Iterator[Tensor]:
        """For one net after another, the gradients of each example's own cross-entropy in the parameters trained.

        Each is (examples, parameters), in evaluation mode. One net's are made at a time: they take the room of the net
        times the examples.
        """
        ...

    def step(self, inputs: Tensor, labels: Tensor, drawn: dict[str, Tensor], rate: float) -> None:
        """One step of training on a batch of (nets, examples); `drawn` is each noise layer's, (nets, examples, ...)."""
        ...

    def keep(self, nets: Tensor) -> None:
        """Go on with these nets only, by index, ascending."""
        ...

    def weights(self, nets: Tensor) -> dict[str, Tensor]:
        """Parameters and persistent buffers of these nets by name, (nets, ...); copies."""
        ...


def choose(model: nn.Module) -> EngineName:
    """The fastest engine that can run a network."""
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

    def gradients(self, inputs: Tensor, labels: Tensor) -> Iterator[Tensor]:
        for model, x, y in zip(self._models, inputs, labels, strict=True):
            yield _gradients(model.eval(), x, y)

    def step(self, inputs: Tensor, labels: Tensor, drawn: dict[str, Tensor], rate: float) -> None:
        for net, (model, state) in enumerate(zip(self._models, self._states, strict=True)):
            model.train()
            for key, layer in noise.layers(model).items() if drawn else ():
                layer.drawn = drawn[f"{key}.drawn"][net]
            parameters = self._trained[net]
            loss = cross_entropy(model(_image_like(inputs[net])), labels[net])
            gradients = list(torch.autograd.grad(loss, parameters, materialize_grads=True))
            optimizer.step(self._recipe, rate, [p.data for p in parameters], gradients, state)

    def keep(self, nets: Tensor) -> None:
        self._models = [self._models[net] for net in nets.tolist()]
        self._trained = [self._trained[net] for net in nets.tolist()]
        self._states = [self._states[net] for net in nets.tolist()]

    def weights(self, nets: Tensor) -> dict[str, Tensor]:
        states = [self._models[net].state_dict() for net in nets.tolist()]
        return {key: torch.stack([state[key] for state in states]).contiguous() for key in states[0]}


def _gradients(model: nn.Module, inputs: Tensor, labels: Tensor) -> Tensor:
    """(examples, parameters) of one net."""

    def loss(parameters: dict[str, Tensor], one: Tensor, label: Tensor) -> Tensor:
        return cross_entropy(functional_call(model, parameters, (one[None],)), label[None])

    trained = {name: parameter.detach() for name, parameter in model.named_parameters() if parameter.requires_grad}
    own = vmap(grad(loss), in_dims=(None, 0, 0))(trained, inputs, labels)
    return torch.cat([gradient.flatten(1) for gradient in own.values()], 1)


def _image_like(values: Tensor) -> Tensor:
    return values.contiguous(memory_format=torch.channels_last) if values.dim() == 4 else values
