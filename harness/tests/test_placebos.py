"""Many placebos and A/A tests of one session: they are those of sessions of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.tests import toy_project
from memorization_claims.tests.placebos.__main__ import PLUGIN, main
from memorization_claims.tests.placebos.page import markdown

CLAIMS = toy_project.HEADER + (
    '''
@toy("T01", margin=0.0)
def test_true(runs, judge):
    """True at every seed."""
    judge.given(made(runs, 9), "high", at_least=0)
    judge.above(made(runs, 9), "high", "low")


@toy("T02", margin=0.0)
def test_open(runs, judge):
    """True at every second seed, so that it is looked at more than once."""
    number = np.array(runs.seeds) % 2 - 0.5 + np.array(runs.seeds) / 1000
    judge.above(runs.samples("number", {"high": number, "low": 0 * number}), "high", "low")


@toy("T03", kind="bound", margin=0.0)
def test_bound(runs, judge):
    """Compares nothing."""
    judge.at_least(made(runs, 9), "high")
'''
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with these claims."""
    return toy_project.write(tmp_path_factory.mktemp("project"), test_claims=CLAIMS)


def test_controls_are_those_of_sessions(project: Path) -> None:
    """The same verdicts as under the options, and what compares nothing is left out."""
    shared = ("-m", "fast", "--claims-store=store", "-q")
    toy_project.session(project, *shared, *PLUGIN, "--placebos=2", "--placebos-file=found.json", "test_claims.py")
    found = json.loads((project / "found.json").read_text(encoding="utf-8"))
    assert {item: sorted(told) for item, told in found.items()} == {
        "T01": ["kind", "placebo"],
        "T02": ["aa", "kind", "placebo"],
    }
    for control, option in {"placebo": "--claims-placebo", "aa": "--claims-aa"}.items():
        toy_project.session(project, *shared, option, "--claims-placebo-seed=1", f"--claims-report={control}")
        entries = {entry["id"]: entry["verdict"] for entry in toy_project.record(project / control)["claims"]}
        assert set(entries) == {"T01", "T02"}
        for item, told in found.items():
            if control in told:
                assert entries[item] in told[control]
                assert (entries[item] == "supported") == (1 in told[control]["seeds"])


def test_the_command_writes_a_page(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And numbers as JSON; a session that goes wrong leaves neither."""
    monkeypatch.chdir(project)
    assert main(["--folder", str(tmp_path / "none"), *toy_project.QUICK, "-k", "nothing", "test_claims.py"]) == 2
    assert not (tmp_path / "none").exists()
    given = ["--seeds", "3", "--folder", str(tmp_path), *toy_project.QUICK, "--claims-store=store", "test_claims.py"]
    assert main(given) == 0
    result = json.loads((tmp_path / "placebos.json").read_text(encoding="utf-8"))
    assert set(result["items"]) == {"T01", "T02"}
    for told in result["items"].values():
        assert sum(count for verdict, count in told["placebo"].items() if verdict != "seeds") == 3
    assert (tmp_path / "placebos.md").read_text(encoding="utf-8") == markdown(result)
    assert result["claims"] == {"supported": 1, "undecided": 1}


def test_a_false_support_is_told() -> None:
    """With the command that repeats it, and a share with its interval."""
    aa = {"refuted": 17, "undecided": 2, "supported": 1, "seeds": [4]}
    items: dict[str, Any] = {"T01[a]": {"kind": "above", "placebo": {"undecided": 20, "seeds": []}, "aa": aa}}
    claims = {"supported": 1, "refuted": 0, "undecided": 0}
    page = markdown({"seeds": 20, "trained": 0, "claims": claims, "environment": {"torch": "2"}, "items": items})
    assert "| 1 | 20 | 0 | 0 % [0, 16.8] | 0.05 % | 0 | 20 | 0 |" in page
    assert "| 1 | 20 | 1 | 5 % [0.127, 24.9] | 0.05 % | 17 | 2 | 1 |" in page
    assert "- `pytest claims -m fast --claims-aa --claims-placebo-seed 4 --claims-only 'T01[a]'`" in page
