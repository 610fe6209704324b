"""A project of small claims with every outcome, and sessions of pytest in it, for the tests of the plugin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

# What a session in this process imports is dropped after it, and these cannot be imported twice: here they stay.
import sklearn.datasets  # noqa: F401

import memorization_claims.lab.laboratory  # noqa: F401
from memorization_claims.judging.paper import Paper

PAPER = Paper("toy2020", "Toy et al. 2020", "@inproceedings{toy2020,\n}")
ROOT = Path(__file__).resolve().parents[2]
QUICK = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
"""Without plugins that the sessions do not need: Hypothesis takes a second to import."""

HEADER = '''
import numpy as np
import pytest

from memorization_claims.judging.claim import Finding, Margin, claim
from memorization_claims.tests.toy_project import PAPER
from memorization_claims.plan.plan import Cases, Plan
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record, RunSpec

BASE = RunSpec(data="digits", subset=30, validation=50, model="mlp-1x4",
               recipe=Recipe(rate=0.1, batch=5, epochs=20), record=Record(every=20, weights="none"))
ARMS = {"learns": {}, "rests": {"recipe": Recipe(rate=0.0, batch=5, epochs=20)}}
DIVERGES = {"learns": {"recipe": Recipe(rate=1e30, batch=5, epochs=20)}}


def toy(id, *, kind="above", margin=0.05, fast=Plan(base=BASE, conditions=ARMS), **fields):
    fields = {"fullscale": fast, "says": f"The claim of {id}.", "refuted_by": "its opposite", **fields}
    return claim(id=id, kind=kind, margin=Margin(margin, "as in the test"), source=PAPER.at("nowhere"),
                 fast=fast, **fields)


def found(id):
    return (Finding(id, "digits", "the opposite"),)


def open_question(id):
    return (Finding(id, "digits", "too near", verdict="undecided"),)


def made(runs, high):
    """A number for each seed that is above the other on average by `high`, and spreads."""
    spread = np.array(runs.seeds, dtype=float) % 7 - 3
    return runs.samples("number", {"high": high + spread, "low": 0 * spread})


def level(runs):
    """A number that lies on the margin at most seeds, and at the others as often on either side."""
    number = 0.05 + np.select([np.array(runs.seeds) % 6 == 0, np.array(runs.seeds) % 6 == 3], [1.0, -1.0], 0.0)
    return runs.samples("number", {"high": number, "low": 0 * number})
'''

THEOREM = (
    HEADER
    + '''
@toy("T18", kind="exact", fast=Cases(number=3))
@pytest.mark.parametrize("size", [2, 3])
def test_exact(cases, judge, size):
    """A theorem."""
    judge.exact(*cases.errors(lambda generator, size: (1e-9, 1e-8), "error", size=size))
'''
)
"""A claim in two items that trains nothing."""

TRAINED = (
    HEADER
    + '''
@toy("T01")
def test_supported(runs, judge, draw):
    """Training raises training accuracy."""
    draw.course(PAPER.figure("1a", "Training loss falls."), runs, "loss")
    judge.above(runs.final("train_accuracy"), "learns", "rests")


@toy("T02")
def test_refuted(runs, judge):
    """Training lowers training accuracy."""
    judge.above(runs.final("train_accuracy"), "rests", "learns")


@toy("T03")
def test_undecided(runs, judge):
    """Neither."""
    judge.above(level(runs), "high", "low")


@toy("T04", kind="bound", margin=0.5, fast=Plan(base=BASE, conditions=DIVERGES))
def test_diverged(runs, judge):
    """Losses that are not finite."""
    judge.at_least(runs.final("train_accuracy"), "learns")


@toy("T05", part="unfit")
def test_unfit(runs, judge):
    """A precondition that does not hold."""
    judge.given(runs.final("train_accuracy"), "rests", at_least=0.99)
    judge.above(runs.final("train_accuracy"), "learns", "rests")
'''
)

OTHERS = (
    HEADER
    + '''
@toy("T11", findings=found("T11"))
def test_finding_refuted(runs, judge):
    """Refuted, as was found."""
    judge.above(made(runs, -9), "high", "low")


@toy("T12", findings=found("T12"))
def test_finding_supported(runs, judge):
    """Supported, against what was found."""
    judge.above(made(runs, 9), "high", "low")


@toy("T13", findings=found("T13"))
def test_finding_undecided(runs, judge):
    """Undecided, against what was found."""
    judge.above(level(runs), "high", "low")


@toy("T20", findings=open_question("T20"))
def test_known_undecided(runs, judge):
    """Undecided, as was found."""
    judge.above(level(runs), "high", "low")


@toy("T21", findings=open_question("T21"))
def test_decided_since(runs, judge):
    """Refuted, where it was found undecided."""
    judge.above(made(runs, -9), "high", "low")


@toy("T14")
def test_raises(runs, judge):
    """A test that goes wrong."""
    1 / 0


@toy("T15")
def test_without_verdict(runs, judge):
    """A test that judges nothing."""


@toy("T16")
def test_two_verdicts(runs, judge):
    """A test that judges twice."""
    judge.above(made(runs, 9), "high", "low")
    judge.above(made(runs, 9), "high", "low")


@toy("T17", fast=Plan(base=BASE, conditions=ARMS, needs_data=True),
     fullscale=Plan(base=RunSpec(data="cifar10", model="alexnet", recipe=BASE.recipe), conditions=ARMS))
def test_own_data(runs, judge):
    """A claim about its own data."""
    judge.above(runs.final("train_accuracy"), "learns", "rests")


@toy("T18", kind="exact", fast=Cases(number=3))
@pytest.mark.parametrize("size", [2, 3])
def test_exact(cases, judge, size):
    """A theorem."""
    judge.exact(*cases.errors(lambda generator, size: (1e-9, 1e-8), "error", size=size))


@toy("T19", fast={"one": Plan(base=RunSpec(data="cifar10", model="mlp-1x4", recipe=BASE.recipe), conditions=ARMS,
                              needs_data=True)})
def test_missing_data(runs, judge):
    """A claim whose data are missing."""
    judge.above(runs.final("train_accuracy"), "learns", "rests")
'''
)


CONFIGURATION = """[pytest]
addopts = --strict-markers --strict-config --claims-base-seed=0
xfail_strict = true
filterwarnings =
    error
    default::pytest_benchmark.logger.PytestBenchmarkWarning
"""


def write(folder: Path, **files: str) -> Path:
    """Lay out a project of somebody's who has installed the plugin: these test files and a strict configuration."""
    (folder / "pytest.ini").write_text(CONFIGURATION, encoding="utf-8")
    for stem, text in files.items():
        (folder / f"{stem}.py").write_text(text, encoding="utf-8")
    return folder


def session(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a project, in a process of its own, without a GPU or data."""
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "COLUMNS": "80"}
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):  # a session in a worker's process is none of a worker
        environment.pop(name, None)
    command = [sys.executable, "-m", "pytest", *QUICK, "--claims-data-root", str(folder), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=1200)


def record(folder: Path) -> dict[str, Any]:
    """The record that a session wrote; strict JSON."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no JSON")

    text = (folder / "verdicts.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return found
