"""The command line, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from harness.controls.mutants import MUTANTS
from harness.tests.toy_project import ROOT

TWICE = """
import sys
from harness.cli import main
assert "torch" not in sys.modules
main(["list"], standalone_mode=False)
print("---")
main(["list", "--format", "json"], standalone_mode=False)
"""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "CUDA_VISIBLE_DEVICES": ""}
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
    assert {item.split("[")[0] for item in claims["Z01", ""]["items"]} == {"fast Z01", "fullscale Z01"}
    assert all(claim["refuted_by"] and claim["margin_reason"] for claim in claims.values())
    plain = " ".join(text.split())
    assert all(" ".join(claim["says"].split()) in plain for claim in claims.values())


@pytest.mark.parametrize("command", [("mutants", "--only", "typo"), ("mutants", "--only", "typo", "-m", "fast")])
def test_an_unknown_mutant(command: tuple[str, ...]) -> None:
    """It is refused before any claim is judged, in one line that lists the mutants."""
    done = run("-c", "from harness.cli import main; main()", *command)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == f"Error: unknown mutant 'typo'; legal are {', '.join(MUTANTS)}\n"
