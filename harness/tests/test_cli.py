"""The command line, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from memorization_claims.cli import main as cli
from memorization_claims.controls import find
from memorization_claims.controls.find import mutants
from memorization_claims.controls.mutant import Mutant
from memorization_claims.tests.toy_project import ROOT

TWICE = """
import sys
from memorization_claims.cli.main import main
assert "torch" not in sys.modules
main(["list"], standalone_mode=False)
print("---")
main(["list", "--format", "json"], standalone_mode=False)
"""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's folder."""
    environment = {**os.environ, "COLUMNS": "100", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_the_list_of_claims() -> None:
    """Every claim with its sentence, source and items, for readers and for programs."""
    done = run("-c", TWICE)
    assert done.returncode == 0, done.stderr
    text, _, written = done.stdout.partition("---\n")
    claims = {(claim["id"], claim["part"]): claim for claim in json.loads(written)}
    assert list(claims) == sorted(claims)
    chance = claims["Z02", ""]
    assert chance["says"] == "A net that has fitted random labels is at chance on the test set."
    assert chance["source"] == "Zhang et al. 2017, section 2.1, table 1"
    assert (chance["kind"], chance["margin"]) == ("same", 0.05)
    assert {"fast Z02", "fullscale Z02"} <= set(chance["items"])
    assert "::" in chance["test"]
    assert (ROOT / chance["test"].split("::")[0]).is_file()
    assert {item.split("[")[0] for item in claims["Z01", ""]["items"]} == {"fast Z01", "fullscale Z01"}
    assert all(claim["refuted_by"] and claim["margin_reason"] for claim in claims.values())
    plain = " ".join(text.split())
    assert all(" ".join(claim["says"].split()) in plain for claim in claims.values())


@pytest.mark.parametrize("command", [("mutants", "--only", "typo"), ("mutants", "--only", "typo", "-m", "fast")])
def test_an_unknown_mutant(command: tuple[str, ...]) -> None:
    """It is refused before any claim is judged, in one line that lists the mutants."""
    done = run("-c", "from memorization_claims.cli.main import main; main()", *command)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == f"Error: unknown mutant 'typo'; legal are {', '.join(mutants())}, or package.module:NAME\n"


def entry(name: str, verdict: str, samples: float) -> dict[str, object]:
    """What a record says of one claim."""
    return {"id": name, "scale": "fast", "verdict": verdict, "samples": {"a": [samples]}}


def test_what_mutants_show(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A supported claim that no mutant fails is an error, and so is a mutant that no claim and no test notices."""
    whole = {name: entry(name, "supported", 1) for name in ("T01", "T02", "T03")} | {"T04": entry("T04", "refuted", 1)}
    names = ("zero-learning-rate", "labels-not-corrupted", "test-labels-corrupted")
    some = {name: find.find(name) for name in names}
    broken: tuple[dict[str, object], ...] = (
        {"T01": entry("T01", "refuted", 2), "T02": entry("T02", "supported", 2), "T04": entry("T04", "supported", 2)},
        {"T01": entry("T01", "supported", 3), "T02": entry("T02", "inconclusive", 3)},
        {},
    )

    def judged(sessions: tuple[object, ...], *only: str) -> tuple[int, str]:
        answers = iter(sessions)
        monkeypatch.setattr(cli, "_verdicts", lambda arguments: next(answers))
        monkeypatch.setattr(find, "mutants", lambda supplied=(): some)
        with pytest.raises(SystemExit) as ended:
            cli.main(["mutants", *only], standalone_mode=True)
        return int(ended.value.code or 0), " ".join(capsys.readouterr().out.split())

    status, told = judged((whole, *broken))
    assert status == 1
    assert "T03 at fast scale is failed by no mutant" in told
    assert "T04 at fast scale" not in told
    assert f"test-labels-corrupted is noticed by no claim; {some[names[2]].caught_by} catches it" in told
    assert "T01 supported zero-learning-rate (refuted) labels-not-corrupted" in told
    del whole["T03"]
    assert judged((whole, *broken))[0] == 0
    assert judged((whole, {}, broken[1], {}))[0] == 1
    status, told = judged((whole, {}), "--only", "zero-learning-rate")
    assert (status, "zero-learning-rate is noticed by no claim" in told) == (1, True)
    assert judged((whole, broken[1]), "--only", "labels-not-corrupted")[0] == 0
    judged((whole, *broken), "--save", str(tmp_path / "mutants.json"))
    saved = json.loads((tmp_path / "mutants.json").read_text(encoding="utf-8"))
    assert saved == {"T01": ["zero-learning-rate"], "T02": ["labels-not-corrupted"]}


@pytest.mark.parametrize("mutant", [mutant for mutant in mutants().values() if mutant.caught_by])
def test_what_catches_a_mutant_is_there(mutant: Mutant) -> None:
    """The test that is named for a mutant that no claim can notice exists."""
    path, name = mutant.caught_by.split("::")
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")
