"""Engines: three ways to run several nets of one architecture at once.

batched   nets of linear layers, ReLU and noise, and of convolutions, batch norm, pools and paths beside each other over
          images no wider than 8 pixels, as batched matrix products over the stack of nets
loop      any network, one net after another, convolutions in channels-last memory
compiled  the loop, with each step as one compiled function: networks of PyTorch's and this package's layers that draw
          nothing from torch's global generators

For convolutions of wider images a loop is the fastest way on a CPU: there the work is in PyTorch's own kernels, and
torch.func.vmap, grouped convolutions and products of unfolded images over the stack of nets all took longer. On a GPU
it is what keeps a net's arithmetic its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import torch
from torch import Tensor, nn

from memorization_claims.models.plain import is_torchs_own
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic
from memorization_claims.spec.recipe import Recipe
from memorization_claims.training.batched import Batched
from memorization_claims.training.compiled import Compiled
from memorization_claims.training.layers import Drawn
from memorization_claims.training.loop import Loop
from memorization_claims.training.stacked import Shape, layers_of

EngineName = Literal["batched", "loop", "compiled"]


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


def choose(model: nn.Module, recipe: Recipe, shape: Shape, arithmetic: Arithmetic = PLAIN) -> EngineName:
    """The fastest engine that can train a network on inputs of a shape, (channels, height, width).

    An optimizer of the user's may mix what a stack keeps apart. Steps in bfloat16 are left to autograd.
    """
    if arithmetic.precision != "bfloat16" and _stacks(model, recipe, shape):
        return "batched"
    return "compiled" if arithmetic.compiled and ":" not in recipe.optimizer and is_torchs_own(model) else "loop"


def _stacks(model: nn.Module, recipe: Recipe, shape: Shape) -> bool:
    if ":" in recipe.optimizer or layers_of(model, shape) is None:
        return False
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
    return apart and alike and held.keys() == model.state_dict().keys()


def make(
    name: EngineName,
    models: list[nn.Module],
    recipe: Recipe,
    device: torch.device,
    shape: Shape,
    seeds: Sequence[int] | None = None,
    arithmetic: Arithmetic = PLAIN,
) -> Engine:
    """An engine over these nets, which share one architecture.

    Args:
        name: which engine.
        models: one module for each net, on the CPU.
        recipe: how steps are taken.
        device: where the nets are put.
        shape: of one input: (channels, height, width).
        seeds: for each net, of what it draws from torch's global generators in training; None leaves these alone.
        arithmetic: of the steps.
    """
    if name != "batched":
        kind = Compiled if name == "compiled" else Loop
        return kind(models, recipe, device, seeds, half=arithmetic.precision == "bfloat16")
    states = [model.state_dict() for model in models]
    stacked = {key: torch.stack([state[key] for state in states]).to(device) for key in states[0]}
    return Batched(models[0], stacked, recipe, shape)
