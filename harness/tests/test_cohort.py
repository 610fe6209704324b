"""Cohorts: a run's numbers are its own, and are those of a plain PyTorch loop."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import cross_entropy

from memorization_claims.data.dataset import prepare
from memorization_claims.errors import SettingError
from memorization_claims.models.build import build
from memorization_claims.seed import torch_generator
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record, RunSpec
from memorization_claims.tests.training_samples import CPU, DIGITS, PLAIN, differing, equal_weights, spec, trained
from memorization_claims.training import cohort
from memorization_claims.training.cohort import Result, cohort_of, train

NOISY = replace(PLAIN, dropout=0.2, input_dropout=0.1, input_noise=0.3, hidden_noise=0.1, weight_decay=0.001)
PROBE = "memorization_claims.measures.nets.gradients:input_gradient_magnitude"
CASES: dict[str, dict[str, Any]] = {
    "mlp": {"recipe": PLAIN, "model": "mlp-2x16"},
    "mlp of odd sizes, noise, two nets": {"recipe": NOISY, "model": "mlp-2x19", "nets": 2, "crop": 7},
    "mlp, adam": {"recipe": replace(NOISY, optimizer="adam", rate=0.003), "model": "mlp-3x33"},
    "mlp, adversarial": {
        "recipe": replace(NOISY, adversarial=0.5, adversarial_steps=3),
        "model": "mlp-2x19",
        "nets": 2,
    },
    "cnn, adversarial": {"recipe": replace(PLAIN, adversarial=0.5, adversarial_steps=2), "model": "cnn-3"},
    "mlp, stopping": {"recipe": replace(PLAIN, epochs=30, stop_accuracy=0.9), "model": "mlp-1x20", "nets": 2},
    "cnn, augmentation, adam": {
        "recipe": replace(NOISY, optimizer="adam", rate=0.003, crop=1, flip=True),
        "model": "cnn-3",
        "nets": 2,
    },
    "cnn, crops with a border": {
        "recipe": replace(PLAIN, crop=1, flip=True),
        "model": "cnn-3",
        "crop": 6,
        "border": 1,
        "preprocessing": "whiten",
    },
}


@pytest.mark.parametrize("case", CASES)
def test_a_run_is_the_same_in_any_company(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All arrays agree bit for bit: alone, with four others, in another order, and in portions of two."""
    record = Record(probes=(PROBE,), examples="final", weights=(1, 2))
    corruptions = [Corruption(), Corruption(kind="random-labels", fraction=0.5)]
    specs = [spec(seed, record=record, corruption=kind, **CASES[case]) for seed in range(3) for kind in corruptions][:5]
    together, backwards = trained(specs), trained(specs[::-1])
    monkeypatch.setattr(cohort, "portions", lambda *_: [[0, 1], [2, 3], [4]])
    in_portions = trained(specs)
    monkeypatch.undo()
    for run in specs:
        assert differing(trained([run])[run], together[run]) == []
        assert differing(backwards[run], together[run]) == []
        assert differing(in_portions[run], together[run]) == []


@settings(deadline=None, max_examples=25)
@given(
    depth=st.integers(0, 2),
    width=st.integers(1, 40),
    batch=st.integers(1, 30),
    subset=st.integers(20, 45),
    nets=st.integers(1, 3),
    crop=st.integers(5, 8),
    seeds=st.lists(st.integers(0, 2**40), min_size=2, max_size=6, unique=True),
)
def test_no_size_makes_a_run_depend_on_its_company(
    depth: int, width: int, batch: int, subset: int, nets: int, crop: int, seeds: list[int]
) -> None:
    """Whatever the width, batch or image size, the last of several runs is what it is alone, bit for bit."""
    hidden: dict[str, Any] = {} if depth else {"dropout": 0.0, "hidden_noise": 0.0}
    recipe = replace(NOISY, batch=batch, epochs=2, **hidden)
    specs = [
        spec(seed, recipe, model=f"mlp-{depth}x{width}", subset=subset, nets=nets, crop=crop, validation=20)
        for seed in seeds
    ]
    assert differing(trained(specs)[specs[-1]], trained(specs[-1:])[specs[-1]]) == []


def test_training_twice_gives_the_same_bits() -> None:
    """And neither reads nor moves the global generator."""
    runs, before = [spec(seed, NOISY) for seed in range(3)], torch.get_rng_state()
    first, second = trained(runs), trained(runs)
    assert all(differing(first[run], second[run]) == [] for run in runs)
    assert torch.equal(torch.get_rng_state(), before)


def test_seeds_and_nets_differ() -> None:
    """No two seeds, and no two nets of a run, end at the same weights."""
    results = trained([spec(seed, nets=2) for seed in range(2)])
    finals = [net.tobytes() for result in results.values() for net in result["weights/final/1.weight"]]
    assert len(set(finals)) == 4


def test_nets_that_begin_alike_part_by_their_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two nets of a run with the same initial weights end at others."""
    monkeypatch.setattr(cohort, "build", lambda run, shape, classes, net: build(run, shape, classes))
    first, second = trained([run := spec(nets=2)])[run]["weights/final/1.weight"]
    assert not np.array_equal(first, second)


class _Net(nn.Module):
    """The MLP of the plain loop."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(64, width), nn.Linear(width, 10)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.second(self.first(inputs.flatten(1)).relu())
        return logits


def _plain_loop(run: RunSpec, net: int) -> tuple[_Net, list[float], list[float]]:
    """One net as a beginner would train it; the net, and loss and validation accuracy after each update."""
    data, recipe, model = prepare(run, DIGITS), run.recipe, _Net(13)
    names = ("first.weight", "first.bias", "second.weight", "second.bias")
    initial = build(run, (1, 8, 8), 10, net).state_dict().values()
    model.load_state_dict(dict(zip(names, initial, strict=True)))
    optimizer = torch.optim.SGD(
        model.parameters(), lr=recipe.rate_at(0), momentum=0.9, weight_decay=recipe.weight_decay
    )
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=recipe.decay_every, gamma=recipe.decay)
    generator = torch_generator(run.seed, "order", net)
    losses, accuracies = [], []
    for epoch in range(recipe.epochs + 1):
        for batch in torch.split(torch.randperm(60, generator=generator), recipe.batch) if epoch else (None,):
            if batch is not None:
                optimizer.zero_grad()
                cross_entropy(model(data.inputs[batch]), data.labels[batch]).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
            with torch.no_grad():
                losses.append(cross_entropy(model(data.inputs), data.labels).item())
                right = model(data.validation_inputs).argmax(1) == data.validation_labels
                accuracies.append(right.double().mean().item())
        if epoch:
            schedule.step()
    return model, losses, accuracies


def test_a_cohort_is_a_plain_loop_over_its_nets() -> None:
    """Losses, validation accuracies and final weights are those of torch.optim.SGD with StepLR, to 1e-5."""
    recipe = replace(PLAIN, epochs=5, decay=0.5, decay_every=2, weight_decay=0.01)
    kinds, record = (Corruption(), Corruption(kind="random-labels")), Record(early_epochs=2, early_updates=3)
    specs = [spec(seed, recipe, nets=2, corruption=kind, record=record) for seed in range(2) for kind in kinds]
    at = [0, 3, 6, 7, 10, 13, 14, 21, 28, 35]  # 60 examples in batches of 9 are 7 updates an epoch
    for run, result in trained(specs).items():
        np.testing.assert_allclose(result["epochs"], np.array(at) / 7)
        for net in range(2):
            model, losses, accuracies = _plain_loop(run, net)
            np.testing.assert_allclose(result["trace/loss"][net], np.array(losses)[at], atol=1e-5)
            whole = [update % 7 == 0 for update in at]
            held_out = np.where(whole, np.array(accuracies)[at], np.nan)
            np.testing.assert_allclose(result["trace/validation_accuracy"][net], held_out, atol=1e-12)
            for name, theirs in zip(("1.weight", "1.bias", "3.weight", "3.bias"), model.parameters(), strict=True):
                ours = result[f"weights/final/{name}"][net]
                np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=1e-5)


def test_a_rate_that_decays_to_nothing_stops_the_weights() -> None:
    """Decay 0 every two epochs: the weights of epoch 2 are those of the end, those of epoch 1 are not."""
    recipe = replace(PLAIN, epochs=4, decay=0.0, decay_every=2)
    run = spec(recipe=recipe, record=Record(weights=(1, 2)))
    result = trained([run])[run]
    assert equal_weights(result, "2", "final")
    assert not equal_weights(result, "1", "2")


def test_a_rate_of_zero_learns_nothing() -> None:
    """The weights stay the initial ones and the trace is flat."""
    run = spec(recipe=replace(PLAIN, rate=0.0), record=Record(weights=(0,)))
    result = trained([run])[run]
    assert equal_weights(result, "0", "final")
    assert len(set(result["trace/loss"][0])) == 1
    initial = build(run, (1, 8, 8), 10).state_dict()
    assert all(np.array_equal(result[f"weights/0/{name}"][0], tensor.numpy()) for name, tensor in initial.items())


def test_nets_stop_when_they_fit() -> None:
    """Each at its first evaluation with the accuracy asked for; from then on its trace is NaN, and not before."""
    recipe = replace(PLAIN, epochs=40, stop_accuracy=0.9)
    specs = [spec(seed, recipe, nets=2) for seed in range(3)]
    full = trained([replace(run, recipe=replace(recipe, stop_accuracy=None)) for run in specs])
    results, stops = trained(specs), set()
    for run, whole in zip(specs, full.values(), strict=True):
        result = results[run]
        for net in range(2):
            accuracy = whole["trace/train_accuracy"][net]
            stopped = int(np.flatnonzero(accuracy >= 0.9)[0])
            stops.add(stopped)
            assert result["stopped"][net] == stopped
            np.testing.assert_array_equal(result["trace/train_accuracy"][net, : stopped + 1], accuracy[: stopped + 1])
            assert np.isnan(result["trace/loss"][net, stopped + 1 :]).all()
    assert len(stops) > 1, "the nets should stop at different epochs for the test to mean anything"


def test_without_a_stop_rule_the_budget_is_spent() -> None:
    """`stopped` is the last epoch and nothing is NaN."""
    run = spec()
    result = trained([run])[run]
    assert result["stopped"].tolist() == [3]
    assert result["diverged"].tolist() == [-1]
    assert np.isfinite(result["trace/loss"]).all()


def test_weights_at_named_epochs() -> None:
    """Epochs need not be evaluated ones; after a net has stopped, and after the budget, its last weights stand."""
    recipe = replace(PLAIN, epochs=40, stop_accuracy=0.9)
    record = Record(every=2, weights=(0, 1, 39, 100))
    run = spec(recipe=recipe, record=record, nets=2)
    result = trained([run])[run]
    assert 1 < result["stopped"].max() < 39
    assert {name.split("/")[1] for name in result if name.startswith("weights/")} == {"0", "1", "39", "100", "final"}
    assert equal_weights(result, "39", "final")
    assert equal_weights(result, "100", "final")
    early = spec(recipe=replace(PLAIN, epochs=1))
    for name in ("1.weight", "3.bias"):
        expected = trained([early])[early][f"weights/final/{name}"][0]
        assert np.array_equal(result[f"weights/1/{name}"][0], expected)


def test_weights_may_be_left_out() -> None:
    """`none` keeps none, also when examples are kept."""
    run = spec(record=Record(weights="none", examples="final"))
    result = trained([run])[run]
    assert not [name for name in result if name.startswith("weights/")]
    assert result["right"].shape == (1, 60)


@pytest.mark.parametrize("recipe", [PLAIN, NOISY], ids=["plain", "noisy"])
def test_kept_examples_are_those_that_the_final_net_gets_right(recipe: Recipe) -> None:
    """Recomputed from the final weights without noise; their mean is the last training accuracy."""
    half = Corruption(kind="random-labels", fraction=0.5)
    run = spec(recipe=recipe, record=Record(examples="final"), nets=2, corruption=half)
    result, data = trained([run])[run], prepare(run, DIGITS)
    for net in range(2):
        model = _loaded(run, result, net)
        right = (model(data.inputs).argmax(1) == data.labels).numpy()
        assert np.array_equal(result["right"][net], right)
        assert result["trace/train_accuracy"][net, -1] == pytest.approx(right.mean())


def _loaded(run: RunSpec, result: Result, net: int) -> nn.Module:
    model = build(run, (1, 8, 8), 10, net).eval()
    names = model.state_dict()
    model.load_state_dict({name: torch.from_numpy(result[f"weights/final/{name}"][net]) for name in names})
    return model


def test_divergence_is_recorded_and_stops_that_run_only() -> None:
    """A run whose images are huge ends at once, with the epoch; its neighbour trains as it does alone."""
    specs = [spec(0), spec(1)]
    datasets = [prepare(run, DIGITS) for run in specs]
    broken = replace(datasets[0], inputs=datasets[0].inputs * 1e30)
    results = {run: arrays for run, arrays, _ in train(specs, [broken, datasets[1]], CPU)}
    assert results[specs[0]]["diverged"].tolist() == [1]
    assert results[specs[0]]["stopped"].tolist() == [1]
    assert not np.isfinite(results[specs[0]]["trace/loss"][0, 1])
    assert np.isnan(results[specs[0]]["trace/loss"][0, 2:]).all()
    assert differing(results[specs[1]], trained([specs[1]])[specs[1]]) == []


def test_a_huge_rate_diverges() -> None:
    """Every net says so at its first evaluation."""
    run = spec(recipe=replace(PLAIN, rate=1e30, epochs=8), nets=2)
    result = trained([run])[run]
    assert result["diverged"].tolist() == result["stopped"].tolist() == [1, 1]


@pytest.mark.parametrize(("every", "epochs"), [(1, [0, 1, 2, 3, 4, 5]), (2, [0, 2, 4, 5]), (9, [0, 5])])
def test_evaluations_are_on_the_grid_and_at_the_end(every: int, epochs: list[int]) -> None:
    """Epoch 0, every so many, and the last; what is measured there does not depend on the grid."""
    recipe = replace(PLAIN, epochs=5)
    run, dense = spec(recipe=recipe, record=Record(every=every)), spec(recipe=recipe)
    result, reference = trained([run])[run], trained([dense])[dense]
    assert result["epochs"].tolist() == epochs
    for name in [name for name in result if name.startswith("trace/")]:
        assert result[name].tobytes() == reference[name][:, epochs].tobytes()


def test_runs_are_handed_out_as_they_finish() -> None:
    """A run that fits early is yielded while the others still train, and progress counts the nets that stopped."""
    recipe = replace(PLAIN, epochs=40, stop_accuracy=0.9)
    specs, told, order = [spec(seed, recipe, model="mlp-1x5") for seed in range(4)], [], []
    runs = train(specs, [prepare(run, DIGITS) for run in specs], CPU, lambda *args: told.append(args))
    for _, arrays, _ in runs:
        order.append(int(arrays["stopped"][0]))
        assert told[-1][0] == order[-1]
    assert order == sorted(order)
    assert len(set(order)) > 1
    assert [entry[:2] + entry[3:] for entry in told] == [(epoch, 40, 4) for epoch in range(order[-1] + 1)]
    assert [entry[2] for entry in told] == [sum(stop <= epoch for stop in order) for epoch in range(order[-1] + 1)]


def test_seconds_are_shares_of_the_training_alone() -> None:
    """They add up to no more than the time that passed, less what the caller did between two runs."""
    specs = [spec(seed) for seed in range(4)]
    datasets = [prepare(run, DIGITS) for run in specs]
    began, shares = time.perf_counter(), []
    for _, _, seconds in train(specs, datasets, CPU):
        shares.append(seconds)
        time.sleep(0.05)
    assert all(share > 0 for share in shares)
    assert sum(shares) <= time.perf_counter() - began - 4 * 0.05


def test_a_cohort_shares_all_but_seed_and_corruption() -> None:
    """Arms and seeds train together; another recipe does not, nor do labels of other classes."""
    run = spec()
    labels, unique = Corruption(kind="random-labels"), Corruption(kind="unique-labels")
    assert cohort_of(run) == cohort_of(spec(7)) == cohort_of(spec(3, corruption=labels))
    assert cohort_of(run) != cohort_of(spec(recipe=replace(PLAIN, rate=0.1)))
    binary = Corruption(kind="binary-labels")
    assert len({cohort_of(run), cohort_of(spec(corruption=unique)), cohort_of(spec(corruption=binary))}) == 3
    assert cohort_of(run) != cohort_of(spec(nets=2))


def test_unique_labels_are_learnt_as_classes_of_their_own() -> None:
    """As many logits as examples, and a net that can fits them."""
    recipe = Recipe(rate=0.1, batch=10, epochs=40)
    run = spec(recipe=recipe, subset=20, model="mlp-1x32", corruption=Corruption(kind="unique-labels"))
    result = trained([run])[run]
    assert result["weights/final/3.weight"].shape == (1, 20, 32)
    assert result["trace/train_accuracy"][0, -1] == 1.0


def test_a_last_batch_of_one_is_refused_where_batches_are_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any step, instead of PyTorch's error in mid-training; without batch norm it is trained on."""
    run = spec(recipe=replace(PLAIN, batch=59))
    assert trained([run])[run]["stopped"].tolist() == [PLAIN.epochs]
    normalised = nn.Sequential(nn.Flatten(), nn.Linear(64, 10), nn.BatchNorm1d(10))
    monkeypatch.setattr("memorization_claims.models.build._made", lambda *_: normalised)
    refused = "60 examples in batches of 59 leave a last batch of 1, which batch norm can"
    with pytest.raises(SettingError, match=refused):
        trained([run])
