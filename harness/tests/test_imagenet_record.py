"""What the store has of trainings on ImageNet, by which names, and what claims make of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from memorization_claims.controls.find import find
from memorization_claims.drawing.drawing import Drawing
from memorization_claims.errors import SettingError, UndecidableError, UnfitDataError
from memorization_claims.imagenet.__main__ import main
from memorization_claims.imagenet.record import CODE, command_of, key_of
from memorization_claims.judging.judge import Judge, RefutedError, UndecidedError
from memorization_claims.lab.courses import stored
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.imagenet import ImagenetSpec
from memorization_claims.statistics.looks import Look, one_look
from memorization_claims.statistics.verdict import Outcome
from memorization_claims.store import Entry, Store, fingerprint, modules
from memorization_claims.tests import toy_project
from memorization_claims.tests.imagenet_samples import put_record

rows: Any = import_module("memorization_claims.claims.zhang2017.imagenet")
claims: Any = import_module("memorization_claims.claims.zhang2017.test_imagenet")
SEEDS = range(700_000, 700_012)
Table = Mapping[str, tuple[Mapping[str, Any], tuple[float, float]]]
TABLE: Table = {
    "plain": ({}, (0.9953, 0.5980)),
    "decayed": (rows.DECAYED, (0.9060, 0.6718)),
    "augmented": (rows.AUGMENTED, (0.9233, 0.7295)),
    "all": (rows.ALL, (0.9218, 0.7784)),
    "random": (rows.RANDOM, (0.9520, 0.0011)),
    "random decayed": (rows.RANDOM_DECAYED, (0.8781, 0.0012)),
    "random dropped": (rows.RANDOM_DROPPED, (0.9118, 0.0009)),
}
"""The paper's table 2: top-1 accuracy on training and test images."""
BASE = ImagenetSpec(epochs=3)
PLAN = Plan(base=BASE, conditions={"true": {}, "random": rows.RANDOM})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty one."""
    return Store(tmp_path / "store")


def put(store: Store, spec: ImagenetSpec, **facts: str) -> None:
    """Keep a training of any accuracy."""
    put_record(store, spec, {"train_accuracy": 0.5}, **facts)


def test_what_names_a_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each field of its spec and a mutant do; a release of torch does not, since it takes days."""
    spec = ImagenetSpec()
    others = [replace(spec, **changes) for changes, _ in TABLE.values() if changes]
    others += [replace(spec, seed=1), replace(spec, training_images=1_281_166), replace(spec, epochs=99)]
    keys = {key_of(each) for each in (spec, *others)} | {key_of(spec, "mutant")}
    assert len(keys) == 11
    before = key_of(spec)
    fingerprint.clear()
    monkeypatch.setattr(modules, "library", lambda name: "" if name == modules.PACKAGE else "another release")
    assert key_of(spec) == before
    assert fingerprint.of_code(CODE[0]) != fingerprint.of_code(CODE[0], libraries=False)
    fingerprint.clear()


@pytest.mark.parametrize("name", TABLE)
def test_the_command_trains_what_is_asked_for(name: str, tmp_path: Path) -> None:
    """Its words, read by the command, are the spec again."""
    spec = replace(ImagenetSpec(seed=7, epochs=90), **TABLE[name][0])
    words = shlex.split(command_of(spec, tmp_path))
    assert words[:4] == ["torchrun", "--nproc-per-node=8", "-m", "memorization_claims.imagenet"]
    given: dict[str, Any] = dict(main.make_context("imagenet", words[4:]).params)
    (seed,), labels = given.pop("seeds"), given.pop("labels")
    assert (given.pop("root"), given.pop("store"), given.pop("workers")) == (Path("DIR"), tmp_path, 8)
    corruption = Corruption(kind="random-labels" if labels == "random" else "none")
    assert ImagenetSpec(seed=seed, corruption=corruption, **given) == spec


def test_the_command_needs_torchrun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says so, before a process waits for others."""
    monkeypatch.delenv("RANK", raising=False)
    done = CliRunner().invoke(main, ["--imagenet", str(tmp_path), "--seed", "1"])
    assert done.exit_code == 2
    assert "start it by torchrun --nproc-per-node=N -m memorization_claims.imagenet" in done.output


def test_what_is_missing_is_told(store: Store) -> None:
    """With the command that trains it; of no seed all, there is nothing to judge."""
    with pytest.raises(
        UnfitDataError, match=r"the store has 0 of 24 trainings on ImageNet, and of no seed all; .*"
    ) as no:
        stored(PLAN, SEEDS, store)
    assert str(no.value).endswith(command_of(replace(BASE, seed=700_000), store.root))
    for (spec,) in (specs[:1] for specs in PLAN.specs(SEEDS).values()):
        put(store, spec)
    put(store, PLAN.specs(SEEDS)["true"][1])
    courses = stored(PLAN, SEEDS, store)
    assert courses.seeds == (700_000,)
    assert len(courses.lost) == 11
    missing = replace(BASE, seed=700_001, **rows.RANDOM)
    assert courses.lost[700_001] == (
        "'random' at seed 700001 gave no number: it is not in the store; train it by " + command_of(missing, store.root)
    )
    with pytest.raises(UnfitDataError):
        stored(PLAN, SEEDS, store, patched="a mutant")


def test_trainings_that_diverged(store: Store) -> None:
    """They count for neither answer."""
    for specs in PLAN.specs([700_000]).values():
        put(store, specs[0])
    wild, tame = (each[0] for each in PLAN.specs([700_001]).values())
    put(store, tame)
    store.save(key_of(wild), Entry({"diverged": np.array([2])}, {"images": "all", "seconds": 1.0}))
    courses = stored(PLAN, [700_000, 700_001], store)
    assert courses.lost == {700_001: "'true' at seed 700001 gave no number: it diverged at epoch 2"}
    with pytest.raises(UndecidableError, match="it diverged at epoch 2"):
        stored(PLAN, [700_001], store)


def test_other_images_are_not_compared(store: Store) -> None:
    """A seed on another folder is no replication."""
    true, random = (each[0] for each in PLAN.specs([700_000]).values())
    put(store, true)
    put(store, random, images="others")
    with pytest.raises(SettingError, match="trainings on 2 folders of images; legal is one"):
        stored(PLAN, [700_000], store)


def test_what_is_read_of_courses(store: Store) -> None:
    """Whole, at the end, and as a number; an unknown name is refused with those that there are."""
    for specs in PLAN.specs(SEEDS).values():
        for spec in specs:
            put(store, spec)
    courses = stored(PLAN, SEEDS, store)
    assert courses.array("true", "train_accuracy").shape == (12, 1, 3)
    assert courses.final("train_accuracy")["random"].tolist() == [0.5] * 12
    assert courses.epochs("true").tolist() == [1, 2, 3]
    assert (courses.chance, courses.seconds, courses.trained) == (0.001, 24.0, 0)
    mean = courses.value(("train_accuracy",), lambda values, epochs: values.mean(2) * epochs[-1], "mean")
    assert mean["true"] == pytest.approx(1.5)
    with pytest.raises(SettingError, match="nothing was recorded as 'x'; there are train_accuracy"):
        courses.array("true", "x")


def write_table(store: Store, seeds: range = SEEDS, fall: float = 0.0, table: Table = TABLE) -> None:
    """Keep a table at several seeds, with accuracies a little apart, which fall evenly to it."""
    for number, seed in enumerate(seeds):
        for place, (name, (changes, (train, test))) in enumerate(table.items()):
            spec = replace(rows.BASE, seed=seed, **changes)
            end = test + 0.001 * (number * (place + 2) % 5)
            validation = np.linspace(end + fall, end, spec.epochs)
            courses: dict[str, Any] = {f"validation_accuracy{half}": validation for half in ("", "_even", "_odd")}
            courses |= {"train_accuracy": train, "relabelled": 0.999 if "random" in name else 0.0}
            put_record(store, spec, courses)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Store]:
    """Stores with the table at three seeds and at twelve."""
    three, twelve = (Store(tmp_path_factory.mktemp(name)) for name in ("three", "twelve"))
    write_table(three, SEEDS[:3])
    write_table(twelve)
    return three, twelve


def judged(test: Any, store: Store, variant: str, mutant: str = "", **more: Any) -> Judge:
    """The judge of one item of a claim, after its test was called with what is stored of what a mutant asks for."""
    claim = next(mark for mark in test.pytestmark if mark.name == "claim").args[0]
    judge = Judge(claim, "Z29", look=Look(one_look(len(SEEDS))))
    setting: Any = claim.settings("fullscale")[variant]
    if mutant:
        setting = find(mutant).setting(setting)
    courses = stored(setting, SEEDS, store)
    judge.lost = courses.lost
    test(courses, judge, **more)
    return judge


ITEMS = [
    (claims.test_random_labels_of_imagenet_are_fitted, "none"),
    (claims.test_random_labels_of_imagenet_are_fitted, "decay"),
    (claims.test_random_labels_of_imagenet_are_fitted, "dropout-decay"),
    (claims.test_without_regularisers_imagenet_is_learned, ""),
    (claims.test_augmentation_gains_more_than_other_regularisers, "decay"),
    (claims.test_augmentation_gains_more_than_other_regularisers, "dropout-decay"),
]


@pytest.mark.parametrize(("test", "variant"), ITEMS)
def test_the_paper_s_table_supports_its_claims(test: Any, variant: str, tables: tuple[Store, Store]) -> None:
    """At twelve seeds; at three nothing is decided, and the first of the others is told."""
    three, twelve = tables
    with pytest.raises(UndecidedError, match=r"9 of 12 runs count for neither answer: .* train it by torchrun"):
        judged(test, three, variant)
    verdict = judged(test, twelve, variant).verdict
    assert verdict is not None
    assert verdict.outcome is Outcome.SUPPORTED


@pytest.mark.parametrize(
    ("test", "variant", "changed"),
    [
        *(
            (test, variant, {"random": 0.7, "random decayed": 0.7, "random dropped": 0.7})
            for test, variant in ITEMS[:3]
        ),
        (*ITEMS[3], {"plain": 0.45}),
        (*ITEMS[4], {"augmented": 0.68}),
        (*ITEMS[5], {"all": 0.87}),
    ],
)
def test_without_its_effect_a_claim_has_no_support(
    test: Any, variant: str, changed: Mapping[str, float], tmp_path: Path
) -> None:
    """Random labels that are not fitted, which refutes nothing; and another accuracy on test images in one row."""
    fits = test is claims.test_random_labels_of_imagenet_are_fitted
    table = {
        name: (row, ((changed[name], score[1]) if fits else (score[0], changed[name])) if name in changed else score)
        for name, (row, score) in TABLE.items()
    }
    write_table(store := Store(tmp_path), table=table)
    with pytest.raises(UndecidedError if fits else RefutedError):
        judged(test, store, variant)


@pytest.mark.parametrize(
    ("test", "variant", "mutant", "lost"),
    [
        *((*item, "labels-not-corrupted", UndecidedError) for item in ITEMS[:2]),
        (*ITEMS[3], "training-labels-random", RefutedError),
    ],
)
def test_mutants_of_labels_are_noticed(
    test: Any, variant: str, mutant: str, lost: type[Exception], tables: tuple[Store, Store]
) -> None:
    """On the paper's own rows for the labels that a mutant puts in the place of those that are asked for."""
    with pytest.raises(lost):
        judged(test, tables[1], variant, mutant)


def test_early_stopping(tmp_path: Path) -> None:
    """Courses that fall by the paper's 3.4 points support the claim, and those that fall by half a point refute it."""
    test = claims.test_early_stopping_could_help
    drawing = Drawing("Z29", "fullscale", "imagenet")
    write_table(falling := Store(tmp_path / "falling"), fall=0.034)
    write_table(flat := Store(tmp_path / "flat"), fall=0.005)
    for variant in ("none", "decay"):
        verdict = judged(test, falling, variant, draw=drawing).verdict
        assert verdict is not None
        assert verdict.outcome is Outcome.SUPPORTED
        with pytest.raises(RefutedError):
            judged(test, flat, variant, draw=drawing)
    assert [(panel["figure"], panel["panel"]) for panel in drawing.panels][:2] == [("2a", "training"), ("2a", "test")]


TOYS = (
    toy_project.HEADER
    + """
from memorization_claims.spec.imagenet import ImagenetSpec

IMAGENET = Plan(base=ImagenetSpec(epochs=3), conditions={"a": {}, "b": {"dropout": 0.2}}, needs_data=True)


@toy("T40", fast=IMAGENET, margin=0.1)
def test_on_imagenet(courses, judge):
    judge.above(courses.final("train_accuracy"), "a", "b")


@toy("T41")
def test_on_digits(courses, judge):
    raise NotImplementedError


@toy("T42", fast=IMAGENET)
def test_without_runs(runs, judge):
    raise NotImplementedError


@toy("T43", fast=IMAGENET)
def test_without_fits(fits, judge):
    raise NotImplementedError
"""
)


def test_a_session_takes_what_is_there(pytester: pytest.Pytester) -> None:
    """An item of which the store has no seed is skipped, and says what trains it; claims on other data are refused."""
    toy_project.write(pytester.path, test_toys=TOYS)
    options = [*toy_project.QUICK, "-q", "-m", "fast", "--claims-seeds=12", "--claims-base-seed=700000"]
    options += ["--claims-store=store", "test_toys.py"]
    outcome = pytester.inline_run(*options)
    (skipped,) = (report for report in outcome.getreports("pytest_runtest_logreport") if report.skipped)
    assert "train the first that is missing by torchrun --nproc-per-node=8" in str(skipped.longrepr)
    refused = [str(report.longrepr) for report in outcome.getfailures()]
    assert [each.partition(":")[0] for each in refused] == ["SettingError"] * 3
    for seed in SEEDS:
        for dropout, accuracy in ((0.0, 0.9), (0.2, 0.7)):
            spec = ImagenetSpec(epochs=3, seed=seed, dropout=dropout)
            put_record(
                Store(pytester.path / "store"), spec, {"train_accuracy": accuracy + seed * (1 + dropout) % 5 / 100}
            )
    passed, _, _ = pytester.inline_run(*options, "-k", "test_on_imagenet").listoutcomes()
    assert len(passed) == 1
