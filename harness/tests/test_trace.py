"""What is written down in training: accuracies by part, folds, and probes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from memorization_claims.data.dataset import Dataset, prepare
from memorization_claims.errors import SettingError
from memorization_claims.models.build import build
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.run import Record, RunSpec
from memorization_claims.tests.training_samples import CPU, DIGITS, PLAIN, spec, trained
from memorization_claims.training import engine, pool
from memorization_claims.training.trace import Trace, probe

HALF = Corruption(kind="random-labels", fraction=0.5)


def _evaluated(run: RunSpec, data: Dataset) -> dict[str, np.ndarray]:
    """The traces of a net as it is built."""
    model = build(run, (1, 8, 8), 10)
    trace = Trace(run.record, 1, 1, 1)
    held = pool.Pool([data], CPU)
    runner = engine.make("loop", [model], run.recipe, CPU, (1, 8, 8))
    of_one = torch.tensor([0])
    trace.evaluate(0, [0], runner, held, of_one)
    trace.validate(0, [0], runner, held, of_one, np.array([0]))
    return {name.removeprefix("trace/"): array[:, 0] for name, array in trace.arrays([0]).items() if "trace/" in name}


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), subset=st.integers(2, 150), portion=st.integers(1, 200))
def test_the_traces_are_what_their_names_say(seed: int, subset: int, portion: int) -> None:
    """Loss, and accuracy on all, clean, corrupted, validation, even and odd examples, counted one by one in NumPy."""
    run = spec(seed, subset=subset, corruption=HALF)
    data = prepare(run, DIGITS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "CPU_EVALUATION_EXAMPLES", portion)
        found = _evaluated(run, data)
    model = build(run, (1, 8, 8), 10).eval()
    with torch.no_grad():
        logits, held_out = model(data.inputs).double().numpy(), model(data.validation_inputs).double().numpy()
    labels, changed = data.labels.numpy(), data.changed.numpy()
    shifted = logits - logits.max(1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(1)) - shifted[np.arange(subset), labels]
    right, held_right = logits.argmax(1) == labels, held_out.argmax(1) == data.validation_labels.numpy()
    expected = {
        "loss": losses.mean(),
        "train_accuracy": right.mean(),
        "clean_accuracy": right[~changed].mean() if (~changed).any() else np.nan,
        "corrupted_accuracy": right[changed].mean() if changed.any() else np.nan,
        "validation_accuracy": held_right.mean(),
        "validation_accuracy_even": held_right[::2].mean(),
        "validation_accuracy_odd": held_right[1::2].mean(),
    }
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, err_msg=name)


def test_a_part_without_examples_has_no_accuracy() -> None:
    """Nothing corrupted: NaN for the corrupted part, and the clean part is the whole; and the other way round."""
    clean, corrupted = spec(), spec(corruption=Corruption(kind="random-labels"))
    found = _evaluated(clean, prepare(clean, DIGITS))
    assert np.isnan(found["corrupted_accuracy"]).all()
    assert found["clean_accuracy"] == found["train_accuracy"]
    found = _evaluated(corrupted, prepare(corrupted, DIGITS))
    assert np.isnan(found["clean_accuracy"]).all()
    assert found["corrupted_accuracy"] == found["train_accuracy"]


def test_the_folds_halve_the_validation_set() -> None:
    """Weighted by their sizes, 21 and 20 of 41, the folds' accuracies give the whole's."""
    run = spec(nets=2)
    result = trained([run])[run]
    even, odd = result["trace/validation_accuracy_even"], result["trace/validation_accuracy_odd"]
    np.testing.assert_allclose((21 * even + 20 * odd) / 41, result["trace/validation_accuracy"])


PROBES = """
import torch

seen = []
number = 3

def mean_right(logits, inputs, labels):
    seen.append((tuple(inputs.shape), tuple(labels.shape)))
    return (logits(inputs).argmax(-1) == labels).double().mean(1)
def slope(logits, inputs, labels):
    inputs = inputs.clone().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(logits(inputs).sum(), inputs)
    return gradient.abs().flatten(1).mean(1)
def squares(products):
    seen.append(tuple(products.shape))
    return products.diagonal(dim1=1, dim2=2).sum(1)
def sum_of_labels(products, labels):
    return labels.double().sum(1)
"""


@pytest.fixture
def probes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of a user's own probes on the path."""
    (tmp_path / "users_probes.py").write_text(PROBES)
    monkeypatch.syspath_prepend(tmp_path)
    return "users_probes"


@pytest.mark.parametrize("model", ["mlp-1x13", "cnn-2", "resnet8-2"])
def test_probes_are_taken_at_every_evaluation(probes: str, model: str) -> None:
    """They get logits, the whole training set and its labels, one row a net; what they return is in the trace."""
    names = (f"{probes}:mean_right", f"{probes}:slope")
    runs = [spec(seed, model=model, nets=2, record=Record(every=2, probes=names), corruption=HALF) for seed in range(2)]
    for result in trained(runs).values():
        np.testing.assert_array_equal(result[f"trace/{names[0]}"], result["trace/train_accuracy"])
        assert (result[f"trace/{names[1]}"] > 0).all()
        assert result[f"trace/{names[1]}"].shape == (2, 3)
    seen = __import__(probes).seen
    rows = {"mlp-1x13": 4, "cnn-2": 4, "resnet8-2": 2}[model]
    assert seen[-3:] == [((rows, 60, 1, 8, 8), (rows, 60))] * 3


@pytest.mark.parametrize("model", ["mlp-1x13", "cnn-2", "resnet8-2"])
def test_gradient_probes_are_taken_at_every_evaluation(probes: str, model: str) -> None:
    """Each net's gradients on the first examples of its own training set, as far as there are so many."""
    name, beside = f"{probes}:squares", f"{probes}:sum_of_labels"
    for batch, examples in ((7, 7), (99, 60)):
        record = Record(every=2, gradient_probes=(name, beside), gradient_batch=batch)
        run = spec(model=model, nets=2, record=record, corruption=HALF)
        result, data = trained([run])[run], prepare(run, DIGITS)
        assert result[f"trace/{name}"].shape == (2, 3)
        assert __import__(probes).seen[-1] == (2, examples, examples)
        assert (result[f"trace/{beside}"] == int(data.labels[:examples].sum())).all()
        for net in range(2):
            start = build(run, (1, 8, 8), 10, net)
            own = engine.make("loop", [start], run.recipe, CPU, (1, 8, 8)).products(
                data.inputs[None, :examples], data.labels[None, :examples]
            )
            assert result[f"trace/{name}"][net, 0] == pytest.approx(own[0].trace().item(), rel=1e-4)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("users_probes", "unknown probe 'users_probes'; legal is package.module:function"),
        ("users_probes:no", "unknown probe 'users_probes:no'; legal is package.module:function"),
        ("users_probes:number", "unknown probe 'users_probes:number'; legal is package.module:function"),
        (
            "no_such_module:f",
            "unknown probe 'no_such_module:f' (No module named 'no_such_module'); legal is package.module:function",
        ),
    ],
)
def test_an_unknown_probe_is_told(probes: str, name: str, message: str) -> None:
    """A name without function, a missing function, something that is no function, a missing module."""
    with pytest.raises(SettingError) as told:
        probe(name)
    assert str(told.value) == message


@settings(deadline=None, max_examples=50)
@given(
    budget=st.integers(1, 30),
    every=st.integers(1, 40),
    per_epoch=st.integers(1, 9),
    early_epochs=st.integers(0, 40),
    early_updates=st.integers(1, 12),
)
def test_the_grid_of_evaluations(
    budget: int, every: int, per_epoch: int, early_epochs: int, early_updates: int
) -> None:
    """Epochs that `every` divides, the budget, and early on what `early_updates` divides within an epoch."""
    record = Record(every=every, early_epochs=early_epochs, early_updates=early_updates)
    trace = Trace(record, budget, per_epoch, 1)
    expected = [
        update
        for update in range(budget * per_epoch + 1)
        for epoch, within in [divmod(update, per_epoch)]
        if update == budget * per_epoch
        or (epoch % every == 0 if within == 0 else epoch < early_epochs and within % early_updates == 0)
    ]
    assert trace.updates == expected
    assert [update for update in range(budget * per_epoch + 9) if update in trace] == expected
    assert trace.arrays([0])["epochs"].tolist() == [update / per_epoch for update in expected]


def test_what_was_not_put_is_nan() -> None:
    """A lane without a value at an epoch has NaN there, and was never stopped."""
    trace = Trace(Record(), 2, 1, 3)
    trace.put("loss", 1, [0, 2], torch.tensor([0.5, 1.5]))
    assert np.array_equal(trace.at("loss", 1), [0.5, np.nan, 1.5], equal_nan=True)
    arrays = trace.arrays([2, 1])
    assert np.array_equal(arrays["trace/loss"], [[np.nan, 1.5, np.nan], [np.nan] * 3], equal_nan=True)
    assert arrays["stopped"].tolist() == [-1, -1]
    assert arrays["epochs"].tolist() == [0, 1, 2]
    assert PLAIN.epochs == 3


@pytest.mark.parametrize("model", ["mlp-1x16", "cnn-8"])
def test_a_validation_set_left_to_the_end_is_evaluated_when_each_net_stops(model: str) -> None:
    """Each net's last accuracies are those of a run that took them throughout, and no others are there."""
    recipe = replace(PLAIN, epochs=30, stop_accuracy=0.7)
    throughout = [spec(seed, model=model, recipe=recipe, nets=2) for seed in range(2)]
    at_the_end = [replace(run, record=replace(run.record, validation="final")) for run in throughout]
    stops = set()
    for run, late in zip(trained(throughout).values(), trained(at_the_end).values(), strict=True):
        for net, stopped in enumerate(run["stopped"]):
            (column,) = np.flatnonzero(run["epochs"] == stopped)
            stops.add(int(column))
            for name in ("validation_accuracy", "validation_accuracy_even", "validation_accuracy_odd"):
                path = late[f"trace/{name}"][net]
                assert np.flatnonzero(np.isfinite(path)).tolist() == [column]
                assert path[column] == run[f"trace/{name}"][net, column]
        np.testing.assert_array_equal(run["trace/loss"], late["trace/loss"])
    assert len(stops) > 1, "all nets stopped together, so that the test shows less than it should"
