"""What mutants make of the runs that a plan asks for, and of the data that these are trained and judged on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from memorization_claims.plan.plan import Cases, Plan, Setting
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.facts import facts_of
from memorization_claims.spec.run import RunSpec

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


def labels_not_corrupted(setting: Setting) -> Setting:
    """True labels wherever they were random."""
    if isinstance(setting, Cases):
        return setting
    clean = {name: _with_true_labels(changes) for name, changes in setting.conditions.items()}
    plan = replace(setting, conditions=clean)
    return plan.changed(corruption=_true_labels(setting.base.corruption))


def _with_true_labels(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    clean = dict(changes)
    if "corruption" in changes:
        clean["corruption"] = _true_labels(changes["corruption"])
    if changes.get("extra") == "random":
        clean["extra"] = "true"
    return clean


def _true_labels(corruption: Corruption) -> Corruption:
    own_classes = not facts_of(corruption.kind).new_classes
    return Corruption() if own_classes and _of_labels(corruption) else corruption


def inputs_not_corrupted(setting: Setting) -> Setting:
    """Real images wherever they were noise."""
    if isinstance(setting, Cases):
        return setting
    clean = {
        name: {**changes, "corruption": _real_inputs(changes["corruption"])} if "corruption" in changes else changes
        for name, changes in setting.conditions.items()
    }
    return replace(setting, conditions=clean).changed(corruption=_real_inputs(setting.base.corruption))


def _real_inputs(corruption: Corruption) -> Corruption:
    return Corruption() if corruption.kind == "gaussian-inputs" else corruption


def redrawn(pool: Callable[..., Any]) -> Callable[..., Any]:
    """Data whose corrupted examples have the label of their neighbour in the batch, another one in every epoch."""

    class Redrawn(pool):  # type: ignore[misc, valid-type]
        def batch(self, runs: Any, indices: Any) -> tuple[Any, Any]:
            inputs, labels = super().batch(runs, indices)
            changed = self.changed[runs].gather(1, indices)
            return inputs, labels.roll(1, 1).where(changed, labels)

    return Redrawn


def test_labels_too(prepare: Callable[..., Any]) -> Callable[..., Any]:
    """Data sets whose validation labels are corrupted as the training labels are."""
    from memorization_claims.data.corruption import corrupt

    def prepared(spec: Any, source: Any) -> Any:
        data = prepare(spec, source)
        labels = data.validation_labels
        if not _of_labels(spec.corruption):
            return data
        drawn = corrupt(labels.numpy(), labels.numpy(), source.classes, spec.corruption, spec.seed).labels
        return replace(data, validation_labels=labels.new_tensor(drawn))

    return prepared


def has_label_noise(setting: Setting) -> bool:
    """Whether some condition has labels that are not the true ones."""
    if isinstance(setting, Cases):
        return False
    return any(_of_labels(spec.corruption) for specs in setting.specs(0).values() for spec in specs[:1])


def _of_labels(corruption: Corruption) -> bool:
    """Whether it touches labels and nothing else."""
    facts = facts_of(corruption.kind)
    return facts.labels and not facts.inputs


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


def all_labels_random(setting: Setting) -> Setting:
    """Random labels in a plan all of whose arms have the true ones."""
    return _random(setting, 1.0)


def half_the_labels_random(setting: Setting) -> Setting:
    """Half of the labels random in a plan with one arm, whose labels are the true ones."""
    return _random(setting, 0.5) if isinstance(setting, Plan) and len(setting.conditions) == 1 else setting


def _random(setting: Setting, fraction: float) -> Setting:
    if not (isinstance(setting, Plan) and isinstance(setting.base, RunSpec)) or setting.base.corruption.kind != "none":
        return setting
    if any("corruption" in changes for changes in setting.conditions.values()):
        return setting
    return setting.changed(corruption=Corruption(kind="random-labels", fraction=fraction))
