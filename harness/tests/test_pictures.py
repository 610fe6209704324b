"""Pictures of what nets have learned of each class, before and after the images were sought."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from memorization_claims.drawing.pictures import pictures
from memorization_claims.errors import SettingError
from memorization_claims.lab.compare import sought
from memorization_claims.spec.dissection import Dissection
from memorization_claims.tests.test_comparison import PLAN, runs_at


def test_without_steps_images_stay_as_they_were(tmp_path: Path) -> None:
    """The starts are those of the search, the same in all conditions."""
    plan = replace(PLAN, dissection=Dissection(steps=0, starts=2))
    rows = pictures(runs_at(tmp_path, plan, seeds=1), "true", "random")
    assert list(rows) == ["start 1", "start 2", "true 1", "true 2", "random 1", "random 2"]
    assert rows["start 1"].shape == (10, 8, 8)
    for start in "12":
        np.testing.assert_array_equal(rows[f"true {start}"], rows[f"start {start}"])
        np.testing.assert_array_equal(rows[f"random {start}"], rows[f"start {start}"])


def test_pictures_are_the_images_that_were_sought(tmp_path: Path) -> None:
    """Of the first net of the first run, with the darkest training value black and the brightest white."""
    runs = runs_at(tmp_path, seeds=2)
    rows = pictures(runs, "true", most=1)
    assert list(rows) == ["start 1", "true 1"]
    images = sought(runs, runs.specs["true"])[0][0][:, 0, 0]
    data = runs.dataset(runs.specs["true"][0]).inputs
    expected = (images - data.min()) / (data.max() - data.min())
    np.testing.assert_allclose(rows["true 1"], expected, rtol=1e-6)
    assert not np.array_equal(rows["true 1"], rows["start 1"])


def test_pictures_have_three_channels_last(tmp_path: Path) -> None:
    """As a report wants them."""
    generator = np.random.default_rng(0)
    path = tmp_path / "color.npz"
    np.savez(path, x_train=generator.integers(256, size=(300, 4, 4, 3), dtype=np.uint8), y_train=np.arange(300) % 3)
    changes = {"data": str(path), "subset": 30, "validation": 30}
    plan = PLAN.changed(**changes)
    rows = pictures(runs_at(tmp_path / "store", plan, seeds=1), "true")
    assert {images.shape for images in rows.values()} == {(3, 4, 4, 3)}


def test_a_plan_without_a_dissection_has_no_pictures(tmp_path: Path) -> None:
    """Nothing was sought."""
    runs = runs_at(tmp_path, replace(PLAN, dissection=None), seeds=1)
    with torch.no_grad(), pytest.raises(SettingError, match="has a dissection"):
        pictures(runs, "true")
