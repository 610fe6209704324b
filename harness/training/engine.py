"""Engines: two ways to run several nets of one architecture at once.

batched  nets of linear layers, ReLU and noise, and of convolutions, batch norm, pools and paths beside each other over
         images no wider than 8 pixels, as batched matrix products over the stack of nets
loop     any network, one net after another, convolutions in channels-last memory

For convolutions of wider images a loop is the fastest way on a CPU: there the work is in PyTorch's own kernels, and
torch.func.vmap, grouped convolutions and products of unfolded images over the stack of nets all took longer. On a GPU
it is what keeps a net's arithmetic its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, Literal, Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from memorization_claims.models import noise
from memorization_claims.models.plain import is_torchs_own
from memorization_claims.spec.recipe import Recipe
from memorization_claims.training import optimizer
from memorization_claims.training.batched import Batched
from memorization_claims.training.draws import Draws
from memorization_claims.training.layers import Drawn
from memorization_claims.training.own import Own
from memorization_claims.training.products import products
from memorization_claims.training.stacked import Shape, layers_of

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
        self, inputs: Tensor, labels: Tensor, drawn: Drawn, scale: float = 1.0, shares: Tensor | None = None
    ) -> None:
        """One step of training on a batch of (nets, examples), at `scale` times the first learning rate.

        The loss is the mean over the batch, or the sum with the examples' `shares`, (examples,).
        """
        ...

    def keep(self, nets: Tensor) -> None:
        """Go on with these nets only, by index, ascending."""
        ...

    def held(self, net: int) -> list[Tensor]:
        """All that training goes on from in a net, in place, unless its optimizer is a user's.

        What is written there holds once `settle` is called.
        """
        ...

    def settle(self) -> None:
        """Take note that what is held was written anew."""
        ...

    def weights(self, nets: Tensor) -> dict[str, Tensor]:
        """Parameters and persistent buffers of these nets by name, (nets, ...); copies."""
        ...


def choose(model: nn.Module, recipe: Recipe, shape: Shape) -> EngineName:
    """The fastest engine that can train a network on inputs of a shape, (channels, height, width).

    An optimizer of the user's may mix what a stack keeps apart.
    """
    if ":" in recipe.optimizer or layers_of(model, shape) is None:
        return "loop"
    trained = {name: p for name, p in model.named_parameters(remove_duplicate=False) if p.requires_grad}
    running = {
        f"{name}.{kind}": buffer
        for name, layer in model.named_modules(remove_duplicate=False)
        if isinstance(layer, nn.BatchNorm2d)
        for kind, buffer in layer.named_buffers(recurse=False)
        if kind in ("running_mean", "running_var", "num_batches_tracked")
    }
    held = trained | running
    apart = len(set(held.values())) == len(held)
    # A stack holds each name's tensor by itself, trains the parameters, and knows no other buffers.
    numbers = {tensor.dtype for tensor in held.values() if tensor.is_floating_point()}
    alike = numbers in ({torch.float32}, {torch.float64})
    return "batched" if apart and alike and held.keys() == model.state_dict().keys() else "loop"


def make(
    name: EngineName,
    models: list[nn.Module],
    recipe: Recipe,
    device: torch.device,
    shape: Shape,
    seeds: Sequence[int] | None = None,
) -> Engine:
    """An engine over these nets, which share one architecture.

    Args:
        name: which engine.
        models: one module for each net, on the CPU.
        recipe: how steps are taken.
        device: where the nets are put.
        shape: of one input: (channels, height, width).
        seeds: for each net, of what it draws from torch's global generators in training; None leaves these alone.
    """
    if name == "loop":
        return _Loop(models, recipe, device, seeds)
    states = [model.state_dict() for model in models]
    stacked = {key: torch.stack([state[key] for state in states]).to(device) for key in states[0]}
    return Batched(models[0], stacked, recipe, shape)


class _Loop:
    """Nets as modules of their own."""

    def __init__(
        self, models: list[nn.Module], recipe: Recipe, device: torch.device, seeds: Sequence[int] | None
    ) -> None:
        self._recipe = recipe
        self._models = [model.to(device) for model in models]
        # A forward of a user's may flatten by `view`, which takes no images in that order.
        self._channels_last = is_torchs_own(models[0])
        if self._channels_last:
            self._models = [model.to(memory_format=torch.channels_last) for model in self._models]
        self._trained: list[list[Tensor]] = [
            [parameter for parameter in model.parameters() if parameter.requires_grad] for model in self._models
        ]
        self._own: list[Own] = []
        self._states: list[optimizer.State] = []
        self._draws = [Draws(seed, device) for seed in seeds or ()]

    def logits(self, inputs: Tensor) -> Tensor:
        self._evaluate()
        given = [model(self._laid_out(x)) for model, x in zip(self._models, inputs, strict=True)]
        return torch.stack([out.float() if out.dtype in (torch.float16, torch.bfloat16) else out for out in given])

    def products(self, inputs: Tensor, labels: Tensor) -> Tensor:
        self._evaluate()
        batches = zip(self._models, inputs, labels, strict=True)
        return torch.stack([products(model, self._laid_out(x), y) for model, x, y in batches])

    def step(
        self, inputs: Tensor, labels: Tensor, drawn: Drawn, scale: float = 1.0, shares: Tensor | None = None
    ) -> None:
        self._begin()
        for net, model in enumerate(self._models):
            model.train()
            own = {name: [each[net] for each in passes] for name, passes in drawn.items()}

            def loss(net: int = net, own: dict[str, list[Tensor]] = own) -> Tensor:
                return self._loss(net, inputs[net], labels[net], own, shares)

            with self._draws[net].own() if self._draws else nullcontext():
                if self._own:
                    self._own[net].step(scale, loss)
                else:
                    self._step(net, scale, loss())

    def _begin(self) -> None:
        """Make the optimizers at the first step: nets that are only measured need none."""
        if self._own or self._states:
            return
        if ":" in self._recipe.optimizer:
            self._own = [Own(self._recipe, parameters) for parameters in self._trained]
        else:
            self._states = [optimizer.State(self._recipe, parameters) for parameters in self._trained]

    def _loss(self, net: int, inputs: Tensor, labels: Tensor, drawn: dict[str, list[Tensor]], shares: Any) -> Tensor:
        model = self._models[net]
        for name, layer in noise.layers(model).items() if drawn else ():
            layer.give(drawn[name])
        outputs = model(self._laid_out(inputs))
        if shares is None:
            return cross_entropy(outputs, labels)
        weighted: Tensor = cross_entropy(outputs, labels, reduction="none") @ shares
        return weighted

    def _step(self, net: int, scale: float, loss: Tensor) -> None:
        loss.backward()  # type: ignore[no-untyped-call]
        parameters = self._trained[net]
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        optimizer.step(self._recipe, self._recipe.rate_at(0) * scale, parameters, gradients, self._states[net])
        for parameter in parameters:
            parameter.grad = None

    def _evaluate(self) -> None:
        for own in self._own:
            own.evaluate()
        for model in self._models:
            model.eval()

    def _laid_out(self, values: Tensor) -> Tensor:
        images = self._channels_last and values.dim() == 4
        return values.contiguous(memory_format=torch.channels_last) if images else values

    def keep(self, nets: Tensor) -> None:
        for kept in ("_models", "_trained", "_own", "_states", "_draws"):
            if members := getattr(self, kept):
                setattr(self, kept, [members[net] for net in nets.tolist()])

    def held(self, net: int) -> list[Tensor]:
        self._begin()
        model, draws = self._models[net], self._draws[net].held() if self._draws else ()
        return [*model.parameters(), *model.buffers(), *self._states[net].held(), *draws]

    def settle(self) -> None:
        for state in self._states:
            state.settle()

    def weights(self, nets: Tensor) -> dict[str, Tensor]:
        self._evaluate()
        states = [self._models[net].state_dict() for net in nets.tolist()]
        return {key: torch.stack([state[key] for state in states]).contiguous() for key in states[0]}
