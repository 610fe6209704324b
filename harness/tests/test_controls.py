"""Placebo and mutants: what breaks the science, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.controls import mutant as mutants
from memorization_claims.data.dataset import prepare
from memorization_claims.errors import SettingError
from memorization_claims.judging import placebo
from memorization_claims.measures.constructions import linear, two_layers
from memorization_claims.measures.nets import critical_samples
from memorization_claims.models.build import build
from memorization_claims.plan.dissection import Dissection
from memorization_claims.plan.plan import Cases, Plan
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.statistics.above import above
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import Outcome
from memorization_claims.tests import toy_project
from memorization_claims.tests.training_samples import CPU, DIGITS, spec
from memorization_claims.training import engine

RECIPE = Recipe(rate=0.1, batch=10, epochs=2)
BASE = RunSpec(data="digits", model="mlp-1x4", recipe=RECIPE, corruption=Corruption(kind="random-labels"))
CONDITIONS: Mapping[str, Mapping[str, Any]] = {
    "true": {"corruption": Corruption()},
    "random": {"corruption": Corruption(kind="random-labels", fraction=0.5)},
    "permuted": {"corruption": Corruption(kind="permuted-labels")},
    "noise": {"corruption": Corruption(kind="gaussian-inputs", fraction=0.5)},
    "decaying": {"recipe": replace(RECIPE, weight_decay=0.1)},
}
PLAN = Plan(base=BASE, conditions=CONDITIONS, seeds=2)
GENERATED = replace(PLAN, generator={"kind": "pca"})
KERNELS = Plan(base=KernelSpec(data="digits"), conditions={"a": {"ridge": 1.0}, "b": {"centres": "random"}})
COMPARED = replace(GENERATED, dissection=Dissection())
TRUE_LABELS = Plan(base=replace(BASE, corruption=Corruption()), conditions={"true": {}}, seeds=2)


@given(seeds=st.integers(1, 20), conditions=st.integers(2, 4))
def test_a_placebo_exchanges_within_each_seed(seeds: int, conditions: int) -> None:
    """Every seed keeps its values; which condition has which is drawn anew, and the same each time."""
    values = {str(row): 10 * np.arange(seeds, dtype=np.float64) + row for row in range(conditions)}
    samples = Samples("number", "unit", values, tuple(range(seeds)))
    exchanged = placebo.exchange(samples, "T01")
    assert (exchanged.name, exchanged.unit, exchanged.seeds) == ("number", "unit", samples.seeds)
    np.testing.assert_array_equal(
        np.sort(np.stack(list(exchanged.values.values())), 0), np.stack(list(values.values()))
    )
    again = placebo.exchange(samples, "T01")
    for name in values:
        np.testing.assert_array_equal(exchanged[name], again[name])


def test_a_placebo_supports_nothing() -> None:
    """Of 300 claims that are all true beyond doubt, none is supported once the conditions are exchanged."""
    spread = np.arange(12) % 5 / 10
    samples = Samples("number", "", {"high": 5 + spread, "low": 0 * spread}, tuple(range(12)))
    assert above(samples, "high", "low", margin=1.0).outcome is Outcome.SUPPORTED
    exchanged = [placebo.exchange(samples, f"T{number}") for number in range(300)]
    assert not any(above(each, "high", "low", margin=1.0).outcome is Outcome.SUPPORTED for each in exchanged)
    # Each claim has an order of its own, and each condition comes first half of the time.
    swapped = np.stack([each["high"] < each["low"] for each in exchanged])
    assert len(np.unique(swapped, axis=0)) > 200
    np.testing.assert_allclose(swapped.mean(axis=0), 0.5, atol=0.15)


def test_a_session_of_placebos(pytester: pytest.Pytester) -> None:
    """A strongly true claim is no longer supported, and findings are not expected."""
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED, test_others=toy_project.OTHERS)
    options = ("--claims-placebo", "--claims-report=record", "--claims-store=store", "-q")
    chosen = ("-k", "test_supported or finding or exact")
    pytester.inline_run(*toy_project.QUICK, *options, *chosen, "test_trained.py", "test_others.py")
    record = toy_project.record(pytester.path / "record")
    assert {entry["id"] for entry in record["claims"]} == {"T01", "T11", "T12", "T13"}
    assert record["summary"]["supported"] == 0
    assert record["options"]["placebo"] is True


def test_zero_learning_rate() -> None:
    """Nothing is learned in any condition, also not in one that brings its own recipe."""
    broken = mutants.find("zero-learning-rate").setting(PLAN)
    assert isinstance(broken, Plan)
    for name, specs in broken.specs(0).items():
        whole = PLAN.specs(0)[name]
        assert specs == [replace(spec, recipe=replace(spec.recipe, rate=0.0, epochs=1)) for spec in whole]
    cases = Cases(options={"rate": 1.0, "points": 3})
    assert mutants.find("zero-learning-rate").setting(cases) == replace(cases, options={"rate": 0.0, "points": 3})
    assert mutants.find("zero-learning-rate").setting(Cases()) == Cases()


def test_labels_not_corrupted() -> None:
    """Labels are true everywhere; inputs stay as they were, and so do theorems."""
    broken = mutants.find("labels-not-corrupted").setting(PLAN)
    assert isinstance(broken, Plan)
    kinds = {name: {spec.corruption.kind for spec in specs} for name, specs in broken.specs(0).items()}
    noise = kinds.pop("noise")
    assert noise == {"gaussian-inputs"}
    assert set(map(frozenset, kinds.values())) == {frozenset({"none"})}
    assert broken.specs(0)["noise"] == PLAN.specs(0)["noise"]
    assert mutants.find("labels-not-corrupted").setting(Cases()) == Cases()


def test_misplaced_biases() -> None:
    """Every bias lies above the projection that it belongs to, as far as it lay below."""
    patch = mutants.find("misplaced-biases").patched()
    assert patch is not None
    module, name, broken = patch
    assert (module, name) == (two_layers, "interleave")
    projections = torch.tensor([0.0, 1.0, 4.0], dtype=torch.float64)
    whole = two_layers.interleave(projections)
    assert bool((whole < projections).all())
    torch.testing.assert_close(broken(projections) - projections, projections - whole)


def _broken(name: str) -> Any:
    """The function that a mutant puts in the place of another."""
    patch = mutants.find(name).patched()
    assert patch is not None
    return patch[2]


def test_augmentation_left_on() -> None:
    """Arms without a regulariser lose most of each image; the one that has one, and plans without any, stay."""
    mutant = mutants.find("augmentation-left-on")
    broken = mutant.setting(PLAN)
    assert isinstance(broken, Plan)
    crops = {name: specs[0].recipe.crop for name, specs in broken.specs(0).items()}
    assert crops == {"true": 8, "random": 8, "permuted": 8, "noise": 8, "decaying": 0}
    assert not any(mutant.concerns(setting) for setting in (TRUE_LABELS, KERNELS, Cases()))


def test_inputs_not_corrupted() -> None:
    """Images that were noise are the real ones, and random labels stay random."""
    broken = mutants.find("inputs-not-corrupted").setting(PLAN)
    assert isinstance(broken, Plan)
    kinds = {name: specs[0].corruption.kind for name, specs in broken.specs(0).items()}
    asked = {name: specs[0].corruption.kind for name, specs in PLAN.specs(0).items()}
    assert kinds == asked | {"noise": "none"}


def test_regularisers_off() -> None:
    """Every arm is trained by its recipe without any, and nothing else changes."""
    noisy = replace(RECIPE, dropout=0.5, input_noise=1.0, adversarial=0.5)
    plan = replace(PLAN, conditions={**CONDITIONS, "noisy": {"recipe": noisy}}).changed(recipe=noisy)
    broken = mutants.find("regularisers-off").setting(plan)
    assert isinstance(broken, Plan)
    assert {each.recipe for specs in broken.specs(0).values() for each in specs} == {RECIPE}
    assert {name: specs[0].corruption for name, specs in broken.specs(0).items()} == {
        name: specs[0].corruption for name, specs in plan.specs(0).items()
    }
    assert not mutants.find("regularisers-off").concerns(TRUE_LABELS)


def test_training_labels_random() -> None:
    """All labels are redrawn where all were true, and half of them where one arm is all that there is."""
    compared = replace(TRUE_LABELS, conditions={"plain": {}, "decaying": CONDITIONS["decaying"]})
    found = {}
    for name in ("training-labels-random", "training-labels-half-random"):
        mutant = mutants.find(name)
        assert not any(mutant.concerns(setting) for setting in (PLAN, KERNELS, Cases()))
        plans = [mutant.setting(plan) for plan in (TRUE_LABELS, compared)]
        found[name] = [plan.base.corruption for plan in plans if isinstance(plan, Plan)]
    every, half = Corruption(kind="random-labels"), Corruption(kind="random-labels", fraction=0.5)
    assert found == {"training-labels-random": [every, every], "training-labels-half-random": [half, Corruption()]}


def test_labels_redrawn() -> None:
    """A corrupted example has another label whenever its neighbours in the batch are others; true labels stay."""
    run = spec(subset=20, corruption=Corruption(kind="random-labels", fraction=0.5))
    data = prepare(run, DIGITS)
    pool = _broken("labels-redrawn")([data], CPU)
    batches = [pool.batch(torch.tensor([0]), torch.tensor([order])) for order in ([3, 1, 2, 0], [0, 2, 1, 3])]
    for order, (inputs, labels) in zip(([3, 1, 2, 0], [0, 2, 1, 3]), batches, strict=True):
        torch.testing.assert_close(inputs[0], data.inputs[order])
        for place, example in enumerate(order):
            shown = order[place - 1] if data.changed[example] else example
            assert labels[0, place] == data.labels[shown]


def test_test_labels_corrupted() -> None:
    """As large a share of the validation labels is redrawn; where labels are true, they stay."""
    prepared, half = _broken("test-labels-corrupted"), Corruption(kind="random-labels", fraction=0.5)
    run = spec(subset=60, validation=1000)
    whole = prepare(run, DIGITS)
    assert torch.equal(prepared(run, DIGITS).validation_labels, whole.validation_labels)
    broken = prepared(replace(run, corruption=half), DIGITS).validation_labels
    assert 0.4 < float((broken != whole.validation_labels).double().mean()) < 0.5


def test_mutants_leave_alone_what_they_cannot_break() -> None:
    """A mutant of plans concerns those that it changes, one of functions those that it says."""
    clean = replace(PLAN, conditions={"true": {"corruption": Corruption()}})
    assert mutants.find("zero-learning-rate").concerns(PLAN)
    assert not mutants.find("zero-learning-rate").concerns(Cases())
    assert [mutants.find("labels-redrawn").concerns(each) for each in (PLAN, clean, Cases())] == [True, False, False]
    assert [mutants.find("misplaced-biases").concerns(each) for each in (PLAN, Cases())] == [False, True]


MUTATED = (
    toy_project.HEADER
    + '''
from memorization_claims.measures.constructions import two_layers
from memorization_claims.measures.theorems import interpolation

WHOLE = two_layers.interleave
THEOREM = Cases(seeds=3, options={"points": 8, "dimensions": 4, "closest": 1e-3})


@toy("T21", kind="exact", fast=THEOREM)
def test_theorem(cases, judge):
    """The net of Theorem 1."""
    judge.exact(*cases.errors(interpolation, "error"))


def test_restored():
    """The function is whole again after the claim."""
    assert two_layers.interleave is WHOLE
'''
)


def test_a_session_of_a_mutant(pytester: pytest.Pytester) -> None:
    """The theorem fails with its function broken, which is whole again afterwards; without the mutant it holds."""
    toy_project.write(pytester.path, test_mutated=MUTATED)
    outcomes = {}
    for folder, arguments in {"whole": (), "broken": ("--claims-mutant=misplaced-biases",)}.items():
        report = (f"--claims-report={folder}", "-q", "test_mutated.py")
        run = pytester.inline_run(*toy_project.QUICK, *arguments, *report)
        outcomes[folder] = [len(each) for each in run.listoutcomes()]
        (entry,) = toy_project.record(pytester.path / folder)["claims"]
        assert entry["verdict"] == {"whole": "supported", "broken": "refuted"}[folder]
    # Passed, skipped (fullscale), failed: what is restored passes both times.
    assert outcomes == {"whole": [2, 1, 0], "broken": [1, 1, 1]}


@pytest.mark.parametrize("mutant", mutants.MUTANTS.values(), ids=mutants.MUTANTS)
def test_every_mutant_breaks_something(mutant: mutants.Mutant) -> None:
    """Each changes a plan or replaces a function, and says in a few words what it breaks."""
    plans = (PLAN, TRUE_LABELS, GENERATED, COMPARED, KERNELS)
    assert mutant.patched() is not None or any(mutant.setting(each) != each for each in plans)
    assert mutant.says
    assert mutants.find(mutant.name) is mutant


@pytest.mark.parametrize("mutant", [mutant for mutant in mutants.MUTANTS.values() if mutant.measures])
def test_what_only_measures_is_no_part_of_training(mutant: mutants.Mutant) -> None:
    """Nets trained without the mutant are then taken as they are, so its function must not be among what trains."""
    measuring = (
        "memorization_claims.measures.",
        "memorization_claims.lab.compare:",
        "memorization_claims.lab.measure:",
    )
    assert mutant.target.startswith(measuring)


def test_an_unknown_mutant() -> None:
    """The message lists all of them."""
    with pytest.raises(SettingError, match=rf"^unknown mutant 'typo'; legal are {', '.join(mutants.MUTANTS)}$"):
        mutants.find("typo")


def test_sgd_not_from_zero() -> None:
    """SGD started at ones interpolates and ends far from the solution of least norm, which Z22 must notice."""
    patch = mutants.find("sgd-not-from-zero").patched()
    assert patch is not None
    module, name, broken = patch
    assert (module, name) == (linear, "sgd_least_squares")
    generator = torch.Generator().manual_seed(0)
    features = linear.relu_features(torch.randn(6, 5, generator=generator), 40, generator)
    targets = torch.ones(6, dtype=torch.float64)
    rate = linear.stable_rate(features, 2)
    weights = broken(features, targets, rate=rate, epochs=600, batch=2, generator=generator)
    torch.testing.assert_close(features @ weights, targets, rtol=0, atol=1e-6)
    assert linear.outside_row_span(weights, features) > 0.5


def _linear_net(x: torch.Tensor) -> torch.Tensor:
    """Two classes that part at 0, whose logits are a thousand times the distance."""
    return torch.cat([-x, x], dim=-1) * 1000


def _searched(name: str, **options: Any) -> list[bool]:
    """Which of six samples, at a sixth of the radius to the whole of it from the boundary, are found."""
    search = _broken(name)
    inputs = -torch.arange(1.0, 7.0).reshape(1, 6, 1) / 6.001
    generators = [torch.Generator().manual_seed(0)]
    found: torch.Tensor = search(_linear_net, inputs, radius=1.0, generators=generators, **options)
    return found[0].tolist()


def test_broken_searches() -> None:
    """In a box without extent, by tiny steps, or along the gradient of a softmax that is 1, nothing is found."""
    assert not any(_searched("search-radius-zero"))
    assert not any(_searched("search-steps-too-small")[1:])
    assert all(_searched("search-steps-too-small", **critical_samples.FGSM))
    assert not any(_searched("search-of-softmax", **critical_samples.FGSM))


def test_a_search_stopped_for_all() -> None:
    """The second of ten steps finds one sample and the third none: the five that later ones reach are given up."""
    assert _searched("search-stopped-for-all", alpha=0.1, beta=0.0) == [True, False, False, False, False, False]
    assert all(_searched("search-stopped-for-all", alpha=0.5, beta=0.0))


def test_measured_in_training_mode() -> None:
    """Batch norm sees the batch: what a net makes of an image depends on those beside it."""
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    images = torch.randn(1, 5, 1, 2, 2, generator=torch.Generator().manual_seed(0))
    for make, alike in ((engine.make, True), (_broken("measured-in-training-mode"), False)):
        asked = make("loop", [copy.deepcopy(net)], RECIPE, CPU)
        assert torch.allclose(asked.logits(images)[:, :2], asked.logits(images[:, :2]), atol=1e-5) is alike


def test_plain_input_gradient() -> None:
    """The same at all times, for the examples whose loss is taken, and none of it goes through an update."""
    run = spec(recipe=Recipe(rate=0.1, momentum=0.0, batch=10, epochs=1), subset=10, model="mlp-1x5")
    data, model = prepare(run, DIGITS), build(run, (1, 8, 8), 10)
    terms = torch.eye(10)[None, :2]
    inputs, labels, batches = data.inputs[None], data.labels[None], [torch.arange(10)[None]]
    found = _broken("plain-input-gradient")([model], inputs, labels, batches, run.recipe, at=[1], terms=terms)
    assert found.shape == (1, 1, 2, 10, 1, 8, 8)
    assert (found[0, 0].flatten(2).abs().sum(-1) > 0).tolist() == torch.eye(10, dtype=torch.bool)[:2].tolist()


def test_wrong_norm() -> None:
    """All three are l2."""
    found = _broken("wrong-norm")(torch.tensor([3.0, -4.0]).view(1, 1, 1, 1, 2))
    assert {name: own.item() for name, own in found.items()} == {"l1": 5, "l2": 5, "linf": 5}


def test_only_unrolled_plans_have_gradients_through_training() -> None:
    """Others are not judged again under the mutants of these."""
    mutant = mutants.find("plain-input-gradient")
    assert [mutant.concerns(each) for each in (PLAN, replace(PLAN, unrolled=True), Cases())] == [False, True, False]
