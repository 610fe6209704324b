"""Noise layers whose draws the trainer makes, net by net, so that a net's noise never depends on its company."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from memorization_claims.errors import SettingError, UndecidableError
from memorization_claims.spec.recipe import Recipe

ACTIVATIONS = (
    nn.ReLU,
    nn.ReLU6,
    nn.LeakyReLU,
    nn.PReLU,
    nn.ELU,
    nn.CELU,
    nn.SELU,
    nn.GELU,
    nn.SiLU,
    nn.Mish,
    nn.Hardswish,
    nn.Softplus,
    nn.Tanh,
)
"""The layers after which hidden units are dropped or get noise, with their subclasses.

Sigmoids are not among them: most are gates."""


class Noise(nn.Module):
    """Multiplies by a dropout mask or adds normal noise in training mode; does nothing in evaluation mode."""

    def __init__(self, kind: Literal["dropout", "normal"], strength: float) -> None:
        super().__init__()
        self.kind = kind
        self.strength = strength
        self.shapes: list[tuple[int, ...]] = []
        """Shape of one example at each pass through this place, known once the network has been tried out."""
        self._drawn: list[Tensor] = []
        self._passes = 0

    def forward(self, values: Tensor) -> Tensor:
        """Apply what was drawn for this pass; `values` (examples, *shape)."""
        if not self.training:
            return values
        drawn = self._drawn[self._passes] if self._passes < len(self._drawn) else None
        if drawn is None or drawn.shape != values.shape:
            raise SettingError(
                f"noise was drawn for {[tuple(each.shape) for each in self._drawn]} and meets {tuple(values.shape)}: "
                "the net goes another way in training than in evaluation, or examples do not come first"
            )
        self._passes += 1
        return self.apply_to(values, drawn)

    def apply_to(self, values: Tensor, drawn: Tensor) -> Tensor:
        """Combine values and noise of the same shape."""
        return values * drawn if self.kind == "dropout" else values + drawn

    def give(self, drawn: list[Tensor]) -> None:
        """Hand over what was drawn for each pass of the next forward, (examples, *shape)."""
        self._drawn, self._passes = drawn, 0

    def draw(self, examples: int, generator: torch.Generator) -> list[Tensor]:
        """Draw for one step: for each pass (examples, *shape), float32 on the generator's device.

        Args:
            examples: size of the batch.
            generator: the net's own.
        """
        return [self._draw((examples, *shape), generator) for shape in self.shapes]

    def _draw(self, size: tuple[int, ...], generator: torch.Generator) -> Tensor:
        if self.kind == "normal":
            return torch.randn(size, generator=generator, device=generator.device) * self.strength
        kept = torch.rand(size, generator=generator, device=generator.device) >= self.strength
        return kept / (1 - self.strength)


def place(model: nn.Module, recipe: Recipe) -> nn.Module:
    """Put the recipe's noise on the input and after each of the `ACTIVATIONS`.

    Raises:
        UndecidableError: for dropout or noise of hidden units in a network that has none of these layers.
    """
    if (recipe.dropout or recipe.hidden_noise) and not _place_hidden(model, recipe):
        what = "dropout" if recipe.dropout else "hidden noise"
        legal = ", ".join(kind.__name__ for kind in ACTIVATIONS)
        raise UndecidableError(
            f"{what} has no place in the model: none of its layers is an activation; legal are the modules of torch.nn "
            f"{legal}, and not the functions"
        )
    front: list[nn.Module] = []
    if recipe.input_dropout:
        front.append(Noise("dropout", recipe.input_dropout))
    if recipe.input_noise:
        front.append(Noise("normal", recipe.input_noise))
    return nn.Sequential(*front, model) if front else model


def places(model: nn.Module) -> list[tuple[nn.Module, str]]:
    """Where activations stand, each as its parent and its name there.

    One that stands in two places is found in both, unlike among `named_children`.
    """
    children = [(parent, name, child) for parent in model.modules() for name, child in parent._modules.items()]
    return [(parent, name) for parent, name, child in children if isinstance(child, ACTIVATIONS)]


def _place_hidden(model: nn.Module, recipe: Recipe) -> bool:
    """Put noise after each activation; whether there was any."""
    found = places(model)
    for parent, name in found:
        layers: list[nn.Module] = [getattr(parent, name)]
        if recipe.dropout:
            layers.append(Noise("dropout", recipe.dropout))
        if recipe.hidden_noise:
            layers.append(Noise("normal", recipe.hidden_noise))
        setattr(parent, name, nn.Sequential(*layers))
    return bool(found)


def layers(model: nn.Module) -> dict[str, Noise]:
    """The noise layers by name, in the order of definition."""
    return {name: module for name, module in model.named_modules() if isinstance(module, Noise)}
