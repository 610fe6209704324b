"""The course of training, retraced from its end: the trainer's own steps, repeated from a few states that are kept.

Where the trainer's are compiled, or in bfloat16, these are the loop's or a stack's: the same to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from memorization_claims.errors import UndecidableError
from memorization_claims.measures.loss_sensitivity.second_order import Weights
from memorization_claims.spec.recipe import Recipe
from memorization_claims.training import engine as engines
from memorization_claims.training.draws import states
from memorization_claims.training.engine import Engine

Step = Callable[[Engine, int], None]
"""Makes an update, by its number, in nets that have made those before it."""


def course(
    models: list[nn.Module], inputs: Tensor, labels: Tensor, batches: Sequence[Tensor], recipe: Recipe
) -> Iterator[tuple[int, Weights]]:
    """Train nets as the trainer would, and yield their weights after all updates, then before the last one, and so on.

    Args:
        models: with the initial weights, one a net, which are left as they are.
        inputs: (nets, examples, *shape).
        labels: (nets, examples), int64.
        batches: for each update the examples it is made on, (nets, batch).
        recipe: without noise and augmentation.

    Yields:
        How many updates had been made, and the weights then by name, (nets, ...). The first are those of the run.

    Raises:
        UndecidableError: for nets that draw from torch's global generators in training, of the CPU or the device.
    """
    shape = inputs.shape[2:]
    engine = engines.make(engines.choose(models[0], recipe, shape), deepcopy(models), recipe, inputs.device, shape)

    def step(engine: Engine, update: int) -> None:
        before = states(inputs.device) if update == 0 else []
        engine.step(*taken(batches[update], inputs, labels), {}, recipe.scale_at(_epoch(update, labels, recipe)))
        if not all(map(torch.equal, before, states(inputs.device) if before else [])):
            raise UndecidableError(
                "the net draws in training, as with dropout; legal is one whose course repeats itself"
            )

    return retraced(engine, step, torch.arange(len(models), device=inputs.device), len(batches))


def retraced(engine: Engine, step: Step, nets: Tensor, updates: int) -> Iterator[tuple[int, Weights]]:
    """The same for any step. Of T states no more than two roots of T are in memory at a time."""
    every, kept = max(1, math.isqrt(updates)), dict[int, Engine]()
    for update in range(updates):
        if update % every == 0:
            kept[update] = deepcopy(engine)
        step(engine, update)
    yield updates, engine.weights(nets)
    for start in reversed(list(kept)):
        again, passed = kept.pop(start), []
        for update in range(start, min(start + every, updates)):
            passed.append((update, again.weights(nets)))
            step(again, update)
        yield from reversed(passed)


def rate_of(update: int, labels: Tensor, recipe: Recipe) -> float:
    """The learning rate of an update, counted from 0."""
    return recipe.rate_at(_epoch(update, labels, recipe))


def _epoch(update: int, labels: Tensor, recipe: Recipe) -> int:
    return update // -(-labels.shape[1] // recipe.batch)


def taken(batch: Tensor, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Each net's batch: inputs (nets, batch, *shape) and labels (nets, batch)."""
    nets = torch.arange(len(batch), device=batch.device)[:, None]
    return inputs[nets, batch], labels[nets, batch]
