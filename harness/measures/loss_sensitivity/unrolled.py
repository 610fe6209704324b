"""Gradients of the loss in the training inputs through all updates of SGD, by a sweep back over the course."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from memorization_claims.errors import SettingError, UndecidableError
from memorization_claims.measures.loss_sensitivity.course import course, rate_of, taken
from memorization_claims.measures.loss_sensitivity.second_order import Weights, changes, slopes
from memorization_claims.spec.recipe import Recipe

AT_ONCE = 2**22
"""Values of the batch's inputs, times losses, that a step back is taken with at once."""


def through_updates(
    models: list[nn.Module],
    inputs: Tensor,
    labels: Tensor,
    batches: Sequence[Tensor],
    recipe: Recipe,
    *,
    at: Sequence[int],
    terms: Tensor,
) -> tuple[Tensor, Weights]:
    """Differentiate the loss after some updates in the inputs that the updates before were made on.

    The derivative is total but for one part: the loss is that on a copy of the training set which is held fixed, so
    that only what training on an example did is counted ("the parameter update from training on x influences all
    future losses"). That the loss is also taken on x itself would count without any training, and for the example's
    own class alone.

    An update is v <- momentum v + gradient + weight_decay w, w <- w - rate v. Going back, the derivative in v is kept
    beside that in w. Every recorded loss, and every term of it, has derivatives of its own, since norms of them are
    taken: they go back side by side.

    Args:
        models: with the initial weights, one a net; of one architecture, without noise or batch norm.
        inputs: (nets, examples, *shape), float32 or float64 as the weights, in which everything is computed.
        labels: (nets, examples), int64.
        batches: for each update the examples it is made on, (nets, batch), none twice.
        recipe: plain SGD on these inputs.
        at: after how many updates the loss is taken: each from 1 to their number, rising.
        terms: (nets, terms, examples): the weight of each example in each part of the loss. For the mean over the
            training set in one part, 1/examples everywhere.

    Returns:
        (nets, recorded, terms, examples, *shape): the derivative of each part of each recorded loss in each
        training input; and the weights that each loss was taken at, by name (nets, recorded, ...).

    Raises:
        UndecidableError: for a recipe other than SGD without noise and augmentation, or a net with buffers or with
            parameters that are not trained.
        SettingError: for updates out of range.

    Source:
        Arpit et al. 2017, section 3.2; Maclaurin et al. 2015, Gradient-based hyperparameter optimization through
        reversible learning, algorithm 2, whose reversal of the course in exact arithmetic is not needed here.
    """
    _check(models[0], recipe, at, len(batches))
    model = deepcopy(models[0]).to(inputs.device).eval()
    terms = terms.to(inputs)
    parts, pixels = terms.shape[1], inputs[0, 0].numel()
    losses = len(at) * parts
    gradients = inputs.new_zeros(len(labels), losses, labels.shape[1], pixels)
    back, recorded = _Back(recipe, losses), list[Weights]()
    for update, weights in course(models, inputs, labels, batches, recipe):
        if back.first < losses:
            batch, rate = taken(batches[update], inputs, labels), rate_of(update, labels, recipe)
            at_once = max(1, AT_ONCE // batch[0].numel())
            for start in range(back.first, losses, at_once):
                some = slice(start, start + at_once)
                _add(gradients[:, some], batches[update], back.through(some, rate, model, weights, *batch))
        if update in at:
            back.join(slopes(model, weights, inputs, labels, terms))
            recorded.append(weights)
    then = {name: torch.stack([weights[name] for weights in reversed(recorded)], dim=1) for name in recorded[0]}
    return gradients.view(len(labels), len(at), parts, labels.shape[1], *inputs.shape[2:]), then


class _Back:
    """The derivatives of all losses met so far in weights and velocity, on the way back; the last loss comes first."""

    def __init__(self, recipe: Recipe, losses: int) -> None:
        self.first = losses
        """The first of the losses that was met; so were all after it."""
        self._weights: Weights = {}
        """Derivatives in the weights by name, (nets, losses, ...)."""
        self._velocity: Weights = {}
        self._losses = losses
        self._recipe = recipe

    def join(self, begun: Weights) -> None:
        """Take up the parts of the loss before, which depends on the weights alone."""
        parts = next(iter(begun.values())).shape[1]
        self.first -= parts
        for name, slope in begun.items():
            for stack in (self._weights, self._velocity):
                if name not in stack:
                    stack[name] = slope.new_zeros(len(slope), self._losses, *slope.shape[2:])
            self._weights[name][:, self.first : self.first + parts] = slope

    def through(
        self, some: slice, rate: float, model: nn.Module, weights: Weights, inputs: Tensor, labels: Tensor
    ) -> Tensor:
        """Go back before an update made at these weights; the inputs' share, (nets, examples, losses, *shape)."""
        slopes = {name: stack[:, some] for name, stack in self._weights.items()}
        gradient = {name: self._velocity[name][:, some].sub_(slope, alpha=rate) for name, slope in slopes.items()}
        products, change = changes(model, weights, inputs, labels, gradient)
        for name, slope in gradient.items():
            slopes[name] += products[name]
            if self._recipe.weight_decay:
                slopes[name].add_(slope, alpha=self._recipe.weight_decay)
            slope.mul_(self._recipe.momentum)
        return change


def _add(gradients: Tensor, batch: Tensor, change: Tensor) -> None:
    """Add changes, (nets, batch, losses, *shape), to the gradients (nets, losses, examples, pixels) in place."""
    for of_net, examples, added in zip(gradients, batch, change.flatten(3).transpose(1, 2), strict=True):
        of_net.index_add_(1, examples, added)


def _check(model: nn.Module, recipe: Recipe, at: Sequence[int], updates: int) -> None:
    noisy = ("dropout", "input_dropout", "input_noise", "hidden_noise", "crop", "flip", "adversarial")
    named = [recipe.optimizer] if recipe.optimizer != "sgd" else [name for name in noisy if getattr(recipe, name)]
    if named:
        raise UndecidableError(f"the recipe has {named[0]}; legal is plain SGD, through which gradients are taken")
    if any(True for _ in model.buffers()) or not all(p.requires_grad for p in model.parameters()):
        raise UndecidableError(
            "the net has buffers or fixed parameters; legal is one without dropout and batch norm, all of whose "
            "parameters are trained"
        )
    if not at or list(at) != sorted(set(at)) or at[0] < 1 or at[-1] > updates:
        raise SettingError(f"the loss is taken after {list(at)} updates; legal are rising numbers from 1 to {updates}")
