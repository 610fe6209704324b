"""SGD with momentum and Adam as plain updates of lists of tensors, for one net or a stack of nets alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from memorization_claims.spec.recipe import Recipe

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
"""Adam's constants."""


class State:
    """What the optimizer remembers between steps; each tensor is shaped as the parameter it belongs to."""

    def __init__(self, recipe: Recipe, parameters: list[Tensor]) -> None:
        buffers = {"sgd": 1 if recipe.momentum else 0, "adam": 2}.get(recipe.optimizer, 0)
        self.moments = [[torch.zeros_like(p) for p in parameters] for _ in range(buffers)]
        self.steps = 0
        """Taken by Adam."""
        self.counted = torch.zeros((), device=parameters[0].device if parameters else None)
        """The same for the kernels, which read it where the parameters are."""

    def keep(self, nets: Tensor) -> None:
        """Forget all nets of a stack but these."""
        self.moments = [[m.index_select(0, nets) for m in moment] for moment in self.moments]

    def held(self) -> list[Tensor]:
        """All that the next step depends on, in place: what is written there holds once `settle` is called."""
        return [*(m for moment in self.moments for m in moment), self.counted]

    def settle(self) -> None:
        """Take note that what is held was written anew."""
        self.steps = int(self.counted)


@torch.no_grad()
def step(recipe: Recipe, rate: float, parameters: list[Tensor], gradients: list[Tensor], state: State) -> None:
    """One update in place, elementwise: a net in a stack moves as alone, where each net's part fills whole vectors.

    Args:
        recipe: names the optimizer, its momentum and its weight decay (L2, added to the gradient).
        rate: the learning rate of this step.
        parameters: what to update: those of the state.
        gradients: one for each parameter.
        state: updated too.

    Source:
        torch.optim.SGD and torch.optim.Adam, with their default constants (Kingma & Ba 2015 for Adam).
    """
    if recipe.optimizer == "adam":
        state.steps += 1
        state.counted += 1
    if _fusable(parameters, gradients):
        _fused(recipe, rate, parameters, gradients, state)
        return
    if recipe.weight_decay:
        gradients = list(torch._foreach_add(gradients, parameters, alpha=recipe.weight_decay))
    if recipe.optimizer == "adam":
        _adam(rate, parameters, gradients, state)
    elif recipe.momentum:
        (velocity,) = state.moments
        torch._foreach_mul_(velocity, recipe.momentum)
        torch._foreach_add_(velocity, gradients)
        torch._foreach_add_(parameters, velocity, alpha=-rate)
    else:
        torch._foreach_add_(parameters, gradients, alpha=-rate)


def stepped(
    recipe: Recipe,
    rate: Tensor,
    parameters: Sequence[Tensor],
    gradients: Sequence[Tensor],
    moments: list[list[Tensor]],
    counted: Tensor,
) -> tuple[list[Tensor], list[list[Tensor]], Tensor]:
    """The same as a function that changes nothing: parameters, moments and count after the update.

    The rate is a tensor of no dimension, so that a compiled step serves all rates.
    """
    if recipe.weight_decay:
        gradients = [g + recipe.weight_decay * p for p, g in zip(parameters, gradients, strict=True)]
    if recipe.optimizer == "adam":
        counted = counted + 1
        # In double precision: 1 - BETA2 has four digits in single.
        rate, scale = rate / (1 - BETA1 ** counted.double()), (1 - BETA2 ** counted.double()).sqrt()
        first = [m + (1 - BETA1) * (g - m) for m, g in zip(moments[0], gradients, strict=True)]
        second = [BETA2 * m + (1 - BETA2) * g * g for m, g in zip(moments[1], gradients, strict=True)]
        moves = [m / (v.sqrt() / scale + EPSILON) for m, v in zip(first, second, strict=True)]
        moments = [first, second]
    elif recipe.momentum:
        moves = [recipe.momentum * m + g for m, g in zip(moments[0], gradients, strict=True)]
        moments = [moves]
    else:
        moves = list(gradients)
    return [p - rate * move for p, move in zip(parameters, moves, strict=True)], moments, counted


def _fusable(parameters: list[Tensor], gradients: list[Tensor]) -> bool:
    """Whether all are of one type, and lie in memory as a fused update on their device needs it."""
    together = (*parameters, *gradients)
    if not all(each.is_floating_point() for each in together) or len({each.dtype for each in together}) > 1:
        return False
    fit = _dense if all(each.is_cuda for each in together) else _contiguous
    return fit(parameters, gradients)


def _contiguous(parameters: list[Tensor], gradients: list[Tensor]) -> bool:
    """Whether all are; of others the fused update of a CPU rounds otherwise."""
    return all(each.is_contiguous() for each in (*parameters, *gradients))


def _dense(parameters: list[Tensor], gradients: list[Tensor]) -> bool:
    """Whether parameters lie without gaps, and gradients as they do: nets with channels last are fused too."""
    dense = all(torch.ops.aten.is_non_overlapping_and_dense(each) for each in parameters)
    return dense and all(p.stride() == g.stride() for p, g in zip(parameters, gradients, strict=True))


def _fused(recipe: Recipe, rate: float, parameters: list[Tensor], gradients: list[Tensor], state: State) -> None:
    """The same in one pass over each tensor, which takes a half to a quarter of the time."""
    options: dict[str, Any] = {"lr": rate, "weight_decay": recipe.weight_decay, "maximize": False}
    if recipe.optimizer == "adam":
        first, second = state.moments
        steps = [state.counted] * len(parameters)
        options |= {"beta1": BETA1, "beta2": BETA2, "eps": EPSILON, "amsgrad": False}
        torch._fused_adam_(parameters, gradients, first, second, [], steps, **options)
    else:
        velocity = state.moments[0] if state.moments else []
        options |= {"momentum": recipe.momentum, "dampening": 0.0, "nesterov": False, "is_first_step": False}
        torch._fused_sgd_(parameters, gradients, velocity, **options)


def _adam(rate: float, parameters: list[Tensor], gradients: list[Tensor], state: State) -> None:
    first, second = state.moments
    torch._foreach_lerp_(first, gradients, 1 - BETA1)
    torch._foreach_mul_(second, BETA2)
    torch._foreach_addcmul_(second, gradients, gradients, value=1 - BETA2)
    scale = torch._foreach_sqrt(second)
    torch._foreach_div_(scale, (1 - BETA2**state.steps) ** 0.5)
    torch._foreach_add_(scale, EPSILON)
    torch._foreach_addcdiv_(parameters, first, scale, value=-rate / (1 - BETA1**state.steps))
