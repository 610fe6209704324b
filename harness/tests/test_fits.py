"""Fits are kept and shared as runs are, and options and mutants treat them as what they are."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from memorization_claims.controls.find import find
from memorization_claims.errors import SettingError, UndecidableError
from memorization_claims.lab import content
from memorization_claims.lab.fits import Fits
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.measures.kernels.features import feature_blocks
from memorization_claims.plan.plan import Cases, Plan
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.store import modules
from memorization_claims.store.fingerprint import reached

BASE = KernelSpec(data="digits", subset=40, validation=30, bandwidth=1.0)
PLAN = Plan(base=BASE, conditions={"pixels": {}, "gabor": {"features": "gabor"}})


def laboratory_at(place: Path, **options: Any) -> Laboratory:
    """A laboratory on the CPU."""
    return Laboratory(place, place, torch.device("cpu"), **options)


@pytest.fixture(scope="module")
def fits(tmp_path_factory: pytest.TempPathFactory) -> Fits:
    """The fits of the plan."""
    return laboratory_at(tmp_path_factory.mktemp("store")).fits(PLAN, range(5, 8))


def test_only_what_is_missing_is_fitted(tmp_path: Path) -> None:
    """Plans share fits: a further condition costs its own alone, and its like nothing."""
    lines: list[str] = []
    first = laboratory_at(tmp_path, announce=lines.append).fits(PLAN, range(5, 8))
    assert (first.trained, lines) == (6, ["fitting 6 kernels on digits"])
    again = laboratory_at(tmp_path, announce=lines.append).fits(PLAN, range(5, 8))
    assert (again.trained, len(lines)) == (0, 1)
    assert again.seconds == first.seconds > 0
    more = replace(PLAN, conditions={**PLAN.conditions, "same": {}, "ridge": {"ridge": 0.1}})
    assert laboratory_at(tmp_path).fits(more, range(5, 8)).trained == 3


def test_values_come_in_the_order_of_seeds(fits: Fits) -> None:
    """A number for each condition and seed, under the name that a reader gets."""
    error, norm = fits.value("test_error"), fits.value("norm", "norm of the solution", "units")
    assert (error.name, norm.name, norm.unit) == ("test error", "norm of the solution", "units")
    assert error.seeds == (5, 6, 7)
    assert set(error.values) == {"pixels", "gabor"}
    assert len(set(norm["pixels"])) == 3
    np.testing.assert_array_equal(fits.value("bandwidth")["gabor"], 1.0)


def test_a_number_that_fits_do_not_have(fits: Fits) -> None:
    """Those that they have are named."""
    with pytest.raises(SettingError, match=r"^a fit has no 'loss'; there are .*test_error"):
        fits.value("loss")


def test_a_fit_that_is_not_possible_is_kept_and_undecidable(tmp_path: Path) -> None:
    """The claim that asks for it learns which it was and why, from the store as well."""
    plan = Plan(base=replace(BASE, bandwidth=1e6), conditions={"flat": {}})
    message = "^none of 1 runs gave a number in every condition; 'flat' at seed 8 gave no number: the kernel matrix"
    for begun in (1, 0):
        lines: list[str] = []
        with pytest.raises(UndecidableError, match=message):
            laboratory_at(tmp_path, announce=lines.append).fits(plan, [8])
        assert len(lines) == begun


def test_a_fit_that_is_not_possible_costs_its_seed_alone(tmp_path: Path) -> None:
    """The others count."""
    laboratory = laboratory_at(tmp_path)
    key = laboratory.key(laboratory.fits(PLAN, [5, 6]).specs["gabor"][0])
    entry = laboratory.store.load(key)
    assert entry is not None
    shutil.rmtree(next(tmp_path.rglob(key)))
    laboratory.store.save(key, replace(entry, facts={**entry.facts, "undecidable": "it is singular"}))
    fits = laboratory_at(tmp_path).fits(PLAN, [5, 6])
    assert fits.lost == {5: "'gabor' at seed 5 gave no number: it is singular"}
    assert fits.value("norm").seeds == (6,)


def test_the_key_of_a_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows the spec, a mutant that patches the code, and the code of kernels besides that which trains."""
    laboratory = laboratory_at(tmp_path)
    key = laboratory.key(BASE)
    assert key == laboratory_at(tmp_path).key(BASE)
    assert key != laboratory.key(replace(BASE, features="gabor"))
    assert key != laboratory_at(tmp_path, patched="some-mutant").key(BASE)
    run = RunSpec(data="digits", model="mlp-1x4", recipe=Recipe(rate=0.1, batch=10, epochs=2))
    trained = laboratory.key(run)
    found = [reached((modules.find(content.CODE[kind]),))[0] for kind in (KernelSpec, RunSpec)]
    assert [any(".kernels." in module.name for module in code) for code in found] == [True, False]
    monkeypatch.setitem(content.CODE, KernelSpec, "memorization_claims.seed")
    assert laboratory_at(tmp_path).key(BASE) != key
    assert laboratory_at(tmp_path).key(run) == trained


def changed(name: str, **base: Any) -> Plan:
    """What a mutant makes of a plan about kernels."""
    plan = find(name).setting(
        Plan(base=replace(BASE, **base), conditions={"a": {}, "b": {"ridge": None}, "c": {"extra": "random"}})
    )
    assert isinstance(plan, Plan)
    return plan


def test_mutants_of_nets_leave_kernels_alone() -> None:
    """A fit has no learning rate."""
    assert changed("zero-learning-rate") == changed("misplaced-biases")


def test_labels_that_are_not_corrupted() -> None:
    """Random labels become true ones, on the training set as on extra points."""
    plan = changed("labels-not-corrupted", corruption=Corruption(kind="random-labels"))
    assert plan.base.corruption == Corruption()
    assert plan.conditions["c"] == {"extra": "true"}


def test_shuffled_pixels() -> None:
    """Wavelets see the pixels in one other order; pixels alone are left as they are, and other claims not judged."""
    mutant = find("kernel-pixels-shuffled")
    broken = mutant.replacement(feature_blocks)
    images = torch.rand(3, 2, 8, 8, generator=torch.Generator().manual_seed(0))
    (pixels,), (wavelets,) = (broken(spec, images, slice(3)) for spec in (BASE, replace(BASE, features="gabor")))
    assert torch.equal(pixels, images.flatten(1))
    (whole,) = feature_blocks(replace(BASE, features="gabor"), images, slice(3))
    assert not torch.allclose(wavelets, whole)
    (even,) = broken(replace(BASE, features="gabor"), torch.ones(3, 2, 8, 8), slice(3))
    assert even.abs().max() < 1e-5
    pixels_alone = replace(PLAN, conditions={"pixels": {}})
    assert [mutant.concerns(each) for each in (PLAN, pixels_alone, Cases())] == [True, False, False]


def test_mutants_of_kernels() -> None:
    """A tiny bandwidth everywhere, random centres nowhere; nets are left alone."""
    narrow = changed("kernel-bandwidth-too-small").specs()
    assert {spec.bandwidth for specs in narrow.values() for spec in specs} == {0.01}
    placed = find("kernel-centres-on-the-data").setting(Plan(base=BASE, conditions={"a": {"centres": "random"}}))
    assert isinstance(placed, Plan)
    assert placed.conditions == {"a": {"centres": "data"}}
    run = RunSpec(data="digits", model="mlp-1x4", recipe=Recipe(rate=0.1, batch=10, epochs=2))
    plan = Plan(base=run, conditions={"true": {}})
    assert find("kernel-bandwidth-too-small").setting(plan) == plan


CLAIM = '''
from memorization_claims.judging.claim import Finding, Margin, claim
from memorization_claims.lab.fits import Fits
from memorization_claims.judging.judge import Judge
from memorization_claims.tests.toy_project import PAPER
from memorization_claims.measures.kernels.features import feature_blocks
from memorization_claims.plan.plan import Cases, Plan
from memorization_claims.spec.kernel import KernelSpec

PLAN = Plan(base=KernelSpec(data="digits", subset=100, validation=100), conditions={"a": {}, "b": {"ridge": 100.0}})


def mark(id, **more):
    """A claim about ridges."""
    return claim(
        id=id, says="A ridge hurts.", source=PAPER.at("section 5"), kind="above", refuted_by="one that does not",
        margin=Margin(0.0, "any"), fast=PLAN, fullscale=PLAN, **more,
    )


@mark("Z98")
def test_hurts(fits: Fits, judge: Judge) -> None:
    """It does."""
    judge.above(fits.value("residual"), "b", "a")


@mark("Z99", findings=(Finding("Z99", "digits", "it does"),))
def test_helps(fits: Fits, judge: Judge) -> None:
    """It does not."""
    judge.above(fits.value("residual"), "a", "b")
'''


@pytest.mark.parametrize("options", [(), ("--claims-model", "mlp-1x4")])
def test_a_session_judges_fits(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Claims about kernels are judged, and their findings hold, whatever model the others are judged with."""
    from memorization_claims.tests import toy_project

    toy_project.write(tmp_path, test_kernels=CLAIM)
    session = toy_project.session(tmp_path, "-m", "fast", "test_kernels.py", *options)
    assert session.returncode == 0, session.stdout
    assert "1 passed, 2 deselected, 1 xfailed" in session.stdout
