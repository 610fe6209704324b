"""The optimizers: step for step those of torch.optim, in a stack as alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.spec.recipe import Recipe
from memorization_claims.training.optimizer import State, step

SHAPES = [(3, 5), (5,), (2, 3, 1)]
PADDED = [(3, 16), (16,), (2, 2, 8)]
"""Of a net in a stack: each fills whole vectors of a processor."""
RECIPES = [
    Recipe(rate=0.1, batch=1, epochs=1),
    Recipe(rate=0.1, batch=1, epochs=1, momentum=0.0),
    Recipe(rate=0.1, batch=1, epochs=1, momentum=0.5, weight_decay=0.03),
    Recipe(rate=0.01, batch=1, epochs=1, optimizer="adam"),
    Recipe(rate=0.01, batch=1, epochs=1, optimizer="adam", weight_decay=0.03),
]


def _tensors(*lead: int, seed: int, shapes: Sequence[tuple[int, ...]] = SHAPES) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(*lead, *shape, generator=generator, dtype=torch.float64) for shape in shapes]


def _theirs(recipe: Recipe, parameters: list[Tensor]) -> torch.optim.Optimizer:
    if recipe.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=recipe.rate_at(0), weight_decay=recipe.weight_decay)
    return torch.optim.SGD(parameters, lr=recipe.rate_at(0), momentum=recipe.momentum, weight_decay=recipe.weight_decay)


@pytest.mark.parametrize("laid", ["in rows", "in columns"])
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: f"{r.optimizer}-{r.momentum}-{r.weight_decay}")
def test_twenty_steps_are_those_of_torch(recipe: Recipe, laid: str) -> None:
    """Momentum, weight decay and bias correction agree to 1e-12 in float64, with a rate that changes on the way."""
    ours, theirs = _tensors(seed=0), [p.requires_grad_() for p in _tensors(seed=0)]
    if laid == "in columns":
        ours = [p.T.contiguous().T if p.dim() == 2 else p for p in ours]
    state, optimizer = State(recipe, ours), _theirs(recipe, theirs)
    for epoch in range(20):
        rate = recipe.rate_at(0) * 0.9**epoch
        optimizer.param_groups[0]["lr"] = rate
        for parameter, gradient in zip(theirs, _tensors(seed=epoch + 1), strict=True):
            parameter.grad = gradient
        optimizer.step()
        step(recipe, rate, ours, _tensors(seed=epoch + 1), state)
        for mine, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine, other.detach(), rtol=0, atol=1e-12)


def test_a_gradient_may_lie_otherwise_at_every_other_step() -> None:
    """The way that it is taken then counts the same steps: Adam's corrections go on."""
    for recipe in RECIPES:
        ours, theirs = _tensors(seed=0), [p.requires_grad_() for p in _tensors(seed=0)]
        state, optimizer = State(recipe, ours), _theirs(recipe, theirs)
        for time in range(6):
            gradients = _tensors(seed=time + 1)
            for parameter, gradient in zip(theirs, gradients, strict=True):
                parameter.grad = gradient.clone()
            optimizer.step()
            turned = [g.T.contiguous().T if g.dim() == 2 and time % 2 else g for g in gradients]
            step(recipe, recipe.rate_at(0), ours, turned, state)
        for mine, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine, other.detach(), rtol=0, atol=1e-12)


def test_a_worked_example() -> None:
    """Momentum 0.5, rate 1, gradient 1 twice, from 0: velocities 1 and 1.5, so -1 and then -2.5."""
    recipe = Recipe(rate=1.0, batch=1, epochs=1, momentum=0.5)
    parameter = torch.zeros(1)
    state = State(recipe, [parameter])
    places = []
    for _ in range(2):
        step(recipe, 1.0, [parameter], [torch.ones(1)], state)
        places.append(parameter.item())
    assert places == [-1.0, -2.5]


@settings(deadline=None, max_examples=20)
@given(
    optimizer=st.sampled_from(["sgd", "adam"]),
    decay=st.sampled_from([0.0, 0.1]),
    nets=st.integers(1, 4),
    kept=st.data(),
)
def test_a_net_in_a_stack_moves_as_alone(
    optimizer: Literal["sgd", "adam"], decay: float, nets: int, kept: st.DataObject
) -> None:
    """Bit for bit, also after some of the stack have been dropped on the way."""
    recipe = Recipe(rate=0.1, batch=1, epochs=1, optimizer=optimizer, weight_decay=decay)
    stay = sorted(kept.draw(st.sets(st.integers(0, nets - 1), min_size=1)))
    stack = _tensors(nets, seed=0, shapes=PADDED)
    alone = [[p[net].clone() for p in stack] for net in stay]
    state, own = State(recipe, stack), [State(recipe, parameters) for parameters in alone]
    for time in range(6):
        gradients = _tensors(nets, seed=time + 1, shapes=PADDED)
        for net, parameters, memory in zip(stay, alone, own, strict=True):
            step(recipe, 0.1, parameters, [g[net].clone() for g in gradients], memory)
        if time == 3:
            state.keep(torch.tensor(stay))
            stack = [p[stay] for p in stack]
        step(recipe, 0.1, stack, [g[stay] if time >= 3 else g for g in gradients], state)
    for row, parameters in enumerate(alone):
        for stacked, single in zip(stack, parameters, strict=True):
            assert torch.equal(stacked[row], single)


def test_a_rate_of_zero_moves_nothing() -> None:
    """With rate 0 neither optimizer changes a bit."""
    for recipe in RECIPES:
        parameters, before = _tensors(seed=0), _tensors(seed=0)
        state = State(recipe, parameters)
        step(recipe, 0.0, parameters, _tensors(seed=1), state)
        assert all(torch.equal(a, b) for a, b in zip(parameters, before, strict=True))


def test_gradients_are_left_as_they_are() -> None:
    """They may even be expanded tensors, as autograd returns for a parameter that enters through a sum."""
    for recipe in RECIPES:
        parameters = _tensors(seed=0)
        gradients = [torch.ones((), dtype=torch.float64).expand(shape) for shape in SHAPES]
        step(recipe, recipe.rate_at(0), parameters, gradients, State(recipe, parameters))
        assert all(bool((gradient == 1).all()) for gradient in gradients)
