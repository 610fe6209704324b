"""Many placebos and A/A tests of one session: they are those of sessions of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.tests import toy_project
from memorization_claims.tests.placebos import __main__ as command
from memorization_claims.tests.placebos.__main__ import PLUGIN
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


def test_controls_are_those_of_sessions(pytester: pytest.Pytester) -> None:
    """The same verdicts as under the options, and what compares nothing is left out."""
    toy_project.write(pytester.path, test_claims=CLAIMS)
    shared = (*toy_project.QUICK, "-m", "fast", "--claims-store=store", "-q", "test_claims.py")
    pytester.inline_run(*shared, *PLUGIN, "--placebos=2", "--placebos-file=found.json")
    found = json.loads((pytester.path / "found.json").read_text(encoding="utf-8"))
    assert {item: sorted(told) for item, told in found.items()} == {
        "T01": ["kind", "placebo"],
        "T02": ["aa", "kind", "placebo"],
    }
    for control, option in {"placebo": "--claims-placebo", "aa": "--claims-aa"}.items():
        pytester.inline_run(*shared, option, "--claims-placebo-seed=1", f"--claims-report={control}")
        entries = {entry["id"]: entry["verdict"] for entry in toy_project.record(pytester.path / control)["claims"]}
        assert set(entries) == {"T01", "T02"}
        for item, told in found.items():
            if control in told:
                assert entries[item] in told[control]
                assert (entries[item] == "supported") == (1 in told[control]["seeds"])


def test_the_command_writes_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And numbers as JSON; a session that goes wrong leaves neither."""
    claims = [{"id": id, "verdict": "supported", "runs": {"trained": 1}} for id in ("T01", "T03")]
    about = {"torch": "2.14", "device": "cpu", "commit": "abc"}
    record = {"claims": claims, "errors": [], "stopped": "", "environment": about}
    items = {"T01": {"kind": "above", "placebo": {"undecided": 3, "seeds": []}}}

    def hand_over(arguments: list[str]) -> tuple[dict[str, Any], int, str]:
        assert arguments[arguments.index("--placebos") + 1] == "3"
        Path(arguments[arguments.index("--placebos-file") + 1]).write_text(json.dumps(items), encoding="utf-8")
        return {"record": record}, status, "output"

    monkeypatch.setattr(command, "hand_over", hand_over)
    given = ["--seeds", "3", "--folder", str(tmp_path / "out")]
    status = 2
    assert command.main(given) == 2
    assert not (tmp_path / "out").exists()
    status = 1
    assert command.main(given) == 0
    result = json.loads((tmp_path / "out/placebos.json").read_text(encoding="utf-8"))
    counted = {"seeds": 3, "trained": 2, "claims": {"supported": 1}}
    assert result == {**counted, "environment": about, "items": items}
    assert (tmp_path / "out/placebos.md").read_text(encoding="utf-8") == markdown(result)


def test_a_false_support_is_told() -> None:
    """With the command that repeats it, and a share with its interval."""
    aa = {"refuted": 17, "undecided": 2, "supported": 1, "seeds": [4]}
    items: dict[str, Any] = {"T01[a]": {"kind": "above", "placebo": {"undecided": 20, "seeds": []}, "aa": aa}}
    claims = {"supported": 1, "refuted": 0, "undecided": 0}
    page = markdown({"seeds": 20, "trained": 0, "claims": claims, "environment": {"torch": "2"}, "items": items})
    assert "| 1 | 20 | 0 | 0 % [0, 16.8] | 0.05 % | 0 | 20 | 0 |" in page
    assert "| 1 | 20 | 1 | 5 % [0.127, 24.9] | 0.05 % | 17 | 2 | 1 |" in page
    assert "- `pytest claims -m fast --claims-aa --claims-placebo-seed 4 --claims-only 'T01[a]'`" in page
