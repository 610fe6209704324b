"""Noise layers whose draws the trainer makes, net by net, so that a net's noise never depends on its company."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from memorization_claims.spec.recipe import Recipe


class Noise(nn.Module):
    """Multiplies by a dropout mask or adds normal noise in training mode; does nothing in evaluation mode."""

    drawn: Tensor

    def __init__(self, kind: Literal["dropout", "normal"], strength: float) -> None:
        super().__init__()
        self.kind = kind
        self.strength = strength
        self.shape: tuple[int, ...] = ()
        """Shape of one example at this place, known once the network has seen an input."""
        self.register_buffer("drawn", torch.zeros(()), persistent=False)

    def forward(self, values: Tensor) -> Tensor:
        """Apply what was drawn; `values` (examples, *shape)."""
        if not self.training:
            self.shape = tuple(values.shape[1:])
            return values
        return self.apply_to(values, self.drawn)

    def apply_to(self, values: Tensor, drawn: Tensor) -> Tensor:
        """Combine values and noise of the same shape."""
        return values * drawn if self.kind == "dropout" else values + drawn

    def draw(self, examples: int, generator: torch.Generator) -> Tensor:
        """Draw for one step: (examples, *shape), float32 on the generator's device.

        Args:
            examples: size of the batch.
            generator: the net's own.
        """
        size = (examples, *self.shape)
        if self.kind == "normal":
            return torch.randn(size, generator=generator, device=generator.device) * self.strength
        kept = torch.rand(size, generator=generator, device=generator.device) >= self.strength
        return kept / (1 - self.strength)


def place(model: nn.Module, recipe: Recipe) -> nn.Module:
    """Put the recipe's noise on the input and after each `nn.ReLU`, and take over the model's own `nn.Dropout`s."""
    _replace(model, recipe)
    front: list[nn.Module] = []
    if recipe.input_dropout:
        front.append(Noise("dropout", recipe.input_dropout))
    if recipe.input_noise:
        front.append(Noise("normal", recipe.input_noise))
    return nn.Sequential(*front, model) if front else model


def _replace(model: nn.Module, recipe: Recipe) -> None:
    # Not named_children, which leaves out a layer that stands in two places: each gets noise of its own.
    for parent, name, child in [(p, name, child) for p in model.modules() for name, child in p._modules.items()]:
        if isinstance(child, nn.Dropout):
            setattr(parent, name, Noise("dropout", child.p))
        elif isinstance(child, nn.ReLU) and (recipe.dropout or recipe.hidden_noise):
            layers: list[nn.Module] = [child]
            if recipe.dropout:
                layers.append(Noise("dropout", recipe.dropout))
            if recipe.hidden_noise:
                layers.append(Noise("normal", recipe.hidden_noise))
            setattr(parent, name, nn.Sequential(*layers))


def layers(model: nn.Module) -> dict[str, Noise]:
    """The noise layers by name, in the order of the forward pass."""
    return {name: module for name, module in model.named_modules() if isinstance(module, Noise)}
