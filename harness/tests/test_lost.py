"""Runs that gave no number: their seeds are left out of all conditions, and told."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from memorization_claims.errors import UndecidableError
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.recipe import Recipe
from memorization_claims.tests.test_laboratory import BASE, laboratory_at, mean_of_inputs


def test_runs_that_all_diverged(tmp_path: Path) -> None:
    """The answer is that there are none, which was the first and when."""
    wild = Plan(base=BASE, conditions={"true": {}, "wild": {"recipe": Recipe(rate=1e30, batch=10, epochs=3)}})
    message = "^none of 2 runs gave a number in every condition; 'wild' at seed 8 gave no number: it diverged at epoch "
    with pytest.raises(UndecidableError, match=message + "[123]$"):
        laboratory_at(tmp_path).runs(wild, [8, 9])


def test_a_run_that_diverged_is_left_out(tmp_path: Path) -> None:
    """Its seed is lost to all conditions, and told; the others are measured as if it had not been."""
    plan = Plan(base=BASE, conditions={"true": {}, "random": {"corruption": Corruption(kind="random-labels")}})
    laboratory = laboratory_at(tmp_path)
    whole = laboratory.runs(plan, [5, 6, 7])
    key = laboratory.key(whole.specs["random"][1])
    entry = laboratory.store.load(key)
    assert entry is not None
    diverged = {**entry.arrays, "diverged": np.array([-1, 2])}
    shutil.rmtree(next(tmp_path.rglob(key)))
    laboratory.store.save(key, replace(entry, arrays=diverged))
    runs = laboratory_at(tmp_path).runs(plan, [5, 6, 7])
    assert runs.lost == {6: "'random' at seed 6 gave no number: it diverged at epoch 2"}
    assert runs.seeds == (5, 7)
    for measured, before in (
        (runs.final("loss"), whole.final("loss")),
        (runs.measure(mean_of_inputs, "mean"), whole.measure(mean_of_inputs, "mean")),
    ):
        assert measured.seeds == (5, 7)
        np.testing.assert_array_equal(measured["random"], before["random"][[0, 2]])
