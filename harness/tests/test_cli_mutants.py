"""`claims mutants`: what is told of broken science, and the sessions that it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from memorization_claims.cli import mutants as command
from memorization_claims.cli.main import main
from memorization_claims.cli.usage import UselessError
from memorization_claims.controls import find
from memorization_claims.controls.mutant import Mutant
from memorization_claims.reports import matrix as matrices
from memorization_claims.tests import toy_project
from memorization_claims.tests.command_line import claims, outsider
from memorization_claims.tests.matrix_samples import ASKED, CLEAN, IDLE, LABELS, MUTANTS, WHOLE, entry, matrix, record
from memorization_claims.tests.toy_project import ROOT

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


class Told:
    """The exit status and the words of the command where sessions come to these records, one after the other."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, *sessions: dict[str, Any], only: str = "", caught: bool | None = True
    ) -> None:
        answers, self.asked, self.run = iter(sessions), list[list[str]](), list[str]()

        def hand_over(arguments: list[str]) -> tuple[dict[str, Any], int, str]:
            self.asked.append(arguments)
            answer = next(answers)
            return ({"record": answer} if answer else {}), 1, "output"

        def fails(test: str, mutant: str) -> bool | None:
            self.run.append(mutant)
            return caught if test else None

        monkeypatch.setattr(command, "collect", lambda arguments, also: {"mutants": {"asked": ASKED, "known": MUTANTS}})
        monkeypatch.setattr(command, "hand_over", hand_over)
        monkeypatch.setattr(command, "fails", fails)
        done = CliRunner().invoke(main, ["mutants", *only.split()])
        self.status, self.out, self.err = done.exit_code, " ".join(done.stdout.split()), done.stderr


def test_what_mutants_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which claims fail with which, the cheap ones first; one that concerns none is not tried; a survivor's test is."""
    told = Told(monkeypatch, WHOLE, LABELS, IDLE, CLEAN)
    assert told.status == 0
    assert "T01 supported zero-learning-rate (refuted) labels-not-corrupted (undecided) T02" in told.out
    assert "T02 supported zero-learning-rate (refuted) labels-corrupted labels-not-corrupted (undecided)" in told.out
    assert "open-bump has nothing to break in these claims Mutation score: 3 of 3 (100 %) mutants" in told.out
    names = ["labels-corrupted", "zero-learning-rate", "labels-not-corrupted"]
    assert [asked[-1] for asked in told.asked] == ["fast", *names]
    assert told.run == ["labels-corrupted"]
    assert "judging them with labels-not-corrupted: labels are true" in told.err


def test_a_claim_that_no_mutant_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error if it is supported and all mutants were tried, and so is one that blunt ones alone fail."""
    lone = record(*WHOLE["claims"], entry("T03", "supported", 1))
    told = Told(monkeypatch, lone, LABELS, IDLE, CLEAN)
    assert told.status == 1
    assert "They fail with no mutant: T03." in told.out
    told = Told(monkeypatch, WHOLE, LABELS, IDLE, record(CLEAN["claims"][0]))
    assert told.status == 1
    assert "They fail with blunt mutants alone: T02." in told.out
    assert Told(monkeypatch, lone, CLEAN, only="--only labels-not-corrupted").status == 0


def test_a_mutant_that_nothing_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error unless its test fails, or is elsewhere; so is one with nothing to break, asked for by name."""
    for caught, status in ((True, 0), (None, 0), (False, 1)):
        assert Told(monkeypatch, WHOLE, LABELS, IDLE, CLEAN, caught=caught).status == status
    told = Told(monkeypatch, WHOLE, record(), only="--only zero-learning-rate")
    assert (told.status, "zero-learning-rate survives: no claim notices it" in told.out) == (1, True)
    told = Told(monkeypatch, WHOLE, only="--only open-bump")
    assert (told.status, "open-bump has nothing to break in these claims" in told.out) == (1, True)


def test_what_is_saved_is_not_judged_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A second call goes on with what the first was stopped before; a third only tells."""
    path = tmp_path / "mutants.json"
    stopped = Told(monkeypatch, WHOLE, LABELS, IDLE, only=f"--save {path}")
    assert stopped.status
    assert len(stopped.asked) == 4
    assert list(matrices.read(path)["mutants"]) == ["zero-learning-rate", "labels-corrupted"]
    went_on = Told(monkeypatch, CLEAN, only=f"--save {path}")
    assert (went_on.status, [asked[-1] for asked in went_on.asked], went_on.run) == (0, ["labels-not-corrupted"], [])
    assert went_on.err.startswith(f"{path} has the claims as they are and 2 mutants\n")
    assert matrices.read(path) == matrix()
    told = Told(monkeypatch, only=f"--save {path}")
    assert (told.status, told.out, told.asked) == (0, went_on.out, [])


def test_a_mutant_that_is_another_by_now(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is judged again, and one that is gone is forgotten."""
    made, path = matrix(), tmp_path / "mutants.json"
    made["mutants"]["labels-not-corrupted"]["code"] = "older"
    made["mutants"]["gone"] = made["mutants"]["labels-corrupted"]
    matrices.write(path, made)
    told = Told(monkeypatch, CLEAN, only=f"--save {path}")
    assert [asked[-1] for asked in told.asked] == ["labels-not-corrupted"]
    assert matrices.read(path) == matrix()


def test_what_is_saved_of_something_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is added to a file of other claims or code, or to one that is none, and nothing is judged."""
    made, path = matrix(), tmp_path / "mutants.json"
    made["asked"] |= {"items": "others", "code": "older"}
    matrices.write(path, made)
    told = Told(monkeypatch, only=f"--save {path}")
    assert (told.status, told.out, told.asked) == (2, "", [])
    assert told.err.startswith(f"Error: {path} was made with other items and code, so that nothing can be added to it")
    path.write_text("{}", encoding="utf-8")
    told = Told(monkeypatch, only=f"--save {path}")
    assert (told.status, "is no matrix of mutants" in told.err, told.asked) == (2, True, [])


def test_a_session_that_comes_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its command and output are shown, and the others are tried; tests that met errors under a mutant are counted."""
    told = Told(monkeypatch, WHOLE, LABELS, {}, {**CLEAN, "errors": [{"nodeid": "a", "message": "b"}]})
    assert told.status == 1
    assert "pytest -m fast --claims-mutant zero-learning-rate judged no claim, or met errors:\noutput\n" in told.err
    assert "labels-not-corrupted: 1 tests met errors." in told.out
    assert "Mutation score: 2 of 2" in told.out


def test_what_sessions_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The arguments of the command, at the scale that they name."""
    told = Told(monkeypatch, WHOLE, CLEAN, only="tests -mfullscale --only labels-not-corrupted -n 2")
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
    told = Told(monkeypatch, record())
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
    assert done.stderr.startswith("Error: the claims cannot be collected: two mutants have the name ")
    assert len(done.stderr.splitlines()) == 1


def test_a_project_without_claims(tmp_path: Path) -> None:
    """A line says so."""
    done = claims(outsider(tmp_path, "def test_nothing():\n    pass\n"), "mutants")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: no claims are collected by pytest -m fast; name their files or folder, or ")


CAUGHT = [mutant for mutant in find.mutants().values() if mutant.caught_by]


@pytest.mark.parametrize("mutant", CAUGHT, ids=lambda each: each.name)
def test_what_catches_a_mutant_is_there(mutant: Mutant) -> None:
    """The test that is named for a mutant that no claim can notice exists."""
    path, name = mutant.caught_by.split("::")
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_a_test_is_run_under_a_mutant(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails where it catches the mutant, and passes where it does not; one that is not here is not run."""
    monkeypatch.chdir(ROOT)
    of_exact = find.find("theorem-by-its-median").caught_by
    assert command.fails(of_exact, "theorem-by-its-median") is True
    assert command.fails("harness/tests/test_statistics_drift.py", "theorem-by-its-median") is False
    with pytest.raises(UselessError, match=r"test_none could not be run with theorem-by-its-median"):
        command.fails("harness/tests/test_statistics_exact.py::test_none", "theorem-by-its-median")
    assert command.fails("", "wrong-norm") is command.fails("elsewhere/test_a.py::test_b", "wrong-norm") is None


@pytest.mark.long
@pytest.mark.parametrize("mutant", CAUGHT, ids=lambda each: each.name)
def test_what_catches_a_mutant_fails_under_it(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the test is one that can see it."""
    monkeypatch.chdir(ROOT)
    assert command.fails(mutant.caught_by, mutant.name) is True
