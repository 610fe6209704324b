"""What the project computes on a GPU, on a pretended one: no mistake of devices, the CPU's numbers, no waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from memorization_claims.data.dataset import prepare
from memorization_claims.lab.fits import Fits
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.lab.runs import Runs
from memorization_claims.measures.dissection.dissimilarity import dissimilarity, recognised
from memorization_claims.measures.nets.coverage import rarest_share
from memorization_claims.measures.nets.critical_samples import (
    PGD,
    critical_sample_ratio,
    critical_samples_missed,
    targeted_critical_sample_ratio,
)
from memorization_claims.measures.nets.gradients import input_gradient_magnitude
from memorization_claims.measures.nets.likeness import distance_between, distance_to_nearest
from memorization_claims.plan.plan import Plan
from memorization_claims.session import stash
from memorization_claims.session.compute import device_of
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic, arithmetic_of
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.dissection import Dissection
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record, RunSpec
from memorization_claims.statistics.samples import Samples
from memorization_claims.tests.ledger import Ledger
from memorization_claims.tests.pretended_gpu import CPU, GPU, pretended
from memorization_claims.tests.training_samples import DIGITS, spec
from memorization_claims.training import compiled, optimizer
from memorization_claims.training import engine as engines
from memorization_claims.training.cohort import Result, train

AGREEMENT = "memorization_claims.measures.nets.agreement"
RECORD = Record(
    early_epochs=1,
    early_updates=2,
    probes=("memorization_claims.measures.nets.gradients:input_gradient_magnitude",),
    gradient_probes=tuple(
        f"{AGREEMENT}:{name}" for name in ("agreement", "direction_agreement", "mean_gradient_length", "class_excess")
    ),
    gradient_batch=6,
    weights=(1, 2),
    examples="every",
)
RECIPE = Recipe(rate=0.05, batch=16, epochs=2)
ADVERSARIAL = replace(RECIPE, adversarial=0.5, adversarial_radius=0.1, adversarial_steps=2)
RUNS = {
    "batched": spec(recipe=RECIPE, record=RECORD),
    "batched, Adam and every noise": spec(
        recipe=replace(
            RECIPE,
            optimizer="adam",
            dropout=0.3,
            hidden_noise=0.1,
            input_noise=0.1,
            input_dropout=0.1,
            weight_decay=0.1,
        ),
        record=RECORD,
    ),
    "batched, adversarial": spec(recipe=ADVERSARIAL),
    "batched, until it fits": spec(recipe=replace(RECIPE, epochs=60, stop_accuracy=0.9), corruption=Corruption()),
    "loop": spec(recipe=RECIPE, record=RECORD, model="cnn-4"),
    "loop, batch norm, Adam and dropout": spec(
        recipe=replace(RECIPE, optimizer="adam", dropout=0.3), record=RECORD, model="cnn-bn-4"
    ),
    "loop, adversarial": spec(recipe=ADVERSARIAL, model="cnn-bn-4"),
    "loop, crops and flips": spec(recipe=replace(RECIPE, crop=2, flip=True), model="cnn-4"),
    "loop, crops of whitened images": spec(
        recipe=replace(RECIPE, crop=1), model="cnn-4", crop=6, border=1, preprocessing="whiten"
    ),
    "loop, residual": spec(recipe=RECIPE, model="resnet8-4"),
    "loop, response norm": spec(recipe=RECIPE, model="alexnet-4"),
    "loop, inception": spec(recipe=RECIPE, model="inception-4"),
    "loop, a user's net that draws": spec(recipe=RECIPE, model="memorization_claims.tests.users_nets:Functional"),
    "loop, a user's optimizer": spec(recipe=replace(RECIPE, optimizer="torch.optim:RMSprop", rate=0.001)),
}


WAYS = [(name, PLAIN) for name in RUNS] + [
    (name, Arithmetic(compiled=True)) for name in ("loop, batch norm, Adam and dropout", "loop, response norm")
]


@pytest.fixture(autouse=True)
def unstacked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where steps are to be compiled they are, of nets too that would be stacked; what is traced is called as it is."""
    monkeypatch.setattr(compiled, "BACKEND", None)
    if getattr(request.node, "callspec", None) and "arithmetic" in request.node.callspec.params:
        if request.node.callspec.params["arithmetic"].compiled:
            monkeypatch.setattr(engines, "_stacks", lambda *_: False)


def _trained(run: RunSpec, device: torch.device, how: Arithmetic = PLAIN) -> list[Result]:
    """The arrays of two runs of two nets."""
    runs = [replace(run, seed=seed, nets=2) for seed in range(2)]
    return [arrays for _, arrays, _ in train(runs, [prepare(each, DIGITS) for each in runs], device, arithmetic=how)]


@pytest.mark.parametrize(("name", "arithmetic"), WAYS, ids=str)
def test_nets_are_trained_as_on_a_cpu(name: str, arithmetic: Arithmetic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every engine, optimizer, noise and probe: the same to the bit, if a CPU fuses the updates that a GPU does."""
    monkeypatch.setattr(optimizer, "_contiguous", optimizer._dense)
    with pretended() as ledger:
        found = _trained(RUNS[name], GPU, arithmetic)
    assert ledger.launches > 100
    for ours, theirs in zip(found, _trained(RUNS[name], CPU, arithmetic), strict=True):
        assert ours.keys() == theirs.keys()
        for key, array in theirs.items():
            np.testing.assert_array_equal(ours[key], array, err_msg=key)


def _steps(run: RunSpec, number: int, arithmetic: Arithmetic) -> Ledger:
    """What one epoch of so many steps counts, evaluated before and after."""
    recipe = replace(run.recipe, batch=6, epochs=1, stop_accuracy=None)
    with pretended() as ledger:
        _trained(replace(run, recipe=recipe, record=Record(), subset=6 * number, validation=6), GPU, arithmetic)
    return ledger


COPIED = {"loop, crops and flips": 4, "loop, crops of whitened images": 4}
"""Offsets of crops are drawn on the CPU, the same for every device: one small copy a net and step."""


@pytest.mark.parametrize(("name", "arithmetic"), WAYS, ids=str)
def test_steps_neither_wait_nor_copy_nor_sum_in_any_order(name: str, arithmetic: Arithmetic) -> None:
    """One step more an epoch is on no line of the project a further event, of two runs of two nets."""
    more = _steps(RUNS[name], 3, arithmetic).events - _steps(RUNS[name], 2, arithmetic).events
    copies = {event: times for event, times in more.items() if event.line.startswith("harness/data/augmentation.py")}
    assert sum(copies.values()) == COPIED.get(name, 0)
    assert {event.kind for event in copies} <= {"copy"}
    assert not more.keys() - copies.keys()


BASE = RunSpec(
    data="digits", subset=40, validation=60, model="mlp-1x8", recipe=Recipe(rate=0.1, batch=10, epochs=2), nets=2
)
CONDITIONS = {"true": {}, "random": {"corruption": Corruption(kind="random-labels")}}
PLAN = Plan(base=BASE, conditions=CONDITIONS, dissection=Dissection(steps=2, starts=2), radius=0.1)
CONVOLUTIONAL = PLAN.changed(model="cnn-bn-4")
PCA = {"kind": "pca", "latent": 4}
DCGAN = {"kind": "dcgan", "latent": 4, "width": 4, "epochs": 2, "batch": 16}
UNROLLED = Plan(
    base=replace(BASE, record=Record(weights="none"), recipe=replace(BASE.recipe, momentum=0.5)),
    conditions=CONDITIONS,
    unrolled=True,
)
SELF = {"true beside true": ("true", "true"), "true beside random": ("true", "random")}


def test_searches_and_generators_neither_wait_nor_copy_for_a_step(tmp_path: Path) -> None:
    """Nor sum in any order: a step more of each search, and a batch more of a DCGAN, is on no line a further event."""

    def counted(steps: int) -> Ledger:
        with pretended() as ledger:
            how, generator = Dissection(steps=steps, starts=2), DCGAN | {"epochs": 1, "batch": 40 // steps}
            plan = replace(CONVOLUTIONAL, conditions={"true": {}}, generator=generator, dissection=how)
            runs = Laboratory(tmp_path / str(steps), tmp_path, GPU).runs(plan, [0])
            runs.compare(dissimilarity, "divergence", pairs={"true": ("true", "true")})
            runs.measure(critical_sample_ratio, "share", steps=steps)
        return ledger

    few, many = counted(2), counted(4)
    assert many.launches > few.launches
    more = many.events - few.events
    assert not more


def _unrolled(part: str) -> Callable[[Runs], Any]:
    return lambda runs: {condition: runs.array(condition, f"sensitivity/{part}") for condition in CONDITIONS}


MEASURES: dict[str, tuple[Plan, Callable[[Runs], Any]]] = {
    "critical samples": (PLAN, lambda runs: runs.measure(critical_sample_ratio, "share")),
    "critical samples of a convolutional net": (
        CONVOLUTIONAL,
        lambda runs: runs.measure(critical_sample_ratio, "share"),
    ),
    "critical samples by PGD": (PLAN, lambda runs: runs.measure(critical_sample_ratio, "share", **PGD)),
    "critical samples that were missed": (PLAN, lambda runs: runs.measure(critical_samples_missed, "share")),
    "critical samples by class": (PLAN, lambda runs: runs.measure(targeted_critical_sample_ratio, "share")),
    "gradients in the inputs": (
        CONVOLUTIONAL,
        lambda runs: runs.measure(input_gradient_magnitude, "G", on="training", chunk=16),
    ),
    "corrupted validation images": (
        PLAN.changed(corruption=Corruption(kind="gaussian-inputs")),
        lambda runs: runs.measure(rarest_share, "share", on="held-out"),
    ),
    "a further trace": (
        PLAN.changed(record=Record(weights=(0, 1))),
        lambda runs: runs.traced("share", critical_sample_ratio).final("share"),
    ),
    "filters": (CONVOLUTIONAL, lambda runs: {"all": runs.array("true", "filters")}),
    "images of PCA": (
        replace(PLAN, generator=PCA),
        lambda runs: runs.measure(distance_to_nearest, "distance", on="generated"),
    ),
    "images of a DCGAN": (
        replace(CONVOLUTIONAL, generator=DCGAN),
        lambda runs: runs.measure(distance_between, "distance", on="generated"),
    ),
    "dissection by PCA": (
        replace(PLAN, generator=PCA),
        lambda runs: runs.compare(dissimilarity, "divergence", pairs=SELF),
    ),
    "dissection by a DCGAN": (
        replace(CONVOLUTIONAL, generator=DCGAN),
        lambda runs: runs.compare(dissimilarity, "divergence", pairs=SELF),
    ),
    "dissection by real images": (PLAN, lambda runs: runs.compare(recognised, "share", pairs=SELF)),
    "loss sensitivity": (UNROLLED, _unrolled("total-l1")),
    "loss sensitivity by class": (UNROLLED, _unrolled("classes")),
    "loss sensitivity of a convolutional net": (UNROLLED.changed(model="cnn-4"), _unrolled("l2")),
}


def _values(measured: Samples | dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return dict(measured.values) if isinstance(measured, Samples) else measured


@pytest.mark.parametrize("name", MEASURES)
def test_nets_are_measured_as_on_a_cpu(name: str, tmp_path: Path) -> None:
    """Measures, generators and comparisons, of nets that were trained there."""
    plan, measure = MEASURES[name]
    with pretended() as ledger:
        ours = _values(measure(Laboratory(tmp_path / "gpu", tmp_path, GPU).runs(plan, range(2))))
    assert ledger.launches > 100
    theirs = _values(measure(Laboratory(tmp_path / "cpu", tmp_path, CPU).runs(plan, range(2))))
    assert ours.keys() == theirs.keys()
    for key, values in theirs.items():
        # Portions are larger on a GPU, and so are the products whose shape decides their rounding.
        np.testing.assert_allclose(ours[key], values, rtol=1e-4, atol=1e-6, err_msg=key)


KERNELS = Plan(
    base=KernelSpec(data="digits", subset=40, validation=30),
    conditions={
        "chosen": {},
        "ridge": {"ridge": None},
        "gabor": {"features": "gabor", "bandwidth": 1.0},
        "convolutional": {"features": "convolutional", "filters": 8, "bandwidth": 1.0},
        "random points": {"extra": "random"},
        "random centres": {"centres": "random", "bandwidth": 1.0},
    },
)


def test_kernels_are_fitted_as_on_a_cpu(tmp_path: Path) -> None:
    """All features, choices of bandwidth and ridge, and centres."""

    def values(fits: Fits) -> dict[str, np.ndarray]:
        return {
            f"{value} of {condition}": each
            for value in ("test_error", "norm")
            for condition, each in _values(fits.value(value)).items()
        }

    with pretended() as ledger:
        ours = values(Laboratory(tmp_path / "gpu", tmp_path, GPU).fits(KERNELS, range(2)))
    assert ledger.launches > 100
    for key, theirs in values(Laboratory(tmp_path / "cpu", tmp_path, CPU).fits(KERNELS, range(2))).items():
        np.testing.assert_allclose(ours[key], theirs, rtol=1e-6, err_msg=key)


@pytest.mark.parametrize(("device", "fixed"), [("cuda", True), ("cpu", False)])
def test_a_session_on_a_gpu_asks_for_sums_in_a_fixed_order(device: str, fixed: bool) -> None:
    """Of users' nets too; what CUDA cannot do in a fixed order is a warning."""
    config: Any = SimpleNamespace(
        stash={stash.OPTIONS: SimpleNamespace(device=device, arithmetic=arithmetic_of(device))}
    )
    try:
        with pretended():
            assert device_of(config) == torch.device(device)
        assert torch.are_deterministic_algorithms_enabled() is fixed
        assert torch.is_deterministic_algorithms_warn_only_enabled() is fixed
    finally:
        torch.use_deterministic_algorithms(False)
        torch.utils.deterministic.fill_uninitialized_memory = True  # type: ignore[attr-defined]
