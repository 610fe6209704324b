"""Mutants of data and of training break what they say, and leave other claims alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from memorization_claims.controls.find import find
from memorization_claims.data.dataset import prepare
from memorization_claims.data.mutants import leaking, shifted
from memorization_claims.data.mutants import test_labels_too as corrupting_test_labels
from memorization_claims.models.build import build
from memorization_claims.models.initial import he_normal
from memorization_claims.plan.conditions import unique_gaussian_inputs, unique_labels
from memorization_claims.plan.plan import Cases, Plan
from memorization_claims.seed import stream, torch_generator
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.run import Record
from memorization_claims.tests.mutant_samples import CONDITIONS, KERNELS, PLAN, RECIPE, TRUE_LABELS
from memorization_claims.tests.training_samples import CPU, DIGITS, PLAIN, equal_weights, spec, trained
from memorization_claims.training import cohort, engine, optimizer
from memorization_claims.training.mutants import (
    images_redrawn,
    in_training_mode,
    one_order,
    one_seed,
    one_start,
    redrawn,
    summing,
    twice_as_long,
)
from memorization_claims.training.pool import Pool


def test_zero_learning_rate() -> None:
    """Nothing is learned in any condition, also not in one that brings its own recipe."""
    broken = find("zero-learning-rate").setting(PLAN)
    assert isinstance(broken, Plan)
    for name, specs in broken.specs().items():
        whole = PLAN.specs()[name]
        assert specs == [replace(spec, recipe=replace(spec.recipe, rate=0.0, epochs=1)) for spec in whole]
    cases = Cases(options={"rate": 1.0, "points": 3})
    assert find("zero-learning-rate").setting(cases) == replace(cases, options={"rate": 0.0, "points": 3})
    assert find("zero-learning-rate").setting(Cases()) == Cases()


def test_labels_not_corrupted() -> None:
    """Labels are true everywhere; inputs stay as they were, and so do theorems."""
    broken = find("labels-not-corrupted").setting(PLAN)
    assert isinstance(broken, Plan)
    kinds = {name: {spec.corruption.kind for spec in specs} for name, specs in broken.specs().items()}
    noise = kinds.pop("noise")
    assert noise == {"gaussian-inputs"}
    assert set(map(frozenset, kinds.values())) == {frozenset({"none"})}
    assert broken.specs()["noise"] == PLAN.specs()["noise"]
    assert find("labels-not-corrupted").setting(Cases()) == Cases()


def test_inputs_not_corrupted() -> None:
    """Images that were noise are the real ones, and random labels stay random."""
    broken = find("inputs-not-corrupted").setting(PLAN)
    assert isinstance(broken, Plan)
    kinds = {name: specs[0].corruption.kind for name, specs in broken.specs().items()}
    asked = {name: specs[0].corruption.kind for name, specs in PLAN.specs().items()}
    assert kinds == asked | {"noise": "none"}
    unique = Plan(base=PLAN.base, conditions={"noise": unique_gaussian_inputs()})
    assert find("inputs-not-corrupted").setting(unique) == replace(unique, conditions={"noise": unique_labels()})


def test_labels_all_corrupted() -> None:
    """A part of random labels becomes all of them, in the base and in conditions; nothing else changes."""
    part, other = Corruption(kind="random-labels", fraction=0.3), Corruption(kind="permuted-labels", fraction=0.3)
    conditions = {"plain": {}, "half": {"corruption": replace(part, fraction=0.5)}, "permuted": {"corruption": other}}
    broken = find("labels-all-corrupted").setting(replace(TRUE_LABELS.changed(corruption=part), conditions=conditions))
    assert isinstance(broken, Plan)
    found = {name: specs[0].corruption for name, specs in broken.specs().items()}
    every = Corruption(kind="random-labels")
    assert found == {"plain": every, "half": every, "permuted": other}
    assert not any(find("labels-all-corrupted").concerns(setting) for setting in (TRUE_LABELS, KERNELS, Cases()))


def test_augmentation_left_on() -> None:
    """Arms without a regulariser lose most of each image; the one that has one, and plans without any, stay."""
    mutant = find("augmentation-left-on")
    broken = mutant.setting(PLAN)
    assert isinstance(broken, Plan)
    crops = {name: specs[0].recipe.crop for name, specs in broken.specs().items()}
    assert crops == {"true": 8, "random": 8, "permuted": 8, "noise": 8, "decaying": 0}
    assert not any(mutant.concerns(setting) for setting in (TRUE_LABELS, KERNELS, Cases()))


def test_regularisers_off() -> None:
    """Every arm is trained by its recipe without any, and nothing else changes."""
    noisy = replace(RECIPE, dropout=0.5, input_noise=1.0, adversarial=0.5)
    plan = replace(PLAN, conditions={**CONDITIONS, "noisy": {"recipe": noisy}}).changed(recipe=noisy)
    broken = find("regularisers-off").setting(plan)
    assert isinstance(broken, Plan)
    assert {each.recipe for specs in broken.specs().values() for each in specs} == {RECIPE}
    assert {name: specs[0].corruption for name, specs in broken.specs().items()} == {
        name: specs[0].corruption for name, specs in plan.specs().items()
    }
    assert not find("regularisers-off").concerns(TRUE_LABELS)


def test_nets_alike() -> None:
    """All arms that name a net have the first; a plan of one net stays, and so do theorems."""
    nets = {"narrow": {"model": "mlp-1x4"}, "wide": {"model": "mlp-1x9"}, "as it is": {}}
    plan = replace(PLAN, conditions=nets)
    broken = find("nets-alike").setting(plan)
    assert isinstance(broken, Plan)
    assert broken == replace(plan, conditions={**nets, "wide": nets["narrow"]})
    assert not any(find("nets-alike").concerns(setting) for setting in (PLAN, KERNELS, Cases()))


def test_small_initial_weights() -> None:
    """An eighth of what they are, so that logits of two layers are a 64th; theorems and kernels stay."""
    mutant, inputs = find("small-initial-weights"), torch.ones(1, 5)
    nets = [torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.ReLU(), torch.nn.Linear(4, 3)) for _ in range(2)]
    for net, initial in zip(nets, (he_normal, mutant.replacement(he_normal)), strict=True):
        torch.manual_seed(0)
        initial(net)
    torch.testing.assert_close(nets[1](inputs), nets[0](inputs) / 64)
    assert [mutant.concerns(each) for each in (PLAN, KERNELS, Cases())] == [True, False, False]


def test_training_labels_random() -> None:
    """All labels are redrawn where all were true, and half of them where one arm is all that there is."""
    compared = replace(TRUE_LABELS, conditions={"plain": {}, "decaying": CONDITIONS["decaying"]})
    found = {}
    for name in ("training-labels-random", "training-labels-half-random"):
        mutant = find(name)
        assert not any(mutant.concerns(setting) for setting in (PLAN, KERNELS, Cases()))
        plans = [mutant.setting(plan) for plan in (TRUE_LABELS, compared)]
        found[name] = [plan.base.corruption for plan in plans if isinstance(plan, Plan)]
    every, half = Corruption(kind="random-labels"), Corruption(kind="random-labels", fraction=0.5)
    assert found == {"training-labels-random": [every, every], "training-labels-half-random": [half, Corruption()]}


def test_labels_redrawn() -> None:
    """A corrupted example has another label whenever its neighbours in the batch are others; true labels stay."""
    run = spec(subset=20, corruption=Corruption(kind="random-labels", fraction=0.5))
    data = prepare(run, DIGITS)
    pool = redrawn(Pool)([data], CPU)
    batches = [pool.batch(torch.tensor([0]), torch.tensor([order])) for order in ([3, 1, 2, 0], [0, 2, 1, 3])]
    for order, (inputs, labels) in zip(([3, 1, 2, 0], [0, 2, 1, 3]), batches, strict=True):
        torch.testing.assert_close(inputs[0], data.inputs[order])
        for place, example in enumerate(order):
            shown = order[place - 1] if data.changed[example] else example
            assert labels[0, place] == data.labels[shown]


def test_inputs_redrawn() -> None:
    """A corrupted example has the input of whatever stands before it in the batch; labels and real inputs stay."""
    run = spec(subset=20, corruption=Corruption(kind="gaussian-inputs", fraction=0.5))
    data = prepare(run, DIGITS)
    pool = images_redrawn(Pool)([data], CPU)
    assert 0 < data.changed[:4].sum() < 4
    for order in ([3, 1, 2, 0], [0, 2, 1, 3]):
        inputs, labels = pool.batch(torch.tensor([0]), torch.tensor([order]))
        assert labels[0].tolist() == data.labels[order].tolist()
        shown = [order[place - 1] if data.changed[example] else example for place, example in enumerate(order)]
        torch.testing.assert_close(inputs[0], data.inputs[shown])
    assert [find("inputs-redrawn").concerns(each) for each in (PLAN, TRUE_LABELS, Cases())] == [True, False, False]


def test_test_labels_corrupted() -> None:
    """As large a share of the validation labels is redrawn; where labels are true, they stay."""
    prepared, half = corrupting_test_labels(prepare), Corruption(kind="random-labels", fraction=0.5)
    run = spec(subset=60, validation=1000)
    whole = prepare(run, DIGITS)
    assert torch.equal(prepared(run, DIGITS).validation_labels, whole.validation_labels)
    broken = prepared(replace(run, corruption=half), DIGITS).validation_labels
    assert 0.4 < float((broken != whole.validation_labels).double().mean()) < 0.5


def test_mutants_leave_alone_what_they_cannot_break() -> None:
    """A mutant of plans concerns those that it changes, one of functions those that it says."""
    clean = replace(PLAN, conditions={"true": {"corruption": Corruption()}})
    assert find("zero-learning-rate").concerns(PLAN)
    assert not find("zero-learning-rate").concerns(Cases())
    assert [find("labels-redrawn").concerns(each) for each in (PLAN, clean, Cases())] == [True, False, False]
    assert [find("misplaced-biases").concerns(each) for each in (PLAN, Cases())] == [False, True]


def test_labels_shifted() -> None:
    """Each example has the label of the one before, as true and as trained on; its image stays."""
    run = spec(subset=20)
    whole, broken = prepare(run, DIGITS), shifted(prepare)(run, DIGITS)
    assert torch.equal(broken.inputs, whole.inputs)
    assert torch.equal(broken.labels[1:], whole.labels[:-1])
    assert torch.equal(broken.true_labels, broken.labels)


def test_validation_set_leaks() -> None:
    """Half of the training examples are validation examples with their labels, or as many as there are of these."""
    for validation, kept in ((30, 10), (4, 16)):
        run = spec(subset=20, validation=validation, corruption=Corruption(kind="random-labels"))
        whole, broken = prepare(run, DIGITS), leaking(prepare)(run, DIGITS)
        assert len(broken.labels) == len(broken.inputs) == len(broken.changed) == 20
        assert torch.equal(broken.inputs[kept:], whole.validation_inputs[: 20 - kept])
        assert torch.equal(broken.labels[kept:], whole.validation_labels[: 20 - kept])
        assert torch.equal(broken.labels[:kept], whole.labels[:kept])
        assert torch.equal(broken.changed, whole.changed & (torch.arange(20) < kept))
    signs = prepare(spec(subset=20, corruption=Corruption(kind="binary-labels")), DIGITS)
    assert leaking(lambda _, __: signs)(run, DIGITS) is signs


def test_rate_grows() -> None:
    """By as much as it was to fall, in the base and in conditions; a rate that stays is no concern."""
    falling = replace(RECIPE, decay=0.5, decay_every=2)
    plan = replace(PLAN, conditions={"a": {}, "b": {"recipe": replace(falling, rate=1.0)}}).changed(recipe=falling)
    broken = find("rate-grows").setting(plan)
    assert isinstance(broken, Plan)
    assert {name: spec.recipe.rate_at(4) for name, (spec,) in broken.specs().items()} == {"a": 0.4, "b": 4.0}
    assert [find("rate-grows").concerns(each) for each in (plan, PLAN, KERNELS, Cases())] == [True, False, False, False]


def test_momentum_doubled() -> None:
    """Gradients of 1 from 0 at rate 1: velocities 1 and 1.75 by 0.75 in the place of 0.5; without momentum none."""
    for momentum, ends in ((0.5, -2.75), (0.0, -2.0)):
        recipe = replace(RECIPE, momentum=momentum)
        parameter = torch.zeros(1)
        state = optimizer.State(recipe, [parameter])
        for _ in range(2):
            twice_as_long(optimizer.step)(recipe, 1.0, [parameter], [torch.ones(1)], state)
        assert parameter.item() == ends
    mutant = find("momentum-doubled")
    adam = PLAN.trained(optimizer="adam")
    assert [mutant.concerns(each) for each in (PLAN, adam, KERNELS, Cases())] == [True, False, False, False]


def test_batch_summed() -> None:
    """A step is as long as at a rate that is larger by the size of the batch."""
    run = spec(recipe=replace(PLAIN, momentum=0.0))
    data, ends = prepare(run, DIGITS), []
    for make, scale in ((summing(engine.make), 1.0), (engine.make, 10.0)):
        trained = make("batched", [build(run, (1, 8, 8), 10)], run.recipe, CPU, (1, 8, 8))
        trained.step(data.inputs[None, :10], data.labels[None, :10], {}, scale)
        ends.append(trained.weights(torch.tensor([0]))["1.weight"])
    torch.testing.assert_close(*ends)


def test_nets_that_share() -> None:
    """Weights or orders: the second net has those of the first, and of nothing else anything."""
    run = spec()
    states = [one_start(build)(run, (1, 8, 8), 10, net).state_dict()["1.weight"] for net in range(2)]
    assert torch.equal(*states)
    whole = build(run, (1, 8, 8), 10, 1).state_dict()["1.weight"]
    assert not torch.equal(states[0], whole)
    draws = {
        (purpose, net): one_order(torch_generator)(3, purpose, net).initial_seed()
        for purpose in ("order", "noise")
        for net in range(2)
    }
    assert draws["order", 0] == draws["order", 1]
    assert draws["noise", 0] != draws["noise", 1]
    assert one_seed(stream)(3, "init", 1) == stream(0, "init", 1)
    two = PLAN.changed(nets=2)
    for name in ("nets-share-weights", "nets-share-orders"):
        assert [find(name).concerns(each) for each in (PLAN, two, KERNELS, Cases())] == [False, True, False, False]


def test_evaluated_in_training_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is recorded at a rate of zero differs from epoch to epoch, by the dropout that is drawn; weights stay."""
    run = spec(recipe=replace(PLAIN, rate=0.0, dropout=0.5), record=Record(weights=(0,)))
    whole = trained([run])[run]
    monkeypatch.setattr(cohort, "_Cohort", in_training_mode(cohort._Cohort))
    broken = trained([run])[run]
    assert len(set(whole["trace/loss"][0].tolist())) == 1
    assert len(set(broken["trace/loss"][0].tolist())) == run.recipe.epochs + 1
    assert equal_weights(broken, "0", "final")
    mutant, noisy = find("evaluated-in-training-mode"), PLAN.trained(dropout=0.5)
    assert [mutant.concerns(each) for each in (PLAN, noisy, KERNELS, Cases())] == [False, True, False, False]
