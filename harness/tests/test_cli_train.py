"""`claims train`: the store is filled, whoever is killed, and a session then only judges."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from memorization_claims.cli import train as command
from memorization_claims.cli.main import main
from memorization_claims.tests import toy_project
from memorization_claims.tests.command_line import claims, outsider
from memorization_claims.tests.store_samples import leftovers

QUICK = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--claims-base-seed", "700000")
SELECTED = ("T01", "T02", "T05[unfit]")
"""Claims that share their runs."""


def judged(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """The record's entries of a session, of the same claims."""
    only = ("--claims-only", ",".join(SELECTED), "-m", "fast", "--claims-base-seed", "700000")
    report = folder / f"report-{time.monotonic_ns()}"
    done = toy_project.session(folder, *only, "--claims-report", str(report), *arguments, "tests")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    entries: list[dict[str, Any]] = toy_project.record(report)["claims"]
    assert len(entries) == len(SELECTED)
    return entries


def verdicts(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """By id, with the numbers that they rest on."""
    return {entry["id"]: (entry["verdict"], entry["samples"]) for entry in entries}


def trained(entries: list[dict[str, Any]]) -> int:
    """How many runs the session trained itself."""
    return sum(entry["runs"]["trained"] for entry in entries)


def test_a_session_only_judges_afterwards(tmp_path: Path) -> None:
    """Two workers train what the claims share, once; called again, there is nothing to do."""
    outsider(tmp_path, toy_project.TRAINED)
    asked = ("train", *SELECTED, "-n", "2", "--seeds", "12", *QUICK, "tests")
    done = claims(tmp_path, *asked)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr.splitlines()[-1].startswith("24 of 24 in ")
    entries = judged(tmp_path, "--claims-seeds", "12")
    assert trained(entries) == 0
    assert {entry["verdict"] for entry in entries} == {"supported", "refuted", "undecided"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """What sessions are given, in the place of sessions."""
    given: list[list[str]] = []

    def collect(arguments: list[str], also: str) -> dict[str, Any]:
        given.append(arguments)
        price = {"missing": ["cifar10"], "unpriced": ["generator pca"], "jobs": []}
        place: dict[str, Any] = {"store": str(tmp_path), "data_root": str(tmp_path), "device": "cpu"}
        place |= {"readings": [], "paths": [], "arithmetic": {"precision": "float32", "compiled": False}}
        return {also: {"price": price, **place}}

    monkeypatch.setattr(command, "collect", collect)
    return given


@pytest.mark.parametrize(
    ("words", "handed"),
    [
        ("", ["-m", "fast"]),
        ("Z18 -n 2 -m fullscale", ["--claims-only=Z18", "-m", "fullscale"]),
        ("Z18 A16[a-b] tests/", ["--claims-only=Z18,A16[a-b]", "-m", "fast", "tests/"]),
        (
            "--seeds 4 --device cpu --store s -kbetween",
            ["--claims-seeds=4", "--claims-device=cpu", "--claims-store=s", "-m", "fast", "-kbetween"],
        ),
    ],
)
def test_what_is_collected(words: str, handed: list[str], asked: list[list[str]]) -> None:
    """Claims as of `claims run`, options by the names that they have everywhere; what is missing is told."""
    done = CliRunner().invoke(main, ["train", *words.split()])
    assert (done.exit_code, done.stdout, asked) == (0, "", [handed])
    assert done.stderr.splitlines() == [
        "not here, and left out: cifar10",
        "without a price: generator pca",
        "nothing is to be trained",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("-n 0", "the number of workers is '0'; legal is 1 or more"),
        ("--executor threads", "Invalid value for '--executor': 'threads' is not one of 'local', 'ray'."),
        ("--look last", "Invalid value for '--look': 'last' is not one of 'first', 'most'."),
        ("--address auto", "--address is auto and the executor is local; legal is --executor ray"),
    ],
)
def test_what_is_not_legal(words: str, message: str, asked: list[list[str]]) -> None:
    """One line, before anything is collected."""
    done = CliRunner().invoke(main, ["train", *words.split()])
    assert (done.exit_code, asked) == (2, [])
    assert message.removesuffix(".") in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--claims-mutant zero-learning-rate", "nothing is trained beforehand under a mutant"),
        ("-m fullscale", "a fullscale claim needs a GPU and there is none"),
    ],
)
@pytest.mark.long
def test_sessions_for_which_nothing_is_trained(tmp_path: Path, words: str, message: str) -> None:
    """One line says why."""
    done = claims(outsider(tmp_path, toy_project.TRAINED), "train", "T01", *words.split(), *QUICK, "tests")
    assert done.returncode == 2
    assert message in done.stderr


SLOW = toy_project.TRAINED.replace('model="mlp-1x4"', 'model="alexnet-2"').replace("epochs=20", "epochs=30")
"""Nets that are trained one after another, so that some runs are done before others."""


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="workers are found by Linux's /proc")
def test_whoever_is_killed_nothing_is_lost_or_trained_twice(tmp_path: Path) -> None:
    """Workers and drivers end at random moments, by SIGKILL; then all is there, as if nobody had disturbed it."""
    outsider(tmp_path, SLOW)
    generator, store, found = random.Random(0), tmp_path / "store", set[tuple[str, int]]()
    asked = ("train", *SELECTED, "-n", "2", "--seeds", "12", "--store", str(store), *QUICK, "tests")
    for _ in range(2):
        driver = subprocess.Popen([sys.executable, "-m", "memorization_claims", *asked], cwd=tmp_path)
        for number in (1, 2):
            until_there_are(store, len(found) + number, driver)
            time.sleep(generator.uniform(0, 0.5))
            orphans = trainers(driver)
            os.kill(orphans[0] if number == 1 else driver.pid, signal.SIGKILL)
        driver.wait()
        while any(Path(f"/proc/{pid}").exists() for pid in orphans):
            time.sleep(0.05)
        assert found <= kept(store)
        found = kept(store)
    done = claims(tmp_path, *asked)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1].startswith(f"{24 - len(found)} of {24 - len(found)} in ")
    assert found <= kept(store)
    assert len(kept(store)) == 24
    assert leftovers(store) == []
    assert not list((store / "checkpoints").glob("*"))
    entries = judged(tmp_path, "--claims-seeds", "12", "--claims-store", str(store))
    assert trained(entries) == 0
    assert verdicts(entries) == verdicts(
        judged(tmp_path, "--claims-seeds", "12", "--claims-store", str(tmp_path / "b"))
    )


@pytest.mark.long
def test_workers_of_ray(tmp_path: Path) -> None:
    """The same claims, by Ray on this machine."""
    pytest.importorskip("ray")
    outsider(tmp_path, toy_project.TRAINED)
    asked = ("train", *SELECTED, "-n", "2", "--seeds", "12", "--executor", "ray", *QUICK, "tests")
    done = claims(tmp_path, *asked)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1].startswith("24 of 24 in ")
    assert trained(judged(tmp_path, "--claims-seeds", "12")) == 0


def kept(store: Path) -> set[tuple[str, int]]:
    """The keys of the runs that are there, with the moment at which each was saved."""
    found = (path for path in (store / "runs").glob("*/*") if not path.name.startswith("."))
    return {(path.name, (path / "manifest.json").stat().st_mtime_ns) for path in found}


def until_there_are(store: Path, runs: int, driver: subprocess.Popen[bytes]) -> None:
    """Wait for runs."""
    end = time.monotonic() + 1200
    while len(kept(store)) < runs:
        assert driver.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)


def trainers(driver: subprocess.Popen[bytes]) -> list[int]:
    """The processes that a driver has spawned to train."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            if parent == driver.pid and "--multiprocessing-fork" in (stat.parent / "cmdline").read_text():
                found.append(int(stat.parent.name))
    return found
