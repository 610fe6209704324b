"""Gradients of the loss in the training inputs through all updates of SGD, by a sweep back over the course."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from harness.errors import SettingError
from harness.measures.loss_sensitivity.second_order import Weights, changes, slopes
from harness.spec import Recipe
from harness.training import engine as engines
from harness.training.engine import Engine

Step = Callable[[Engine, int], None]
"""Makes an update, by its number, in nets that have made those before it."""


def through_updates(
    models: list[nn.Module],
    inputs: Tensor,
    labels: Tensor,
    batches: Sequence[Tensor],
    recipe: Recipe,
    *,
    at: Sequence[int],
    terms: Tensor,
) -> Tensor:
    """Differentiate the loss after some updates in the inputs that the updates before were made on.

    The derivative is total but for one part: the loss is that on a copy of the training set which is held fixed, so
    that only what training on an example did is counted ("the parameter update from training on x influences all
    future losses"). That the loss is also taken on x itself would count without any training, and for the example's
    own class alone.

    An update is v <- momentum v + gradient + weight_decay w, w <- w - rate v. Going back, the derivative in v is kept
    beside that in w. Every recorded loss, and every term of it, has derivatives of its own, since norms of them are
    taken: they go back side by side. Of the course the weights at every root-th update are kept, others repeated.

    Args:
        models: with the initial weights, one a net; of one architecture, without noise or batch norm.
        inputs: (nets, examples, *shape), float64 or float32, as the models' weights.
        labels: (nets, examples), int64.
        batches: for each update the examples it is made on, (nets, batch), none twice.
        recipe: plain SGD on these inputs.
        at: after how many updates the loss is taken: each from 1 to their number, rising.
        terms: (nets, terms, examples): the weight of each example in each part of the loss. For the mean over the
            training set in one part, 1/examples everywhere.

    Returns:
        (nets, recorded, terms, examples, *shape), float64: the derivative of each part of each recorded loss in each
        training input.

    Raises:
        SettingError: for a recipe other than SGD without noise and augmentation, a net with buffers or with parameters
            that are not trained, or updates out of range.

    Source:
        Arpit et al. 2017, section 3.2; Maclaurin et al. 2015, Gradient-based hyperparameter optimization through
        reversible learning, algorithm 2, whose reversal of the course in exact arithmetic is not needed here.
    """
    _check(models[0], recipe, at, len(batches))
    model = deepcopy(models[0]).to(inputs.device, torch.float64).eval()
    exact, terms = inputs.double(), terms.to(inputs.device, torch.float64)
    parts, pixels = terms.shape[1], inputs[0, 0].numel()
    found = torch.zeros(*labels.shape, len(at) * parts, pixels, dtype=torch.float64, device=inputs.device)
    back = _Back(recipe)
    for update, weights in _backwards(*_course(models, inputs, labels, batches, recipe), len(models), len(batches)):
        if back.weights:
            batch = _taken(batches[update], exact, labels)
            change = back.through(recipe.rate_at(update // _per_epoch(recipe, labels)), model, weights, *batch)
            _add(found[:, :, : change.shape[1]], batches[update], change.flatten(3))
        if update in at:
            back.join(slopes(model, weights, exact, labels, terms))
    # The last recorded loss came first.
    ordered = found.view(*labels.shape, len(at), parts, pixels).flip(2).permute(0, 2, 3, 1, 4)
    return ordered.reshape(*ordered.shape[:4], *inputs.shape[2:])


class _Back:
    """The derivatives of all losses met so far in weights and velocity, on the way back."""

    def __init__(self, recipe: Recipe) -> None:
        self.weights: Weights = {}
        """By name (nets, losses, ...)."""
        self._velocity: Weights = {}
        self._recipe = recipe

    def join(self, begun: Weights) -> None:
        """Take up a loss, which depends on the weights alone."""
        for name, slope in begun.items():
            none = torch.zeros_like(slope)
            there = name in self.weights
            self.weights[name] = torch.cat([self.weights[name], slope], 1) if there else slope
            self._velocity[name] = torch.cat([self._velocity[name], none], 1) if there else none

    def through(self, rate: float, model: nn.Module, weights: Weights, inputs: Tensor, labels: Tensor) -> Tensor:
        """Go back before an update, made at these weights; (nets, losses, examples, *shape), the inputs' share."""
        gradient = {name: self._velocity[name] - rate * own for name, own in self.weights.items()}
        hessian, change = changes(model, weights, inputs, labels, gradient)
        for name, own in gradient.items():
            self.weights[name] = self.weights[name] + hessian[name] + self._recipe.weight_decay * own
            self._velocity[name] = self._recipe.momentum * own
        return change


def _backwards(engine: Engine, step: Step, nets: int, updates: int) -> Iterator[tuple[int, Weights]]:
    """The weights, in float64, after all updates, then before the last one, and so on to those before the first."""
    every, kept = max(1, math.isqrt(updates)), dict[int, Engine]()
    for update in range(updates):
        if update % every == 0:
            kept[update] = deepcopy(engine)
        step(engine, update)
    yield updates, _weights(engine, nets)
    for start in reversed(list(kept)):
        again, passed = kept.pop(start), []
        for update in range(start, min(start + every, updates)):
            passed.append((update, _weights(again, nets)))
            step(again, update)
        yield from reversed(passed)


def _course(
    models: list[nn.Module], inputs: Tensor, labels: Tensor, batches: Sequence[Tensor], recipe: Recipe
) -> tuple[Engine, Step]:
    """The trainer's own engine and steps, so that the course is the run's."""
    engine = engines.make(engines.choose(models[0]), deepcopy(models), recipe, inputs.device)

    def step(engine: Engine, update: int) -> None:
        rate = recipe.rate_at(update // _per_epoch(recipe, labels))
        engine.step(*_taken(batches[update], inputs, labels), {}, rate)

    return engine, step


def _weights(engine: Engine, nets: int) -> Weights:
    own = engine.weights(torch.arange(nets))
    return {name: tensor.double() for name, tensor in own.items()}


def _per_epoch(recipe: Recipe, labels: Tensor) -> int:
    return -(-labels.shape[1] // recipe.batch)


def _taken(batch: Tensor, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Each net's batch: inputs (nets, batch, *shape) and labels (nets, batch)."""
    nets = torch.arange(len(batch), device=batch.device)[:, None]
    return inputs[nets, batch], labels[nets, batch]


def _add(found: Tensor, batch: Tensor, change: Tensor) -> None:
    """Add to what was found of these examples: (nets, examples, losses, pixels) and (nets, losses, batch, pixels)."""
    nets = torch.arange(len(batch), device=batch.device)[:, None]
    found[nets, batch] += change.transpose(1, 2)


def _check(model: nn.Module, recipe: Recipe, at: Sequence[int], updates: int) -> None:
    noisy = ("dropout", "input_dropout", "input_noise", "hidden_noise", "crop", "flip", "adversarial")
    named = [recipe.optimizer] if recipe.optimizer != "sgd" else [name for name in noisy if getattr(recipe, name)]
    if named:
        raise SettingError(f"the recipe has {named[0]}; legal is plain SGD, through which gradients are taken")
    if any(True for _ in model.buffers()) or not all(p.requires_grad for p in model.parameters()):
        raise SettingError(
            "the net has buffers or fixed parameters; legal is one without dropout and batch norm, all of whose "
            "parameters are trained"
        )
    if not at or list(at) != sorted(set(at)) or at[0] < 1 or at[-1] > updates:
        raise SettingError(f"the loss is taken after {list(at)} updates; legal are rising numbers from 1 to {updates}")
