"""`claims mutants`: what is told of broken science, and the sessions that it takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from memorization_claims.cli import mutants as command
from memorization_claims.cli.main import main
from memorization_claims.controls import find
from memorization_claims.controls.mutant import Mutant
from memorization_claims.tests import toy_project
from memorization_claims.tests.command_line import claims, outsider
from memorization_claims.tests.toy_project import ROOT

MUTANTS = {
    "zero-learning-rate": {"says": "nothing is learned", "caught_by": "", "concerns": True},
    "labels-not-corrupted": {"says": "labels are true", "caught_by": "", "concerns": True},
    "labels-corrupted": {"says": "all labels are random", "caught_by": "tests/test_data.py::test_a", "concerns": True},
    "open-bump": {"says": "of theorems alone", "caught_by": "", "concerns": False},
}
TRAINED = toy_project.HEADER + (
    '''
@toy("T01")
def test_supported(runs, judge):
    """Training raises training accuracy."""
    judge.above(runs.final("train_accuracy"), "learns", "rests")
'''
)
CONFTEST = """
from memorization_claims.controls.mutant import Mutant


def pytest_claims_mutants():
    return [Mutant("slow-start", "nets hardly learn", setting=lambda setting: setting.trained(rate=1e-9))]
"""


def entry(name: str, verdict: str, samples: float) -> dict[str, Any]:
    """What a record says of one claim."""
    told = {"id": name, "nodeid": name, "scale": "fast", "verdict": verdict, "samples": {"a": [samples]}}
    return {**told, "count": {"runs": 12, "beyond": 12 if verdict == "supported" else 0}}


WHOLE = (entry("T01", "supported", 1), entry("T02", "supported", 1), entry("T04", "refuted", 1))
FIRST = (entry("T01", "refuted", 2), entry("T02", "supported", 2), entry("T04", "supported", 2))
SECOND = (entry("T01", "supported", 3), entry("T02", "undecided", 3))


@pytest.mark.parametrize(
    ("verdict", "runs", "beyond", "noticed"),
    [
        ("supported", 40, 36, False),
        ("undecided", 40, 30, False),
        ("undecided", 40, 20, True),
        ("undecided", 64, 40, True),
        ("refuted", 12, 0, True),
    ],
)
def test_too_few_runs_are_no_notice(verdict: str, runs: int, beyond: int, noticed: bool) -> None:
    """A claim that took 64 runs is not failed by a mutant under which most of 40 still show it."""
    whole = {"verdict": "supported", "count": {"runs": 64, "beyond": 48}}
    broken = {"verdict": verdict, "count": {"runs": runs, "beyond": beyond}}
    assert command.notices(whole, broken) is noticed


class Told:
    """The exit status and the words of the command where sessions come to these entries, one after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *sessions: tuple[dict[str, Any], ...], only: str = "") -> None:
        answers, self.asked = iter(sessions), list[list[str]]()

        def hand_over(arguments: list[str]) -> tuple[dict[str, Any], int, str]:
            self.asked.append(arguments)
            return {"record": {"claims": list(next(answers)), "errors": []}}, 1, "output"

        monkeypatch.setattr(command, "collect", lambda arguments, also: {"mutants": MUTANTS})
        monkeypatch.setattr(command, "hand_over", hand_over)
        done = CliRunner().invoke(main, ["mutants", *only.split()])
        self.status, self.out, self.err = done.exit_code, " ".join(done.stdout.split()), done.stderr


def test_what_mutants_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which claims fail with which; a mutant that concerns none is not tried."""
    told = Told(monkeypatch, WHOLE, FIRST, SECOND, ())
    assert told.status == 0
    assert "T01 supported zero-learning-rate (refuted) labels-not-corrupted" in told.out
    assert "labels-corrupted is noticed by no claim; tests/test_data.py::test_a catches it" in told.out
    assert "open-bump has nothing to break in these claims" in told.out
    assert [asked[-1] for asked in told.asked] == ["fast", *list(MUTANTS)[:3]]
    assert "judging them with labels-not-corrupted: labels are true" in told.err


def test_a_claim_that_no_mutant_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error if it is supported and all mutants were tried."""
    lone = entry("T03", "supported", 1)
    told = Told(monkeypatch, (*WHOLE, lone), FIRST, SECOND, ())
    assert told.status == 1
    assert "T03 at fast scale is failed by no mutant" in told.out
    assert "T04 at fast scale" not in told.out
    assert Told(monkeypatch, (*WHOLE, lone), SECOND, only="--only labels-not-corrupted").status == 0


def test_a_mutant_that_nothing_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error, and so is one with nothing to break where it was asked for by name."""
    assert Told(monkeypatch, WHOLE, FIRST, (), ()).status == 1
    told = Told(monkeypatch, WHOLE, (), only="--only zero-learning-rate")
    assert (told.status, "zero-learning-rate is noticed by no claim" in told.out) == (1, True)
    told = Told(monkeypatch, WHOLE, only="--only open-bump")
    assert (told.status, "open-bump has nothing to break in these claims" in told.out) == (1, True)


def test_what_is_saved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The mutants that take the support of each supported claim, by its test."""
    Told(monkeypatch, WHOLE, FIRST, SECOND, (), only=f"--save {tmp_path / 'mutants.json'}")
    saved = json.loads((tmp_path / "mutants.json").read_text(encoding="utf-8"))
    assert saved == {"T01": ["zero-learning-rate"], "T02": ["labels-not-corrupted"]}


def test_what_sessions_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The arguments of the command, at the scale that they name."""
    told = Told(monkeypatch, WHOLE, SECOND, only="tests -mfullscale --only labels-not-corrupted -n 2")
    assert told.asked == [
        ["-q", "tests", "-mfullscale", "-n", "2"],
        ["-q", "tests", "-mfullscale", "-n", "2", "--claims-mutant", "labels-not-corrupted"],
    ]


def test_an_unknown_mutant(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before any claim is judged, in one line that lists the mutants."""
    told = Told(monkeypatch, only="--only typo")
    assert (told.status, told.out, told.asked) == (2, "", [])
    assert told.err == f"Error: unknown mutant 'typo'; legal are {', '.join(MUTANTS)}\n"


def test_a_session_that_judges_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its command and output are shown."""
    told = Told(monkeypatch, ())
    assert told.status == 2
    assert "pytest -m fast judged no claim, or met errors:\noutput\n" in told.err


def test_the_claims_of_a_project(tmp_path: Path) -> None:
    """They are judged in the current folder with one store, the project's own mutants too, and none writes a report."""
    (outsider(tmp_path, TRAINED) / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    names = ("--only", "zero-learning-rate", "--only", "slow-start")
    done = claims(tmp_path, "mutants", *names, "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "judging them with slow-start: nets hardly learn\n" in done.stderr
    assert "T01    supported  zero-learning-rate (" in done.stdout
    assert "slow-start (" in done.stdout
    assert not list(tmp_path.rglob("verdicts.json")) + list(tmp_path.rglob("report.*"))
    assert (tmp_path / ".claims/store").is_dir()


def test_two_mutants_of_one_name(tmp_path: Path) -> None:
    """They are refused before anything is judged."""
    twice = CONFTEST.replace("slow-start", "zero-learning-rate")
    (outsider(tmp_path, TRAINED) / "conftest.py").write_text(twice, encoding="utf-8")
    done = claims(tmp_path, "mutants", "-p", "no:cacheprovider")
    assert (done.returncode, done.stdout) == (2, "")
    assert "ERROR: two mutants " in done.stderr


def test_a_project_without_claims(tmp_path: Path) -> None:
    """A line says so."""
    done = claims(outsider(tmp_path, "def test_nothing():\n    pass\n"), "mutants")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: no claims are collected by pytest -m fast; name their files or folder, or ")


@pytest.mark.parametrize(
    "mutant", [mutant for mutant in find.mutants().values() if mutant.caught_by], ids=lambda each: each.name
)
def test_what_catches_a_mutant_is_there(mutant: Mutant) -> None:
    """The test that is named for a mutant that no claim can notice exists."""
    path, name = mutant.caught_by.split("::")
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")
