"""Mutants of what is measured: each breaks what it says, in a way that shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from memorization_claims.controls.find import find
from memorization_claims.data.dataset import prepare
from memorization_claims.generators.generator import restore
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.measures.constructions import linear, two_layers
from memorization_claims.measures.kernels.selection import RIDGES, choose_ridge
from memorization_claims.measures.loss_sensitivity import direct
from memorization_claims.measures.nets import critical_samples
from memorization_claims.measures.nets.critical_samples import critical_sample_ratio
from memorization_claims.measures.nets.filters import smoothness
from memorization_claims.models.build import build
from memorization_claims.plan.plan import Cases, Plan
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record
from memorization_claims.tests.mutant_samples import GENERATED, PLAN, RECIPE
from memorization_claims.tests.training_samples import CPU, DIGITS, spec


def _broken(name: str) -> Any:
    """The function that a mutant puts in the place of another."""
    mutant = find(name)
    assert mutant.target is not None
    return mutant.replacement(mutant.target)


def test_misplaced_biases() -> None:
    """Every bias lies above the projection that it belongs to, as far as it lay below."""
    broken = _broken("misplaced-biases")
    projections = torch.tensor([0.0, 1.0, 4.0], dtype=torch.float64)
    whole = two_layers.interleave(projections)
    assert bool((whole < projections).all())
    torch.testing.assert_close(broken(projections) - projections, projections - whole)


def test_sgd_not_from_zero() -> None:
    """SGD started at ones interpolates and ends far from the solution of least norm, which Z22 must notice."""
    broken = _broken("sgd-not-from-zero")
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


def _first_logit(logits: Any, inputs: torch.Tensor, *, generators: Sequence[torch.Generator]) -> torch.Tensor:
    return logits(inputs)[:, 0, 0]  # type: ignore[no-any-return]


def test_measured_in_training_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batch norm sees the batch: what a net makes of an image depends on those beside it. Training stays whole."""
    run = spec(model="cnn-bn-4", subset=40, validation=30, record=Record(), recipe=replace(RECIPE, epochs=1))
    plan = Plan(base=run, conditions={"true": {}})
    whole = Laboratory(tmp_path, tmp_path, CPU).runs(plan, [0])
    for each in find("measured-in-training-mode").patched():
        monkeypatch.setattr(*each)
    runs = Laboratory(tmp_path / "broken", tmp_path, CPU).runs(plan, [0])
    alone, among = (runs.measure(_first_logit, "logit", part=slice(count))["true"] for count in (1, 30))
    assert not np.allclose(alone, among, rtol=1e-2)
    for name, array in runs.arrays(plan.specs()["true"][0]).items():
        np.testing.assert_array_equal(array, whole.arrays(plan.specs()["true"][0])[name])


def test_plain_input_gradient() -> None:
    """The same at all times, for the examples whose loss is taken, and none of it goes through an update."""
    run = spec(recipe=Recipe(rate=0.1, momentum=0.0, batch=10, epochs=1), subset=10, model="mlp-1x5")
    data, model = prepare(run, DIGITS), build(run, (1, 8, 8), 10)
    terms = torch.eye(10)[None, :2]
    inputs, labels, batches = data.inputs[None], data.labels[None], [torch.arange(10)[None]]
    found, _ = _broken("plain-input-gradient")([model], inputs, labels, batches, run.recipe, at=[1], terms=terms)
    assert found.shape == (1, 1, 2, 10, 1, 8, 8)
    assert (found[0, 0].flatten(2).abs().sum(-1) > 0).tolist() == torch.eye(10, dtype=torch.bool)[:2].tolist()


def test_direct_part_left_out() -> None:
    """Nothing where the loss owes something to its own inputs."""
    run = spec(recipe=Recipe(rate=0.1, momentum=0.0, batch=10, epochs=1), subset=10, model="mlp-1x5")
    data, model = prepare(run, DIGITS), build(run, (1, 8, 8), 10)
    weights = {name: own.detach()[None, None] for name, own in model.named_parameters()}
    taken = (model, weights, data.inputs[None], data.labels[None])
    assert direct.directly(*taken).shape == (1, 1, 10, 1, 8, 8)
    assert bool(direct.directly(*taken).any())
    assert not _broken("direct-part-left-out")(*taken).any()


def test_filters_scrambled() -> None:
    """The weights of a smooth filter are all there, and their neighbours are others."""
    model = build(spec(model="mlp-1x3"), (1, 8, 8), 10)
    ramp = (torch.arange(64.0) - 31.5).repeat(3, 1)
    dict(model.named_parameters())["1.weight"].data.copy_(ramp)
    found = _broken("filters-scrambled")(model, (1, 8, 8)).detach()
    assert torch.equal(found.flatten(1).sort(dim=1).values, ramp)
    assert smoothness(found.double().numpy()) < 0.5 < smoothness(ramp.view(3, 1, 8, 8).double().numpy())


def test_wrong_norm() -> None:
    """All three are l2."""
    found = _broken("wrong-norm")(torch.tensor([3.0, -4.0]).view(1, 1, 1, 1, 2))
    assert {name: own.item() for name, own in found.items()} == {"l1": 5, "l2": 5, "linf": 5}


def test_only_unrolled_plans_have_gradients_through_training() -> None:
    """Others are not judged again under the mutants of these."""
    mutant = find("plain-input-gradient")
    assert [mutant.concerns(each) for each in (PLAN, replace(PLAN, unrolled=True), Cases())] == [False, True, False]


def test_gini_over_nets() -> None:
    """All of the inequality is between two nets that differ, none between examples that do; a net alone has none."""
    broken, alike = _broken("gini-over-nets"), np.array([[[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]])
    np.testing.assert_allclose(broken(alike), [[0.5, 0.5]])
    np.testing.assert_allclose(broken(np.stack([alike, alike], axis=2)), np.full((1, 2, 2), 0.5))
    np.testing.assert_allclose(broken(np.array([[[3.0, 1.0]]])), [[0.0]])
    assert broken(np.array([3.0, 0.0])) == 0.5


def test_recorded_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value stands one evaluation later, the first stays, and errors are as late as accuracies."""
    plan = Plan(base=spec(recipe=replace(RECIPE, epochs=2)), conditions={"true": {}})
    whole = Laboratory(tmp_path, tmp_path, CPU).runs(plan, [0])
    for each in find("recorded-late").patched():
        monkeypatch.setattr(*each)
    runs = Laboratory(tmp_path, tmp_path, CPU).runs(plan, [0])
    assert runs.trained == 0
    expected = whole.array("true", "validation_accuracy")[..., [0, 0, 1]]
    np.testing.assert_array_equal(runs.array("true", "validation_accuracy"), expected)
    np.testing.assert_array_equal(runs.array("true", "validation_error"), 1 - expected)


def test_courses_reversed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured of the first epoch stands at the last; what was recorded stays."""
    kept = spec(recipe=replace(RECIPE, epochs=2), record=Record(weights=(1, 2)))
    plan = Plan(base=kept, conditions={"true": {}})

    def courses() -> tuple[list[float], list[float]]:
        runs = Laboratory(tmp_path, tmp_path, CPU).runs(plan, [0]).traced("found", critical_sample_ratio, radius=0.1)
        return runs.array("true", "found").ravel().tolist(), runs.array("true", "train_accuracy").ravel().tolist()

    found, accuracy = courses()
    assert found != found[::-1]
    for each in find("courses-reversed").patched():
        monkeypatch.setattr(*each)
    assert courses() == (found[::-1], accuracy)
    assert [find("courses-reversed").concerns(each) for each in (plan, PLAN, Cases())] == [True, False, False]


def test_kernel_ridge_not_chosen() -> None:
    """The largest is taken, where one is to be chosen at all."""
    mutant = find("kernel-ridge-not-chosen")
    squared, labels = torch.eye(10, dtype=torch.float64), torch.arange(10) % 2
    assert mutant.replacement(choose_ridge)(squared, labels, 2, 1.0) == max(RIDGES)
    chosen, given = (
        Plan(base=KernelSpec(data="digits", subset=20), conditions={"": {"ridge": r}}) for r in (None, 0.1)
    )
    assert [mutant.concerns(each) for each in (chosen, given, PLAN, Cases())] == [True, False, False, False]


def test_generator_collapsed() -> None:
    """All images are that of the first latent values; plans without a generator stay."""
    mutant = find("generator-collapsed")
    arrays = {"mean": np.zeros((1, 2, 2), np.float32), "directions": np.eye(4, dtype=np.float32).reshape(4, 1, 2, 2)}
    made = mutant.replacement(restore)(GeneratorSpec(kind="pca", latent=4, data="digits"), arrays, CPU)
    images = made.images(torch.arange(8.0).view(2, 4))
    assert images.flatten(1).tolist() == [[0.0, 1.0, 2.0, 3.0]] * 2
    assert [mutant.concerns(each) for each in (GENERATED, PLAN, Cases())] == [True, False, False]
