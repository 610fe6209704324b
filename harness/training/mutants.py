"""Mutants of training: recipes that are not those that a claim asks for, and labels that change as nets train."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module

from memorization_claims.controls.mutant import Mutant
from memorization_claims.data.mutants import has_label_noise
from memorization_claims.models.initial import he_normal
from memorization_claims.plan.plan import Cases, Plan, Setting
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.pool import Pool

REGULARISERS = ("dropout", "input_dropout", "input_noise", "hidden_noise", "weight_decay", "adversarial")
"""Fields of a recipe that regularise when they are not 0."""


def zero_learning_rate(setting: Setting) -> Setting:
    """Nothing is learned, and one epoch shows it: more would change no weight."""
    if isinstance(setting, Plan) and isinstance(setting.base, RunSpec):
        recipes = {name: changes.get("recipe", setting.base.recipe) for name, changes in setting.conditions.items()}
        idle = {name: replace(recipe, rate=0.0, epochs=1) for name, recipe in recipes.items()}
        return replace(setting, conditions={n: {**setting.conditions[n], "recipe": idle[n]} for n in idle})
    if isinstance(setting, Cases) and "rate" in setting.options:
        return replace(setting, options={**setting.options, "rate": 0.0})
    return setting


def trains(setting: Setting) -> bool:
    """Whether it asks for nets."""
    return isinstance(setting, Plan) and setting.trains


def unregularised(setting: Setting) -> Setting:
    """No dropout, noise, weight decay or adversarial training, whatever was asked for."""
    if not (isinstance(setting, Plan) and isinstance(setting.base, RunSpec)):
        return setting
    off: dict[str, Any] = dict.fromkeys(REGULARISERS, 0.0)
    conditions = {
        name: {**changes, "recipe": replace(changes["recipe"], **off)} if "recipe" in changes else changes
        for name, changes in setting.conditions.items()
    }
    return replace(setting.changed(recipe=replace(setting.base.recipe, **off)), conditions=conditions)


def small(whole: Callable[[Module], Module]) -> Callable[[Module], Module]:
    """Initial weights so small that what goes through many layers is lost."""

    def broken(net: Module) -> Module:
        with torch.no_grad():
            for parameter in whole(net).parameters():
                parameter.mul_(1 / 8)
        return net

    return broken


def strongly_cropped(setting: Setting) -> Setting:
    """Crops that leave little of an image, in the arms without a regulariser of a plan that has others."""
    if not (isinstance(setting, Plan) and isinstance(setting.base, RunSpec)):
        return setting
    recipes = {name: changes.get("recipe", setting.base.recipe) for name, changes in setting.conditions.items()}
    bare = {name: recipe for name, recipe in recipes.items() if not (recipe.crop or recipe.weight_decay)}
    if len(bare) == len(recipes):
        return setting
    cropped = {name: {**setting.conditions[name], "recipe": replace(recipe, crop=8)} for name, recipe in bare.items()}
    return replace(setting, conditions={**setting.conditions, **cropped})


def redrawn(whole: type[Pool]) -> type[Pool]:
    """Data whose corrupted examples have the label of their neighbour in the batch, another one in every epoch."""

    class Redrawn(whole):  # type: ignore[misc, valid-type]
        def batch(self, runs: Tensor, indices: Tensor, *, bordered: bool = False) -> tuple[Tensor, Tensor]:
            inputs, labels = super().batch(runs, indices, bordered=bordered)
            changed = self.changed[runs].gather(1, indices)
            return inputs, labels.roll(1, 1).where(changed, labels)

    return Redrawn


MUTANTS = (
    Mutant("zero-learning-rate", "nothing is learned", setting=zero_learning_rate),
    Mutant(
        "regularisers-off",
        "dropout, noise, weight decay and adversarial training are left out of every recipe",
        setting=unregularised,
    ),
    Mutant(
        "small-initial-weights",
        "initial weights are an eighth of what they should be",
        target=he_normal,
        replacement=small,
        within=trains,
    ),
    Mutant("augmentation-left-on", "nets without regularisers see strong random crops", setting=strongly_cropped),
    Mutant(
        "labels-redrawn",
        "corrupted examples have another label each time that they are seen",
        target=Pool,
        replacement=redrawn,
        within=has_label_noise,
    ),
)
