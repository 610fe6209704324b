"""What tests of training share: small runs on the digits, and how to train them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from memorization_claims.data.dataset import prepare
from memorization_claims.data.source import load
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.cohort import Progress, Result, train

CPU = torch.device("cpu")
DIGITS = load("digits", Path())
PLAIN = Recipe(rate=0.05, batch=9, epochs=3)


def spec(seed: int = 0, recipe: Recipe = PLAIN, **settings: Any) -> RunSpec:
    """A run of a second at most: 60 training and 41 validation digits, unless the settings say otherwise."""
    small: dict[str, Any] = {"data": "digits", "model": "mlp-1x13", "subset": 60, "validation": 41}
    return RunSpec(recipe=recipe, seed=seed, **(small | settings))


def trained(specs: Iterable[RunSpec], progress: Progress | None = None) -> dict[RunSpec, Result]:
    """The arrays of runs of one cohort."""
    specs = list(specs)
    return {run: arrays for run, arrays, _ in train(specs, [prepare(s, DIGITS) for s in specs], CPU, progress)}


def differing(first: Result, second: Result) -> list[str]:
    """Names of the arrays that are not the same bit for bit."""
    assert first.keys() == second.keys()
    return [name for name, array in first.items() if array.tobytes() != second[name].tobytes()]


def equal_weights(result: Result, first: str, second: str) -> bool:
    """Whether the weights of two moments are the same, bit for bit."""
    names = [name.removeprefix(f"weights/{first}/") for name in result if name.startswith(f"weights/{first}/")]
    assert names
    return all(np.array_equal(result[f"weights/{first}/{n}"], result[f"weights/{second}/{n}"]) for n in names)
