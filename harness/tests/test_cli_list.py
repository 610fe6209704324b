"""`claims list`: what is collected where it is called, or of the paths that are given."""

from __future__ import annotations

import json
from pathlib import Path

from memorization_claims.tests.command_line import CLAIM, claims, outsider

NONE = "name their files or folder, or --pyargs memorization_claims.claims for those of the three papers\n"


def test_the_claims_of_the_three_papers(tmp_path: Path) -> None:
    """From anywhere: each with its sentence, source and items, in the order of their ids."""
    done = claims(tmp_path, "list", "--format", "json", "--pyargs", "memorization_claims.claims")
    assert (done.returncode, done.stderr) == (0, "")
    found = {(claim["id"], claim["part"]): claim for claim in json.loads(done.stdout)}
    assert list(found) == sorted(found)
    chance = found["Z02", ""]
    assert chance["says"] == "A net that has fitted random labels is at chance on the test set."
    assert chance["source"] == "Zhang et al. 2017, section 2.1, table 1 and figure 1c"
    assert (chance["kind"], chance["margin"]) == ("same", 0.05)
    assert {"fast Z02[cnn-16]", "fullscale Z02[inception]"} <= set(chance["items"])
    assert chance["test"].endswith("zhang2017/test_random_labels.py::test_random_labels_leave_the_test_set_at_chance")
    assert {item.split("[")[0] for item in found["Z01", ""]["items"]} == {"fast Z01", "fullscale Z01"}
    assert all(claim["refuted_by"] and claim["margin_reason"] for claim in found.values())


def test_the_claims_of_a_project(tmp_path: Path) -> None:
    """Those that pytest collects in the current folder, in words."""
    done = claims(outsider(tmp_path), "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "T18  The claim of T18.",
        "     refuted by its opposite",
        "     Toy et al. 2020, nowhere; fast T18[2], fast T18[3], fullscale T18[2], fullscale T18[3]",
    ]


def test_the_claims_of_a_path(tmp_path: Path) -> None:
    """Arguments of pytest choose among them."""
    outsider(outsider(tmp_path), CLAIM.replace("T18", "T19"), "other")
    done = claims(tmp_path, "list", "tests/test_other.py", "-m", "fast", "--format=json")
    (found,) = json.loads(done.stdout)
    assert found["items"] == ["fast T19[2]", "fast T19[3]"]
    assert found["test"] == "tests/test_other.py::test_exact"


def test_a_project_without_claims(tmp_path: Path) -> None:
    """A line says so, and how to name a path."""
    done = claims(tmp_path, "list")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"Error: no claims are collected from the tests of this folder; {NONE}"
    outsider(tmp_path, "def test_nothing():\n    pass\n")
    done = claims(tmp_path, "list", "tests")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"Error: no claims are collected by pytest tests; {NONE}"


def test_errors_in_collection(tmp_path: Path) -> None:
    """They are shown as pytest shows them."""
    done = claims(outsider(tmp_path, "import nowhere_to_be_found\n"), "list")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: the claims cannot be collected:\n")
    assert "No module named 'nowhere_to_be_found'" in done.stderr
    done = claims(tmp_path, "list", "--no-such-option")
    assert done.returncode == 2
    assert "unrecognized arguments: --no-such-option" in done.stderr
    done = claims(tmp_path, "list", "no_such_folder")
    assert done.returncode == 2
    assert "not found: no_such_folder" in done.stderr
