"""SGD with momentum and Adam as plain updates of lists of tensors, for one net or a stack of nets alike.

An optimizer of the user's is a function `factory(parameters, rate)` that returns a `torch.optim.Optimizer`. Each net
has one of its own; its gradients hold the recipe's weight decay, and its rate follows the recipe's schedule.
"""

from __future__ import annotations

import torch
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.spec import named
from memorization_claims.spec.recipe import Recipe


class State:
    """What the optimizer remembers between steps; each tensor is shaped as the parameter it belongs to."""

    def __init__(self, recipe: Recipe, parameters: list[Tensor]) -> None:
        self.own = _own(recipe, parameters) if ":" in recipe.optimizer else None
        """The user's optimizer of these parameters."""
        buffers = {"sgd": 1 if recipe.momentum else 0, "adam": 2}.get(recipe.optimizer, 0)
        self.moments = [[torch.zeros_like(p) for p in parameters] for _ in range(buffers)]
        self.steps = 0

    def keep(self, nets: Tensor) -> None:
        """Forget all nets of a stack but these."""
        self.moments = [[m.index_select(0, nets) for m in moment] for moment in self.moments]


@torch.no_grad()
def step(recipe: Recipe, rate: float, parameters: list[Tensor], gradients: list[Tensor], state: State) -> None:
    """One update in place, elementwise, so that a net in a stack moves as it would alone.

    Args:
        recipe: names the optimizer, its momentum and its weight decay (L2, added to the gradient).
        rate: the learning rate of this step.
        parameters: what to update: those of the state.
        gradients: one for each parameter.
        state: updated too.

    Source:
        torch.optim.SGD and torch.optim.Adam, with their default constants (Kingma & Ba 2015 for Adam).
    """
    state.steps += 1
    if recipe.weight_decay:
        gradients = list(torch._foreach_add(gradients, parameters, alpha=recipe.weight_decay))
    if state.own:
        _steps(state.own, rate, parameters, gradients)
    elif recipe.optimizer == "adam":
        _adam(rate, parameters, gradients, state)
    elif recipe.momentum:
        (velocity,) = state.moments
        torch._foreach_mul_(velocity, recipe.momentum)
        torch._foreach_add_(velocity, gradients)
        torch._foreach_add_(parameters, velocity, alpha=-rate)
    else:
        torch._foreach_add_(parameters, gradients, alpha=-rate)


def _own(recipe: Recipe, parameters: list[Tensor]) -> torch.optim.Optimizer:
    made = named.find("optimizer", recipe.optimizer)(parameters, recipe.rate)
    if not isinstance(made, torch.optim.Optimizer):
        raise SettingError(f"optimizer {recipe.optimizer!r} returned {made!r}; legal is a torch.optim.Optimizer")
    return made


def _steps(optimizer: torch.optim.Optimizer, rate: float, parameters: list[Tensor], gradients: list[Tensor]) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    optimizer.step()
    optimizer.zero_grad()


def _adam(rate: float, parameters: list[Tensor], gradients: list[Tensor], state: State) -> None:
    first, second = state.moments
    beta1, beta2, epsilon = 0.9, 0.999, 1e-8
    torch._foreach_lerp_(first, gradients, 1 - beta1)
    torch._foreach_mul_(second, beta2)
    torch._foreach_addcmul_(second, gradients, gradients, value=1 - beta2)
    scale = torch._foreach_sqrt(second)
    torch._foreach_div_(scale, (1 - beta2**state.steps) ** 0.5)
    torch._foreach_add_(scale, epsilon)
    torch._foreach_addcdiv_(parameters, first, scale, value=-rate / (1 - beta1**state.steps))
