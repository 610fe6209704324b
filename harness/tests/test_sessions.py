"""Sessions in this process: what the user chooses reaches the runs, and what goes wrong is told in a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memorization_claims.tests import toy_project

OWN = """
import torch
from torch import nn


def net(shape, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], classes))


def steps(parameters, rate):
    return torch.optim.RMSprop(parameters, lr=rate)
"""
WRONG = (
    toy_project.HEADER
    + '''
@toy("T31", fast=Plan(base=RunSpec(data="digits", subset=9999, model="mlp-1x4", recipe=BASE.recipe), conditions=ARMS))
def test_too_large(runs, judge):
    """More examples than there are."""


@toy("T32")
def test_unknown_condition(runs, judge):
    """A condition that the plan has not."""
    judge.above(runs.final("train_accuracy"), "learns", "sleeps")


def test_no_claim(judge):
    """A test that is none of a claim."""
'''
)

LATER = (
    toy_project.HEADER
    + '''
from memorization_claims.errors import UnfitDataError

SMALL = RunSpec(data="digits", subset=20, validation=5, model="mlp-1x4", recipe=BASE.recipe)

@toy("T33", fast=Plan(base=SMALL, conditions=ARMS))
def test_unfit(runs, judge):
    """What the data do not allow is told when nets are measured."""
    raise UnfitDataError("class 1 has none of 2 validation images; legal is 1 or more")
'''
)


def record(pytester: pytest.Pytester, *arguments: str, ret: int) -> dict[str, Any]:
    """The record of a session of the project's fast claims."""
    result = pytester.inline_run(*toy_project.QUICK, "-q", "--claims-report=record", "--claims-store=store", *arguments)
    assert result.ret == ret
    return toy_project.record(pytester.path / "record")


def test_what_the_user_chooses_reaches_the_runs(pytester: pytest.Pytester) -> None:
    """Seeds, the first seed and a model of the user's; five seeds say how many it takes."""
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED, own=OWN)
    options = (
        "--claims-seeds=5",
        "--claims-base-seed=100",
        "--claims-model=own:net",
        "-k",
        "test_supported",
        "test_trained.py",
    )
    made = record(pytester, *options, ret=1)
    (entry,) = made["claims"]
    assert entry["seeds"] == [100, 101, 102, 103, 104]
    assert entry["runs"] == {"trained": 10, "reused": 0}
    assert (entry["verdict"], entry["expected"]) == ("undecided", "supported")
    assert entry["because"] == "5 runs decide nothing at this level, even where all agree; at alpha = 0.0005, 11 do"
    assert {key: made["options"][key] for key in ("model", "seeds", "base_seed")} == {
        **{"model": "own:net", "seeds": 5, "base_seed": 100}
    }
    assert record(pytester, *options, "--claims-allow-undecided", ret=0)["claims"][0]["runs"]["reused"] == 10


def test_the_users_optimizer_reaches_the_runs(tmp_path: Path) -> None:
    """With its rate, in every condition; what it is stands in the record, and its code in the runs' names.

    In a process of its own: torch's optimizers import what cannot be imported twice.
    """
    toy_project.write(tmp_path, test_trained=toy_project.TRAINED, own=OWN)
    options = (
        "--claims-optimizer=own:steps",
        "--claims-rate=0.01",
        "--claims-report=record",
        "-k",
        "test_supported",
        "test_trained.py",
    )
    entries = []
    for text in (OWN, OWN.replace("RMSprop", "Adagrad")):
        (tmp_path / "own.py").write_text(text, encoding="utf-8")
        toy_project.session(tmp_path, *options)
        entries += toy_project.record(tmp_path / "record")["claims"]
    assert entries[0]["departs"] == [
        "trained with optimizer own:steps, chosen by the user",
        "trained with rate 0.01, chosen by the user",
    ]
    # The rate is that of both arms, so that nothing sets them apart.
    assert entries[0]["samples"]["learns"] == entries[0]["samples"]["rests"]
    assert max(entries[0]["samples"]["rests"]) > 0.5
    assert [entry["runs"]["trained"] for entry in entries] == [12, 12]


def test_the_users_data_reach_the_runs(pytester: pytest.Pytester) -> None:
    """The record names the data, and other data are other runs."""
    generator = np.random.default_rng(0)
    labels = np.arange(200) % 2
    images = generator.random((200, 4, 4)) + labels[:, None, None]
    np.savez(pytester.path / "own.npz", x_train=images, y_train=labels)
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED)
    (entry,) = record(pytester, "--claims-dataset=own.npz", "-k", "test_supported", "test_trained.py", ret=0)["claims"]
    assert entry["dataset"] == str(pytester.path / "own.npz")
    assert min(entry["samples"]["learns"]) > 0.5
    low, high = images.min(), images.max()
    assert entry["notes"] == [
        f"pixels are taken to go from {low:g} to {high:g}, the lowest and the highest value in own.npz; "
        "--claims-pixel-range LOW,HIGH gives another"
    ]
    (entry,) = record(pytester, "-k", "test_supported", "test_trained.py", ret=0)["claims"]
    assert (entry["dataset"], entry["runs"]["trained"], entry["notes"]) == ("digits", 24, [])


def test_what_is_said_of_the_users_data_reaches_them(pytester: pytest.Pytester) -> None:
    """Range and layout are those of the user's data set alone, and the record says so; else it is told what to say."""
    generator = np.random.default_rng(0)
    labels = np.arange(200) % 2
    images = generator.random((200, 4, 4, 4)) / 4 + labels[:, None, None, None] / 2
    np.savez(pytester.path / "own.npz", x_train=images, y_train=labels)
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED)
    options = ("--claims-dataset=own.npz", "--claims-allow-undecided", "-k", "test_supported", "test_trained.py")
    refused = pytester.runpytest_inprocess(*toy_project.QUICK, *options)
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    told = f"ERROR: x_train in {pytester.path / 'own.npz'} has shape (200, 4, 4, 4), which does not tell where its"
    assert told in refused.stderr.str()
    said = ("--claims-layout=channels-first", "--claims-pixel-range=-1,1")
    made = record(pytester, *options, *said, ret=0)
    (entry,) = made["claims"]
    assert entry["notes"] == ["pixels are taken to go from -1 to 1, as --claims-pixel-range says"]
    assert (made["options"]["pixel_range"], made["options"]["layout"]) == ([-1, 1], "channels-first")
    (again,) = record(pytester, *options, *said, ret=0)["claims"]
    assert (again["runs"], again["notes"]) == ({"trained": 0, "reused": entry["runs"]["trained"]}, entry["notes"])
    (other,) = record(pytester, *options, said[0], ret=0)["claims"]
    assert other["runs"]["trained"] >= 24


def test_claims_that_the_users_data_do_not_allow_are_skipped(pytester: pytest.Pytester) -> None:
    """With one line that says why; a validation set that is too small is taken as it is, and said to be."""
    images, labels = np.random.default_rng(0).random((29, 4, 4)), np.arange(29) % 2
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED)
    options = ("--claims-dataset=own.npz", "-k", "test_supported", "test_trained.py")
    np.savez(pytester.path / "own.npz", x_train=images, y_train=labels)
    made = record(pytester, *options, ret=0)
    reason = f"a subset of 30 was asked of {pytester.path / 'own.npz'}, which has 29 training examples"
    assert (made["claims"], made["errors"]) == ([], [])
    assert reason in [each["reason"] for each in made["skipped"]]
    toy_project.write(pytester.path, test_later=LATER)
    (unfit,) = record(pytester, *options[:1], "-m", "fast", "test_later.py", ret=0)["skipped"]
    assert unfit["reason"] == "class 1 has none of 2 validation images; legal is 1 or more"
    (error,) = record(pytester, "-m", "fast", "test_later.py", ret=1)["errors"]
    assert error["message"] == "UnfitDataError: class 1 has none of 2 validation images; legal is 1 or more"
    np.savez(pytester.path / "more.npz", x_train=np.tile(images, (2, 1, 1)), y_train=np.tile(labels, 2))
    (entry,) = record(pytester, "--claims-dataset=more.npz", *options[1:], ret=0)["claims"]
    assert entry["notes"] == [
        "50 validation examples were asked for; these are the 28 of x_train that are not trained on"
    ]


def test_fullscale_on_the_cpu(pytester: pytest.Pytester) -> None:
    """Who insists on the CPU gets it."""
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED)
    arguments = ("-m", "fullscale", "--claims-device=cpu", "-k", "test_supported", "test_trained.py")
    (entry,) = record(pytester, *arguments, ret=0)["claims"]
    assert (entry["id"], entry["scale"], entry["verdict"]) == ("T01", "fullscale", "supported")


def test_what_goes_wrong_is_told_in_a_line(pytester: pytest.Pytester) -> None:
    """Mistakes of a claim's are errors with a plain message, and no test but a claim's is among them."""
    toy_project.write(pytester.path, test_wrong=WRONG, test_broken="import absent_module")
    made = record(pytester, "--continue-on-collection-errors", "test_wrong.py", "test_broken.py", ret=1)
    assert made["claims"] == []
    assert {error["nodeid"].split("::")[-1]: error["message"] for error in made["errors"]} == {
        "test_broken.py": "ModuleNotFoundError: No module named 'absent_module'",
        "test_too_large[fast]": (
            "UnfitDataError: a subset of 9999 was asked of digits, which has 1797 training examples"
        ),
        "test_unknown_condition[fast]": "SettingError: no condition 'sleeps'; there are 'learns', 'rests'",
    }
    assert made["summary"]["errors"] == 3
