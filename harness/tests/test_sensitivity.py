"""Loss-sensitivity of runs: what the store keeps, which times are taken, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from memorization_claims.controls.find import find
from memorization_claims.drawing.curves import class_matrices, difficulty_curves, disparity_curves
from memorization_claims.drawing.pictures import filter_pictures
from memorization_claims.errors import SettingError
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.measures.loss_sensitivity import direct, unrolled
from memorization_claims.measures.loss_sensitivity.disparity import disparity
from memorization_claims.measures.nets.filters import low_frequencies
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record, RunSpec

BASE = RunSpec(
    data="digits",
    subset=30,
    validation=10,
    model="mlp-2x5",
    recipe=Recipe(rate=0.1, momentum=0.5, batch=8, epochs=4),
    record=Record(every=2, weights="none"),
    nets=2,
)
CONDITIONS = {"real": {}, "unique": {"corruption": Corruption(kind="unique-labels")}}
PLAN = Plan(base=BASE, conditions=CONDITIONS, unrolled=True)
ONE = replace(PLAN, conditions={"real": {}})


def _laboratory(folder: Path) -> Laboratory:
    return Laboratory(folder, folder, torch.device("cpu"))


def test_one_number_for_each_example_net_and_time(tmp_path: Path) -> None:
    """At epochs 2 and 4, in runs of other classes too; a number a seed, a course and matrices to draw."""
    runs = _laboratory(tmp_path).runs(PLAN, range(2))
    for condition in CONDITIONS:
        found = {part: runs.array(condition, f"sensitivity/{part}") for part in ("l1", "l2", "linf")}
        assert {own.shape for own in found.values()} == {(2, 2, 2, 30)}
        assert (found["linf"] <= found["l2"]).all()
        assert (found["l2"] <= found["l1"]).all()
    samples = runs.value("sensitivity/l1", disparity, "Gini coefficient")
    by_hand = disparity(runs.array("real", "sensitivity/l1"), runs.epochs("real"))
    np.testing.assert_allclose(samples["real"], by_hand.mean(axis=1))
    epochs, course = disparity_curves(runs)["unique"]
    assert (list(epochs), course.shape) == ([2, 4], (2, 2))


def test_classes_add_up_to_no_less_than_the_whole(tmp_path: Path) -> None:
    """The mean over examples of the norm of a sum is at most the sum of the means over classes."""
    runs = _laboratory(tmp_path).runs(replace(ONE, base=replace(BASE, subset=200)), range(2))
    matrices, whole = runs.array("real", "sensitivity/classes"), runs.array("real", "sensitivity/l1")
    assert matrices.shape == (2, 2, 2, 10, 10)
    assert (matrices.sum(axis=-2).max(axis=-1) >= whole.mean(axis=-1) * (1 - 1e-5)).all()
    assert class_matrices(runs)["real"].shape == (2, 10, 10)


def test_the_total_derivative_has_the_direct_part_besides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the diagonal alone: the loss on a class is taken on its own examples. Without that part both are the same."""
    runs = _laboratory(tmp_path / "a").runs(ONE, range(2))
    part, total = (runs.array("real", f"sensitivity/{name}") for name in ("classes", "total-classes"))
    diagonal = np.eye(10, dtype=bool)
    np.testing.assert_allclose(part[..., ~diagonal], total[..., ~diagonal], rtol=1e-5)
    assert (np.abs(part - total)[..., diagonal] > 0).mean() > 0.5
    np.testing.assert_allclose(
        runs.array("real", "sensitivity/others"), runs.array("real", "sensitivity/total-others"), rtol=1e-5
    )
    monkeypatch.setattr(direct, "directly", find("direct-part-left-out").replacement(direct.directly))
    without = _laboratory(tmp_path / "b").runs(ONE, range(2))
    np.testing.assert_array_equal(
        without.array("real", "sensitivity/l1"), without.array("real", "sensitivity/total-l1")
    )


def test_a_second_session_takes_no_gradient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values are kept by the run; whole and by class they are two."""
    first = _laboratory(tmp_path).runs(ONE, range(2))
    kept = first.array("real", "sensitivity/l1")

    def none(*arguments: object, **options: object) -> None:
        raise AssertionError("nothing is to be computed")

    monkeypatch.setattr(unrolled, "through_updates", none)
    again = _laboratory(tmp_path).runs(ONE, range(2))
    np.testing.assert_array_equal(again.array("real", "sensitivity/l1"), kept)
    with pytest.raises(AssertionError, match="nothing is to be computed"):
        again.array("real", "sensitivity/classes")


def test_a_run_alone_gives_what_it_gives_in_a_plan(tmp_path: Path) -> None:
    """To the rounding of float32, in another store."""
    together = _laboratory(tmp_path / "a").runs(ONE, range(2)).array("real", "sensitivity/l1")
    alone = _laboratory(tmp_path / "b").runs(ONE, [1]).array("real", "sensitivity/l1")
    np.testing.assert_allclose(alone[0], together[1], rtol=1e-5, atol=1e-9)


def test_a_plan_says_that_it_is_unrolled(tmp_path: Path) -> None:
    """Otherwise the message says how."""
    runs = _laboratory(tmp_path).runs(replace(ONE, unrolled=False), range(2))
    with pytest.raises(SettingError) as told:
        runs.array("real", "sensitivity/l1")
    assert str(told.value) == "gradients are taken through no training of this plan; legal is one with `unrolled=True`"


def test_runs_that_may_stop_early_are_refused(tmp_path: Path) -> None:
    """Their courses would end at updates of their own."""
    recipe = replace(BASE.recipe, stop_accuracy=0.9)
    runs = _laboratory(tmp_path).runs(ONE.changed(recipe=recipe), range(2))
    with pytest.raises(SettingError) as told:
        runs.array("real", "sensitivity/l1")
    assert str(told.value) == "stop_accuracy is 0.9; legal is None where a course is repeated"


def test_what_a_report_draws(tmp_path: Path) -> None:
    """Filters before and after training, each in the whole range; sorted rates beside the binomial's."""
    runs = _laboratory(tmp_path).runs(replace(ONE, base=replace(BASE, record=Record(examples="final"))), range(2))
    pictures = filter_pictures(runs, most=3)
    assert {name: own.shape for name, own in pictures.items()} == {"initial": (3, 8, 8), "real": (3, 8, 8)}
    assert all(own.min(axis=(1, 2)).tolist() == [0] * 3 for own in pictures.values())
    assert all(own.max(axis=(1, 2)).tolist() == [1] * 3 for own in pictures.values())
    curves = difficulty_curves(runs, binomial="real")
    assert {name: own[1].shape for name, own in curves.items()} == {"real": (2, 30), "binomial, as real": (2, 30)}


def test_filters_are_those_of_the_run(tmp_path: Path) -> None:
    """Trained ones from the store, initial ones from the seed; without training they are the same."""
    runs = _laboratory(tmp_path).runs(ONE.changed(record=Record()), range(2))
    own = runs.entries[runs.keys[runs.specs["real"][1]]].arrays["weights/final/1.weight"]
    np.testing.assert_allclose(runs.array("real", "filters")[1].reshape(2, 5, 64), own)
    recipe = replace(BASE.recipe, rate=0.0)
    idle = _laboratory(tmp_path).runs(ONE.changed(record=Record(), recipe=recipe), range(2))
    np.testing.assert_array_equal(idle.array("real", "filters"), runs.array("initial", "filters"))
    changes = runs.array("real", "filters") - runs.array("initial", "filters")
    np.testing.assert_array_equal(runs.array("real", "filter changes"), changes)
    assert set(runs.value("filter changes", low_frequencies, "share").values) == {"initial", "real"}
    samples = idle.value("filters", low_frequencies, "share")
    np.testing.assert_array_equal(samples["real"], samples["initial"])
