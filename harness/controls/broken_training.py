"""What mutants make of the runs that a plan asks for."""

from __future__ import annotations

from dataclasses import replace

from harness.plan import Plan, Setting
from harness.spec import Corruption, RunSpec


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
