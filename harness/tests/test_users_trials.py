"""Sessions on nets and optimizers of users: tried out once, refused in a line, and said in the record."""

from __future__ import annotations

from pathlib import Path

import pytest

from memorization_claims.tests import toy_project

NETS = """
import inspect
import warnings
import torch
from torch import nn
from torch.nn import functional

class Net(nn.Module):
    def __init__(self, shape, classes):
        super().__init__()
        self.hidden, self.out = nn.Linear(shape[0] * shape[1] * shape[2], 8), nn.Linear(8, classes)
    def forward(self, x):
        return self.out(functional.relu(self.hidden(x.view(x.size(0), -1))))

class Module(Net):
    def __init__(self, shape, classes):
        super().__init__(shape, classes)
        self.act = nn.GELU()
    def forward(self, x):
        return self.out(self.act(self.hidden(x.view(x.size(0), -1))))

class Training(Net):
    def forward(self, x):
        return (super().forward(x), x) if self.training else super().forward(x)

class Warning(Net):
    def forward(self, x):
        warnings.warn("this net is old", FutureWarning)
        return super().forward(x)

def small(shape, classes):
    assert shape[1] < 8, "too large"
    return Net(shape, classes)

def steps(parameters):
    return torch.optim.AdamW(parameters, lr=0.01)

def noted(shape, classes):
    with open("made.txt", "a") as file:
        file.write(" ".join(frame.function for frame in inspect.stack()))
    return Net(shape, classes)

def bad(parameters):
    return torch.optim.SparseAdam(parameters)
"""

CLAIMS = (
    toy_project.HEADER
    + '''
from dataclasses import replace

BASE = replace(BASE, recipe=Recipe(rate=0.1, batch=5, epochs=4), record=Record(every=4, weights="none"))
ARMS = {"learns": {}, "rests": {"recipe": Recipe(rate=0.0, batch=5, epochs=4)}}
DROPPED = {"learns": {}, "rests": {"recipe": Recipe(rate=0.1, batch=5, epochs=4, dropout=0.5)}}


@toy("T01", fast=Plan(base=BASE, conditions=ARMS))
def test_plain(runs, judge):
    """Training raises training accuracy."""
    judge.above(runs.final("train_accuracy"), "learns", "rests")


@toy("T02", fast=Plan(base=BASE, conditions=DROPPED))
def test_dropped(runs, judge):
    """Dropout lowers it."""
    judge.above(runs.final("train_accuracy"), "learns", "rests")


@toy("T03", fast=Plan(base=BASE, conditions=ARMS).changed(shrink=2))
def test_shrunk(runs, judge):
    """On fewer pixels."""
    judge.above(runs.final("train_accuracy"), "learns", "rests")
'''
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of claims, and nets beside it."""
    toy_project.write(tmp_path, test_claims=CLAIMS, nets=NETS)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("-n2", "--claims-model=nets:Training"),
            "ERROR: model 'nets:Training' gives a tuple in training mode; legal is one tensor of logits, floating, "
            "(5, 10) (on digits: (1, 8, 8), 10 classes)",
        ),
        (
            ("--claims-optimizer=nets:bad",),
            "ERROR: optimizer 'nets:bad', taking steps on batches of 5, raised RuntimeError: SparseAdam does not "
            "support dense gradients, please consider Adam instead (on digits: (1, 8, 8), 10 classes)",
        ),
    ],
)
def test_what_fits_nothing_ends_the_session_in_a_line(project: Path, options: tuple[str, ...], message: str) -> None:
    """Before anything is trained, with the status of an option that is not legal; among workers too."""
    done = toy_project.session(project, *options, "-q", "-m", "fast")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    told = [line for line in (done.stdout + done.stderr).splitlines() if "raised" in line or "legal" in line]
    assert told == [message]
    assert "Traceback" not in done.stdout + done.stderr
    assert not (project / ".claims").exists()


def test_what_fits_some_claims_is_judged_there(project: Path) -> None:
    """The others are skipped with the reason, which the record keeps."""
    toy_project.session(project, "--claims-model=nets:small", "-m", "fast", "--claims-report=record")
    reason = (
        "model 'nets:small', called as factory((1, 8, 8), 10), raised AssertionError: too large (nets.py, line 32) (on "
        "digits: (1, 8, 8), 10 classes)"
    )
    record = toy_project.record(project / "record")
    assert [skip["reason"] for skip in record["skipped"]] == [reason] * 2
    assert [entry["id"] for entry in record["claims"]] == ["T03"]


def test_what_was_trained_is_not_tried_again(project: Path) -> None:
    """What has runs in the store is known to be fit."""
    options = ("--claims-model=nets:noted", "-m", "fast", "-k", "T01", "--claims-report=record")
    for tried in (True, False):
        toy_project.session(project, *options)
        assert ("_tried" in (project / "made.txt").read_text(encoding="utf-8")) == tried
        (project / "made.txt").unlink()
    assert toy_project.record(project / "record")["claims"][0]["runs"]["trained"] == 0


def test_a_net_without_a_place_for_dropout_decides_nothing(project: Path) -> None:
    """The claim about dropout is undecided with that reason, and the other is judged.

    By an optimizer at its own rate; users' warnings are shown and fail nothing; slow training is said.
    """
    options = ("--claims-model=nets:Warning", "--claims-optimizer=nets:steps", "-m", "fast", "-k", "not T03")
    done = toy_project.session(project, *options, "--claims-report=record")
    plain, dropped = toy_project.record(project / "record")["claims"]
    assert plain["verdict"] != "error"
    assert dropped["verdict"] == "undecided"
    assert dropped["because"].startswith("dropout has no place in model 'nets:Warning': none of its layers is an activ")
    assert "optimizer nets:steps runs at its own rates, 0.01" in plain["notes"]
    assert plain["departs"] == [
        "judged with the model nets:Warning, chosen by the user",
        "trained with optimizer nets:steps at its own rate, chosen by the user",
    ]
    assert "FutureWarning: this net is old" in done.stdout
    assert "one net after another for an optimizer of your own; a step takes " in done.stderr


def test_where_dropout_stands_is_said(project: Path) -> None:
    """By the kinds of activations that it follows."""
    toy_project.session(project, "--claims-model=nets:Module", "-m", "fast", "-k", "T02", "--claims-report=record")
    (entry,) = toy_project.record(project / "record")["claims"]
    assert "dropout and noise of hidden units stand after the activations of nets:Module: 1 x GELU" in entry["notes"]
    assert entry["effect"]["estimate"] != 0
