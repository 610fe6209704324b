"""The unit in which a user keeps pictures: it decides no number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from memorization_claims.data.source import load
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.measures.nets.critical_samples import critical_sample_ratio
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec


def ratio(folder: Path, given: dict[str, Any]) -> float:
    """The critical sample ratio of small nets within 0.03 of the range, over three seeds."""
    folder.mkdir()
    np.savez(folder / "own.npz", **given)
    recipe = Recipe(rate=0.05, batch=20, epochs=15)
    base = RunSpec(data=str(folder / "own.npz"), subset=300, validation=500, model="mlp-1x32", recipe=recipe)
    runs = Laboratory(folder / "store", folder, torch.device("cpu")).runs(
        Plan(base=base, conditions={"real": {}}, radius=0.03), range(3)
    )
    return float(runs.measure(critical_sample_ratio, "ratio")["real"].mean())


def test_one_set_of_pictures_has_one_critical_sample_ratio(tmp_path: Path) -> None:
    """As bytes, as floats in [0, 1] and in [-1, 1], and in steps of 0 to 16: the user's unit decides nothing."""
    digits = load("digits", tmp_path)
    shown, labels = digits.images[:, 0] / 16, digits.labels
    units = {
        "bytes": np.round(shown * 255).astype(np.uint8),
        "floats": shown,
        "both signs": shown * 2 - 1,
        "steps": shown * 16,
        "integers": (shown * 16).astype(np.int64),
        "given": digits.images[:, 0],
    }
    ratios = {name: ratio(tmp_path / name, {"x_train": images, "y_train": labels}) for name, images in units.items()}
    assert 0.1 < ratios["floats"] < 0.9
    assert ratios == pytest.approx(dict.fromkeys(units, ratios["floats"]), abs=0.005)
