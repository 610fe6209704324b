"""Mutants of training: recipes that are not those that a claim asks for, and labels that change as nets train."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module

from memorization_claims.controls.mutant import Mutant
from memorization_claims.data.mutants import has_input_noise, has_label_noise, prepares
from memorization_claims.models.build import build
from memorization_claims.models.initial import he_normal
from memorization_claims.plan.plan import Cases, Plan, Setting
from memorization_claims.seed import Purpose, stream, torch_generator
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.training import engine, optimizer
from memorization_claims.training.batched import Batched
from memorization_claims.training.cohort import _Cohort
from memorization_claims.training.pool import Pool

REGULARISERS = ("dropout", "input_dropout", "input_noise", "hidden_noise", "weight_decay", "adversarial")
"""Fields of a recipe that regularise when they are not 0."""
NOISE = ("dropout", "input_dropout", "input_noise", "hidden_noise")
"""Those of layers that act in training alone."""


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
            return inputs, _neighbours(labels, self.changed[runs].gather(1, indices))

    return Redrawn


def images_redrawn(whole: type[Pool]) -> type[Pool]:
    """Data whose corrupted examples have the image of their neighbour in the batch, another one in every epoch."""

    class Redrawn(whole):  # type: ignore[misc, valid-type]
        def batch(self, runs: Tensor, indices: Tensor, *, bordered: bool = False) -> tuple[Tensor, Tensor]:
            inputs, labels = super().batch(runs, indices, bordered=bordered)
            return _neighbours(inputs, self.changed[runs].gather(1, indices)), labels

    return Redrawn


def _neighbours(values: Tensor, where: Tensor) -> Tensor:
    """The values (nets, examples, ...) of the examples before, where a mask (nets, examples) says so."""
    return values.roll(1, 1).where(where.view(*where.shape, *[1] * (values.ndim - 2)), values)


def growing(setting: Setting) -> Setting:
    """Learning rates that grow by the factor that they were to fall by."""
    if not (isinstance(setting, Plan) and isinstance(setting.base, RunSpec)):
        return setting
    recipes = {name: changes["recipe"] for name, changes in setting.conditions.items() if "recipe" in changes}
    turned = {name: {**setting.conditions[name], "recipe": _growing(recipe)} for name, recipe in recipes.items()}
    plan = replace(setting, conditions={**setting.conditions, **turned})
    return plan.changed(recipe=_growing(setting.base.recipe))


def _growing(recipe: Recipe) -> Recipe:
    return replace(recipe, decay=1 / recipe.decay) if recipe.decay else recipe


def twice_as_long(whole: Callable[..., None]) -> Callable[..., None]:
    """Steps whose momentum lasts for twice as many of them, as 0.95 does in the place of 0.9."""

    def broken(recipe: Recipe, *rest: Any) -> None:
        doubled = (1 + recipe.momentum) / 2 if recipe.momentum else 0.0
        whole(replace(recipe, momentum=doubled), *rest)

    return broken


def has_momentum(setting: Setting) -> bool:
    """Whether some net is trained by SGD with momentum."""
    return any(recipe.optimizer == "sgd" and recipe.momentum for recipe in _recipes(setting))


def summing(whole: Callable[..., Any]) -> Callable[..., Any]:
    """Engines that step on the sum of the losses of a batch."""

    def broken(*arguments: Any, **options: Any) -> Any:
        engine = whole(*arguments, **options)
        step = engine.step

        def summed(
            inputs: Tensor, labels: Tensor, drawn: Any, scale: float = 1.0, shares: Tensor | None = None
        ) -> None:
            step(inputs, labels, drawn, scale, inputs.new_ones(labels.shape[1]) if shares is None else shares)

        engine.step = summed
        return engine

    return broken


def one_start(whole: Callable[..., Module]) -> Callable[..., Module]:
    """The initial weights of a run's first net for all of its nets."""
    return lambda spec, shape, classes, net=0: whole(spec, shape, classes)


def one_order(whole: Callable[..., torch.Generator]) -> Callable[..., torch.Generator]:
    """The order of examples of a run's first net for all of its nets."""

    def broken(seed: int, purpose: Purpose, *parts: int | str) -> torch.Generator:
        return whole(seed, purpose, *([0] if purpose == "order" else parts))

    return broken


def one_seed(whole: Callable[..., int]) -> Callable[..., int]:
    """The streams of seed 0 for every seed."""
    return lambda seed, purpose, *parts: whole(0, purpose, *parts)


def has_nets(setting: Setting) -> bool:
    """Whether a run has several nets."""
    return trains(setting) and isinstance(setting, Plan) and any(spec.nets > 1 for (spec,) in setting.specs().values())


def in_training_mode(whole: type[_Cohort]) -> type[_Cohort]:
    """Cohorts that evaluate stacked nets in training mode."""

    class InTrainingMode(whole):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            if isinstance(engine := self.engine, Batched):
                engine.logits = self._as_trained  # type: ignore[method-assign]

        def _as_trained(self, inputs: Tensor) -> Tensor:
            drawn = {name: self._drawn(layer, inputs.shape[1]) for name, layer in self.noise.items()}
            logits: Tensor = self.engine._path.forward(inputs, drawn, back=False)[0]
            return logits[..., : self.engine._classes]

    return InTrainingMode


def has_noise(setting: Setting) -> bool:
    """Whether some net is trained with dropout or noise."""
    return any(getattr(recipe, name) for recipe in _recipes(setting) for name in NOISE)


def _recipes(setting: Setting) -> list[Recipe]:
    """The recipes of the nets that it asks for."""
    if not (isinstance(setting, Plan) and isinstance(setting.base, RunSpec) and setting.trains):
        return []
    return [spec.recipe for (spec,) in setting.specs().values()]


MUTANTS = (
    Mutant("zero-learning-rate", "nothing is learned", setting=zero_learning_rate, blunt=True),
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
    Mutant(
        "inputs-redrawn",
        "corrupted examples have another input each time that they are seen",
        target=Pool,
        replacement=images_redrawn,
        within=has_input_noise,
    ),
    Mutant("rate-grows", "learning rates grow by the factor that they were to fall by", setting=growing),
    Mutant(
        "momentum-doubled",
        "momentum lasts for twice as many steps: 0.95 where 0.9 is asked for",
        target=optimizer.step,
        replacement=twice_as_long,
        within=has_momentum,
        caught_by="harness/tests/test_optimizer.py::test_a_worked_example",
    ),
    Mutant(
        "batch-summed",
        "steps are taken on the sum of the losses of a batch, not on their mean",
        target=engine.make,
        replacement=summing,
        within=trains,
        blunt=True,
        caught_by="harness/tests/test_engine.py::test_every_engine_trains_as_plain_pytorch_does",
    ),
    Mutant(
        "nets-share-weights",
        "all nets of a run begin with the same weights",
        target=build,
        replacement=one_start,
        within=has_nets,
        caught_by="harness/tests/test_models.py::test_the_seed_and_the_net_decide_the_weights",
    ),
    Mutant(
        "nets-share-orders",
        "all nets of a run see the examples in the same order",
        target=torch_generator,
        replacement=one_order,
        within=has_nets,
        caught_by="harness/tests/test_cohort.py::test_nets_that_begin_alike_part_by_their_orders",
    ),
    Mutant(
        "seeds-ignored",
        "the runs of all seeds are the same run",
        target=stream,
        replacement=one_seed,
        within=prepares,
        blunt=True,
        caught_by="harness/tests/test_seed.py::test_parts_are_pinned_too",
    ),
    Mutant(
        "evaluated-in-training-mode",
        "nets are evaluated during training with the dropout and noise of a step",
        target=_Cohort,
        replacement=in_training_mode,
        within=has_noise,
        caught_by="harness/tests/test_cohort.py::test_kept_examples_are_those_that_the_final_net_gets_right",
    ),
)
