"""A pytest plugin that makes every claim small, to run fullscale claims end to end: one epoch, at most two nets a run.

The nets stay as they are, and so do conditions, measures and verdicts. The data are as small as the data root's files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from memorization_claims.plan.conditions import TRUE
from memorization_claims.plan.plan import Plan, Setting
from memorization_claims.session.options import BASE_SEED
from memorization_claims.session.overrides import Overrides
from memorization_claims.spec.recipe import Recipe

EXAMPLES = 20
TRAINING = {
    **{"train_accuracy": 0.9, "relabelled": 0.9, "validation_accuracy": 0.5},
    **{"validation_accuracy_even": 0.5, "validation_accuracy_odd": 0.5},
}
"""Of every training on ImageNet, which no session makes."""
Limits = Mapping[str, int]
"""The most of each field that bounds what a run costs."""
LIMITS: Limits = {"subset": EXAMPLES, "validation": EXAMPLES, "nets": 2, "filters": 20, "epochs": 1}
SHAPES = {"mnist": (28, 28), "cifar10": (32, 32, 3)}
WHOLE = Overrides.setting


def write_data(folder: Path) -> None:
    """Data sets with the papers' shapes and classes, and noise for images; and a store of trainings on ImageNet."""
    from memorization_claims.store import Store
    from memorization_claims.tests.imagenet_samples import put_record

    imagenet = import_module("memorization_claims.claims.zhang2017.imagenet")
    rows = ("AUGMENTED", "ALL", "DECAYED", "RANDOM", "RANDOM_DECAYED", "RANDOM_DROPPED")
    for row in (TRUE, *(getattr(imagenet, name) for name in rows)):
        put_record(Store(folder / "store"), replace(imagenet.BASE, seed=BASE_SEED, epochs=1, **row), TRAINING)
    generator = np.random.default_rng(0)
    for name, shape in SHAPES.items():
        images = {part: generator.integers(0, 256, (EXAMPLES, *shape), dtype=np.uint8) for part in ("train", "test")}
        labels = np.arange(EXAMPLES) % 10
        np.savez(folder / name, x_train=images["train"], y_train=labels, x_test=images["test"], y_test=labels)


def _small(fields: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """Fields of a spec, cut down."""
    cut = dict(fields)
    if isinstance(recipe := cut.get("recipe"), Recipe):
        cut["recipe"] = replace(recipe, epochs=min(recipe.epochs, limits["epochs"]))
    for name, most in limits.items():
        if cut.get(name) is not None:
            cut[name] = min(cut[name], most)
    return cut


def smaller(setting: Setting, limits: Limits) -> Setting:
    """A setting, cut down."""
    if not isinstance(setting, Plan):
        return setting
    conditions = {name: _small(changes, limits) for name, changes in setting.conditions.items()}
    generator = setting.generator and _small({"epochs": limits["epochs"], **setting.generator}, limits)
    base = replace(setting.base, **_small(vars(setting.base), limits))
    dissection = setting.dissection and replace(setting.dissection, steps=2, starts=2)
    return replace(setting, base=base, conditions=conditions, generator=generator, dissection=dissection)


def make_small(limits: Limits) -> None:
    """Cut the plans of every claim of this session down."""
    Overrides.setting = lambda self, setting: smaller(WHOLE(self, setting), limits)  # type: ignore[method-assign]


def pytest_configure() -> None:
    """Make the claims small in this session, and not in one that imports this module for its data."""
    make_small(LIMITS)
