"""The laboratory trains what the store lacks; runs turn what was trained into one number a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from memorization_claims.errors import DataError, SettingError, StoreError, UnfitDataError
from memorization_claims.lab import measure as measurement
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.lab.measure import OfRange
from memorization_claims.lab.progress import Measuring, Progress
from memorization_claims.lab.runs import Runs
from memorization_claims.plan.crossed import Level
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record, RunSpec
from memorization_claims.store import fingerprint

BASE = RunSpec(
    data="digits", subset=20, validation=30, model="mlp-1x4", recipe=Recipe(rate=0.1, batch=10, epochs=2), nets=2
)
PLAN = Plan(
    base=BASE,
    conditions={"true": {}, "random": {"corruption": Corruption(kind="random-labels", fraction=0.5)}},
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that the tests of this module share."""
    return tmp_path_factory.mktemp("store")


def laboratory_at(place: Path, **options: Any) -> Laboratory:
    """A laboratory on the CPU."""
    return Laboratory(place, place, torch.device("cpu"), **options)


@pytest.fixture
def laboratory(place: Path) -> Laboratory:
    """A laboratory as a session's begins: nothing in memory, what was trained in the store."""
    return laboratory_at(place)


@pytest.fixture
def runs(laboratory: Laboratory) -> Runs:
    """The runs of the plan."""
    return laboratory.runs(PLAN, range(5, 8))


def mean_of_inputs(
    logits: Any, inputs: torch.Tensor, *, generators: Sequence[torch.Generator], radius: float = 0.0
) -> torch.Tensor:
    """A measure: the mean logit of each net, and the radius."""
    assert logits(inputs).shape[:2] == inputs.shape[:2]
    assert len(generators) == len(inputs)
    return logits(inputs).mean(dim=(1, 2)) + radius  # type: ignore[no-any-return]


def test_only_what_is_missing_is_trained(tmp_path: Path) -> None:
    """Runs are shared by plans: a further seed and a further condition cost those runs alone."""
    assert laboratory_at(tmp_path).runs(PLAN, range(5, 8)).trained == 6
    assert laboratory_at(tmp_path).runs(PLAN, range(5, 8)).trained == 0
    assert laboratory_at(tmp_path).runs(PLAN, range(5, 9)).trained == 2
    more = replace(PLAN, conditions={**PLAN.conditions, "more": {"corruption": Corruption(kind="permuted-labels")}})
    assert laboratory_at(tmp_path).runs(more, range(5, 8)).trained == 3
    assert laboratory_at(tmp_path).runs(PLAN, range(6, 9)).trained == 0


def test_runs_come_in_the_order_of_seeds(runs: Runs) -> None:
    """Each seed at its place in all conditions; two nets a run are one number."""
    assert runs.seeds == (5, 6, 7)
    samples = runs.final("train_accuracy")
    assert samples.seeds == (5, 6, 7)
    assert {name: array.shape for name, array in samples.values.items()} == {"true": (3,), "random": (3,)}
    np.testing.assert_allclose(samples["true"], runs.array("true", "train_accuracy")[:, :, -1].mean(axis=1))


def test_runs_know_the_factors_of_their_plan(tmp_path: Path) -> None:
    """Conditions are selected by levels, and a level that there is not is answered with those there are."""
    plan = Plan.crossed(BASE, {"data": {"true": {}}, "width": {"narrow": Level(4, {"model": "mlp-1x4"})}})
    found = Laboratory(tmp_path, tmp_path, torch.device("cpu")).runs(plan, [0])
    assert found.where(data="true", width=4) == list(found.specs) == ["true, narrow"]
    assert found.levels("width") == [4]
    with pytest.raises(SettingError, match=r"^no condition has data='random'; data is true; width is 4$"):
        found.where(data="random")


def test_conditions_with_equal_runs_share_them(tmp_path: Path) -> None:
    """A condition that changes nothing is trained once, and found under both names."""
    plan = Plan(base=BASE, conditions={"one": {}, "other": {}})
    runs = laboratory_at(tmp_path).runs(plan, range(2))
    assert runs.trained == 2
    samples = runs.final("loss")
    np.testing.assert_array_equal(samples["one"], samples["other"])


def test_the_cost_is_what_training_took(laboratory: Laboratory, runs: Runs) -> None:
    """A run from the store costs what it cost when it was trained."""
    assert runs.seconds > 0
    assert laboratory.runs(PLAN, range(5, 8)).seconds == runs.seconds


def test_error_is_the_complement_of_accuracy(runs: Runs) -> None:
    """Both come from one record, and each has a name for readers."""
    error, accuracy = runs.final("validation_error", "test error"), runs.final("validation_accuracy")
    np.testing.assert_allclose(error["true"], 1 - accuracy["true"])
    assert (error.name, accuracy.name) == ("test error", "validation accuracy")


def test_chance_is_that_of_the_data(runs: Runs) -> None:
    """Digits have ten classes."""
    assert runs.chance == pytest.approx(0.1)


def test_the_course_of_a_run(runs: Runs) -> None:
    """A function sees all seeds, nets and evaluations of a condition, and the epochs."""
    assert runs.epochs("true").tolist() == [0, 1, 2]
    kept = [runs.arrays(spec)["trace/loss"] for spec in runs.specs["true"]]
    np.testing.assert_array_equal(runs.array("true", "loss"), kept)

    def last(paths: np.ndarray, epochs: np.ndarray, *, factor: float) -> np.ndarray:
        assert paths.shape == (3, 2, len(epochs))
        return factor * paths[:, 0, -1]

    samples = runs.value("loss", last, "loss", "nats", factor=2.0)
    np.testing.assert_allclose(samples["random"], 2 * runs.array("random", "loss")[:, 0, -1])
    assert (samples.name, samples.unit) == ("loss", "nats")

    def both(losses: np.ndarray, accuracies: np.ndarray, epochs: np.ndarray) -> np.ndarray:
        last: np.ndarray = losses[:, :, -1] + len(epochs) * accuracies[:, :, 0]
        return last

    samples = runs.value(("loss", "train_accuracy"), both, "both")
    expected = runs.array("true", "loss")[:, :, -1] + 3 * runs.array("true", "train_accuracy")[:, :, 0]
    np.testing.assert_allclose(samples["true"], expected.mean(axis=1))


def test_the_time_to_a_level(runs: Runs) -> None:
    """Epochs until a trace is there, between evaluations on a straight line; what never gets there is censored."""
    losses = runs.array("true", "loss")
    level = float(losses[:, :, 1].max())
    samples = runs.time_to(level, "loss", "time to a lower loss", falling=True)
    expected = [[np.interp(-level, -net[:2], [0, 1]) for net in run] for run in losses]
    np.testing.assert_allclose(samples["true"], np.mean(expected, axis=1))
    assert (samples.name, samples.unit, "true" in samples.censored) == ("time to a lower loss", "epochs", False)
    never = runs.time_to(0.0, "loss", "time to no loss", falling=True)
    assert never["true"].tolist() == [2, 2, 2]
    assert never.censored["true"].all()


def test_a_net_ends_where_it_stopped(tmp_path: Path) -> None:
    """Of nets that stop at different epochs, each gives its last number, not what others did later."""
    base = replace(BASE, model="mlp-1x16", recipe=Recipe(rate=0.1, batch=5, epochs=60, stop_accuracy=0.9), nets=6)
    runs = laboratory_at(tmp_path).runs(Plan(base=base, conditions={"true": {}}), [0])
    trace = runs.array("true", "train_accuracy")[0]
    lengths = (~np.isnan(trace)).sum(axis=1)
    assert len(set(lengths)) > 1
    expected = np.mean([net[length - 1] for net, length in zip(trace, lengths, strict=True)])
    assert runs.final("train_accuracy")["true"] == pytest.approx(expected)


def test_a_measure_is_taken_once(laboratory: Laboratory, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its values are kept with the run, by its options and by what it is measured on."""
    first = runs.measure(mean_of_inputs, "mean", radius=1.5)
    again = laboratory.runs(PLAN, range(5, 8))
    with monkeypatch.context() as patch:
        patch.setattr(measurement, "measure_few", lambda *arguments: pytest.fail("measured again"))
        kept = again.measure(mean_of_inputs, "mean", radius=1.5)
    np.testing.assert_array_equal(first["true"], kept["true"])
    other = again.measure(mean_of_inputs, "mean", radius=2.5)
    np.testing.assert_allclose(other["true"], first["true"] + 1, rtol=1e-5)
    trained_on = again.measure(mean_of_inputs, "mean", radius=1.5, on="training")
    assert not np.allclose(trained_on["true"], first["true"])


def test_a_measure_sees_the_nets_as_they_ended(runs: Runs) -> None:
    """Accuracy measured from the kept weights is the accuracy that training recorded at the end."""
    seen: list[torch.Tensor] = []

    def agreement(logits: Any, inputs: torch.Tensor, *, generators: Sequence[torch.Generator]) -> torch.Tensor:
        seen.append(logits(inputs).argmax(dim=2))
        return torch.zeros(len(inputs))

    runs.measure(agreement, "nothing")
    predictions = torch.cat(seen).reshape(-1, BASE.nets, BASE.validation or 0)
    for spec, predicted in zip(runs.keys, predictions, strict=True):
        condition = next(name for name, specs in runs.specs.items() if spec in specs)
        labels = runs.dataset(spec).validation_labels
        accuracy = (predicted == labels).double().mean(dim=1).numpy()
        recorded = runs.array(condition, "validation_accuracy")[runs.seeds.index(spec.seed), :, -1]
        np.testing.assert_allclose(accuracy, recorded, atol=1e-6)


def test_shares_of_the_range_become_the_unit_of_the_inputs(runs: Runs) -> None:
    """A distance as a share of the range is scaled as the images were."""
    plain = runs.measure(mean_of_inputs, "mean")
    span = runs.dataset(next(iter(runs.keys))).span
    assert span is not None
    shifted = runs.measure(mean_of_inputs, "mean", radius=OfRange(0.125))
    np.testing.assert_allclose(shifted["true"] - plain["true"], span / 8, rtol=1e-4)


def test_the_radius_of_a_plan_is_offered_to_measures(tmp_path: Path) -> None:
    """A measure that has a parameter of that name gets it in the unit of the inputs, unless the claim names another."""
    told: list[float] = []
    laboratory = laboratory_at(tmp_path)
    laboratory.searched = told.append
    runs = laboratory.runs(replace(PLAN, radius=0.125), range(5, 8))
    span = runs.dataset(next(iter(runs.keys))).span
    assert (runs.radius, span is not None) == (0.125, True)
    offered, named = runs.measure(mean_of_inputs, "mean"), runs.measure(mean_of_inputs, "mean", radius=OfRange(0.125))
    plain, third = (runs.measure(mean_of_inputs, "mean", radius=radius) for radius in (0.0, OfRange(0.125 / 3)))
    np.testing.assert_array_equal(offered["true"], named["true"])
    np.testing.assert_allclose(offered["true"] - plain["true"], span / 8, rtol=1e-4)  # type: ignore[operator]
    np.testing.assert_allclose(third["true"] - plain["true"], span / 24, rtol=1e-4)  # type: ignore[operator]
    assert told == [0.125, 0.125, 0.125 / 3]  # what was searched within, also where values are kept
    other = laboratory_at(tmp_path).runs(replace(PLAN, radius=0.25), range(5, 8))
    assert other.trained == 0
    assert not np.allclose(other.measure(mean_of_inputs, "mean")["true"], offered["true"])


def test_whitened_images_have_no_common_range(tmp_path: Path) -> None:
    """The message says which preprocessing has one."""
    plan = Plan(base=replace(BASE, preprocessing="whiten"), conditions={"true": {}})
    runs = laboratory_at(tmp_path).runs(plan, range(3))
    with pytest.raises(SettingError, match=r"preprocessing is whiten, .*; legal is standardize$"):
        runs.measure(mean_of_inputs, "mean", radius=OfRange(1.0))


def test_examples_at_the_end(tmp_path: Path) -> None:
    """A function sees which training examples each net has right; their share is the accuracy."""
    plan = PLAN.changed(record=Record(weights="none", examples="final"))
    runs = laboratory_at(tmp_path).runs(plan, range(3))
    share = runs.value("right", lambda right: right.mean(axis=(1, 2)), "share")
    np.testing.assert_allclose(share["true"], runs.final("train_accuracy")["true"], rtol=1e-6)


def test_the_key_of_a_run(laboratory: Laboratory, tmp_path: Path) -> None:
    """It knows the spec and the data themselves, not the place where data or store lie."""
    key = laboratory.key(BASE)
    assert key == laboratory_at(tmp_path).key(BASE)
    assert key != laboratory.key(replace(BASE, seed=1))
    assert key != Laboratory(tmp_path, tmp_path, torch.device("meta")).key(BASE)
    generator = np.random.default_rng(0)
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        images, labels = generator.random((40, 4, 4)), np.arange(40) % 2
        np.savez(tmp_path / folder / "own.npz", x_train=images, y_train=labels)
    here, there = (laboratory.key(replace(BASE, data=str(tmp_path / each / "own.npz"))) for each in ("here", "there"))
    assert here != there


def test_progress_is_announced(tmp_path: Path) -> None:
    """Once when training begins, not at all when nothing is trained."""
    lines: list[str] = []
    laboratory_at(tmp_path, announce=lines.append).runs(PLAN, range(3))
    assert lines == ["training 6 runs of 2 nets: mlp-1x4 on digits, 2 epochs at most"]
    laboratory_at(tmp_path, announce=lines.append).runs(PLAN, range(3))
    assert len(lines) == 1


def test_progress_is_told_now_and_then() -> None:
    """Evaluations are told apart from each other only after the time that was set."""
    lines: list[str] = []
    seldom, often = (Progress(lines.append, [BASE], every=every) for every in (1e9, 0.0))
    seldom.begin()
    seldom(1, 2, 0, 2)
    assert len(lines) == 1
    often.begin()
    often(1, 2, 1, 4)
    assert lines[2] == "0 runs in 0 s; now epoch 1 of 2, 1 of 4 nets done"


def test_measuring_is_told_now_and_then() -> None:
    """How many are done of how many, after the time that was set."""
    lines: list[str] = []
    seldom, often = (Measuring(lines.append, "answers", 24, every=every) for every in (1e9, 0.0))
    seldom(8)
    assert not lines
    often(8)
    often(4)
    assert lines == [f"measuring answers: {done} of 24 in 0 s" for done in (8, 12)]


def test_going_back_through_training_is_announced(tmp_path: Path) -> None:
    """Before it begins, since it may take minutes for each run; not where it is stored."""
    lines: list[str] = []
    plan = replace(PLAN, unrolled=True)
    for _ in range(2):
        laboratory_at(tmp_path, announce=lines.append).runs(plan, range(3)).array("true", "sensitivity/l1")
    assert lines[1:] == ["going back through 2 epochs of 3 runs for loss-sensitivity"]


def test_what_cannot_be_trained_says_why(tmp_path: Path) -> None:
    """Missing data, too large a subset, and a store that cannot be written, each in plain words."""
    laboratory = laboratory_at(tmp_path)
    with pytest.raises(DataError, match=r"^mnist is not in "):
        laboratory.runs(PLAN.changed(data="mnist"), range(3))
    with pytest.raises(UnfitDataError, match=r"^a subset of 5000 was asked of digits, which has 1797 training ex"):
        laboratory.runs(PLAN.changed(subset=5000), range(3))
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written: Not a directory"):
        laboratory_at(tmp_path / "file" / "store").runs(PLAN, range(3))


def test_a_users_model_is_known_by_what_it_imports(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a user's factory imports from beside it decides its runs too, so an edit there gives them other keys."""
    package = tmp_path / "users"
    package.mkdir()
    files = {
        "__init__.py": "",
        "nets.py": "from users.layers import net\n",
        "layers.py": "def net(shape, classes): ...\n",
    }
    for name, text in files.items():
        (package / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    run = replace(BASE, model="users.nets:net")
    before = laboratory_at(place).key(run)
    (package / "layers.py").write_text("# the same\n" + files["layers.py"], encoding="utf-8")
    fingerprint.clear()  # as in another process
    assert laboratory_at(place).key(run) == before
    (package / "layers.py").write_text("def net(shape, classes): return None\n", encoding="utf-8")
    fingerprint.clear()
    assert laboratory_at(place).key(run) != before


def test_what_a_patching_mutant_trains_is_kept_apart(laboratory: Laboratory, place: Path) -> None:
    """A patch leaves the source as it is, so the mutant's name must tell its runs from the whole ones."""
    assert laboratory_at(place).key(BASE) == laboratory.key(BASE)
    assert laboratory_at(place, patched="some-mutant").key(BASE) != laboratory.key(BASE)
    assert laboratory_at(place, patched="some-mutant", retrains=False).key(BASE) == laboratory.key(BASE)
