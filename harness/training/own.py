"""An optimizer of the user's, made by `factory(parameters)` or `factory(parameters, rate)`, one for each net.

What it sets itself, its groups and their rates, is kept: the recipe's schedule scales the rates, and its weight decay
is added to the gradients. It may need a closure, have `train()` and `eval()`, and draw from torch's global generator.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.spec import named
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.user_code import user_code

RATES = ("rate", "lr", "learning_rate")
"""Names of the parameter by which a factory takes the rate; it may have any other where it has no default."""


class Own:
    """One net's optimizer.

    Args:
        recipe: names the factory, and the rate that it gets.
        parameters: of the net, those that are trained.

    Raises:
        SettingError: where the factory does not take what it is given, or gives no optimizer.
    """

    def __init__(self, recipe: Recipe, parameters: list[Tensor]) -> None:
        self._recipe, self._parameters = recipe, parameters
        self.optimizer = make(recipe, parameters)
        self._needs_closure = _required(self.optimizer.step, "closure")
        self._scale = 1.0
        self._mode = ""

    def step(self, scale: float, loss: Callable[[], Tensor]) -> None:
        """One update.

        Args:
            scale: the schedule's factor on the rates that the factory set.
            loss: computes the loss of the batch, once for each time that the optimizer asks.
        """

        def closure() -> Tensor:
            self.optimizer.zero_grad()
            value = loss()
            value.backward()  # type: ignore[no-untyped-call]
            self._decay_weights()
            return value

        self._turn("train")
        self._rescale(scale)
        if self._needs_closure:
            self.optimizer.step(closure)  # type: ignore[arg-type]  # a tensor of one number, as PyTorch's own take
        else:
            closure()
            self.optimizer.step()
        self.optimizer.zero_grad()

    def evaluate(self) -> None:
        """Put the weights at which it wants to be judged in place, as one without a schedule does."""
        self._turn("eval")

    def _turn(self, mode: str) -> None:
        if self._mode != mode and callable(turn := getattr(self.optimizer, mode, None)):
            turn()
        self._mode = mode

    def _rescale(self, scale: float) -> None:
        if scale == self._scale:
            return
        for group in self.optimizer.param_groups:
            if "lr" not in group:
                raise SettingError(f"optimizer {self._recipe.optimizer!r} has no rate 'lr' that a schedule could scale")
            group["lr"] = group["lr"] * (scale / self._scale)
        self._scale = scale

    @torch.no_grad()
    def _decay_weights(self) -> None:
        if self._recipe.weight_decay:
            for parameter in self._parameters:
                if parameter.grad is not None:
                    parameter.grad.add_(parameter, alpha=self._recipe.weight_decay)


def make(recipe: Recipe, parameters: Sequence[Tensor]) -> torch.optim.Optimizer:
    """Call the recipe's factory.

    Raises:
        SettingError: where it does not take what it is given, or gives no optimizer.
    """
    name, factory = recipe.optimizer, named.find("optimizer", recipe.optimizer)
    arguments = _rate(name, factory, recipe.rate)
    shown = ", ".join(["parameters", *(f"{key}={value:g}" for key, value in arguments.items())])
    positional = [value for key, value in arguments.items() if key not in RATES]
    keywords = {key: value for key, value in arguments.items() if key in RATES}
    with user_code(f"optimizer {name!r}, called as factory({shown}),"):
        made = factory(list(parameters), *positional, **keywords)
    if not isinstance(made, torch.optim.Optimizer):
        raise SettingError(f"optimizer {name!r} returned {made!r}; legal is a torch.optim.Optimizer")
    return made


def _rate(name: str, factory: Callable[..., Any], rate: float | None) -> dict[str, float]:
    """The argument that gives a factory the rate, by the name of its parameter; none for one that sets its own."""
    parameters = list(inspect.signature(factory).parameters.values())
    open_ended = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [each.name for each in parameters[1:] if each.default is each.empty and each.kind not in open_ended]
    taken = [each.name for each in parameters[1:] if each.name in RATES] or needed[:1]
    if rate is None:
        if taken and taken[0] in needed:
            raise SettingError(
                f"optimizer {name!r} takes a rate and has none of its own; give one with --claims-rate (in a recipe: "
                f"rate), or let its factory have a default, as {taken[0]}=0.001"
            )
        return {}
    if not taken:
        raise SettingError(
            f"optimizer {name!r} takes no rate, and {rate:g} was given; leave --claims-rate out (in a recipe: "
            "rate=None), or let its factory be factory(parameters, rate)"
        )
    return {taken[0]: rate}


def _required(function: Callable[..., Any], name: str) -> bool:
    """Whether a function cannot be called without the argument of that name."""
    parameter = inspect.signature(function).parameters.get(name)
    return parameter is not None and parameter.default is parameter.empty
