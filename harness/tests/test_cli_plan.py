"""`claims plan`: what is priced where it is called, and what its options do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from memorization_claims.cli import plan as command
from memorization_claims.cli.main import main
from memorization_claims.tests import toy_project
from memorization_claims.tests.command_line import claims, outsider

QUICK = ("-p", "no:cacheprovider", "-m", "fast")
NOTHING: dict[str, Any] = {"items": 1, "cases": 0, "missing": [], "unpriced": [], "jobs": [], "stages": [1]}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What sessions are given, in the place of sessions."""
    given: list[list[str]] = []

    def collect(arguments: list[str], also: str) -> dict[str, Any]:
        given.append(arguments)
        return {"price": NOTHING}

    monkeypatch.setattr(command, "collect", collect)
    return given


def test_the_price_of_a_project(tmp_path: Path) -> None:
    """Five claims share three arms; nothing is trained, and no store is made."""
    outsider(tmp_path, toy_project.TRAINED)
    done = claims(tmp_path, "plan", *QUICK, "-n", "3", "--json", "price.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "mlp-1x4" in done.stdout
    told = " ".join(done.stdout.split())
    assert "At the first look: 36 to train or fit for 5 items, 0 more are stored; " in told
    assert "with 3 workers, each on its own" in told
    assert "cpu: 0.06 TFLOP/s (0.03 in double precision)" in told
    saved = json.loads((tmp_path / "price.json").read_text(encoding="utf-8"))
    assert (saved["items"], saved["workers"], saved["device"]["name"]) == (5, 3, "cpu")
    assert [(job["first"], job["most"], job["passes"]["training"]) for job in saved["jobs"]] == [(12, 192, 600)] * 3
    (net,) = saved["nets"]
    assert (net["runs"], net["parameters"]) == (36, 64 * 4 + 4 + 4 * 10 + 10)
    assert saved["looks"]["most"]["runs"] == 3 * 192
    assert [(row["stage"], row["items"]) for row in saved["stages"]] == [(1, 3), (2, 1), (3, 1)]
    assert sum(row["seconds"] for row in saved["stages"]) == pytest.approx(saved["looks"]["first"]["seconds"])
    assert "stage  items" in done.stdout
    assert not (tmp_path / ".claims").exists()


def test_arguments_of_pytest_choose(tmp_path: Path) -> None:
    """A claim, the seeds and the base seed."""
    outsider(tmp_path, toy_project.TRAINED)
    seeds = ("--claims-seeds", "2", "--claims-base-seed", "700000")
    done = claims(tmp_path, "plan", *QUICK, *seeds, "-ktest_diverged", "--json", "price.json")
    assert done.returncode == 0, done.stdout + done.stderr
    saved = json.loads((tmp_path / "price.json").read_text(encoding="utf-8"))
    assert [(job["first"], job["most"]) for job in saved["jobs"]] == [(2, 2)]


def test_claims_that_train_nothing(tmp_path: Path) -> None:
    """A line says so."""
    done = claims(outsider(tmp_path), "plan", *QUICK)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 cases of theorems have no price: they train nothing." in " ".join(done.stdout.split())


@pytest.mark.parametrize("words", ["-n 3", "-n3", "--numprocesses 3", "--numprocesses=3", "--workers 3"])
def test_workers(words: str, asked: list[list[str]]) -> None:
    """They are those of pytest-xdist, which collects nothing with them."""
    done = CliRunner().invoke(main, ["plan", "-kbetween", *words.split(), "tests"])
    assert (done.exit_code, asked) == (0, [["-kbetween", "tests"]])
    assert "with 3 workers" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--device abacus", "unknown device 'abacus'; legal are cpu, h100, or one of --constants FILE"),
        ("-n auto", "the number of workers is 'auto'; legal is 1 or more"),
        ("--workers 0", "the number of workers is '0'; legal is 1 or more"),
        ("-n", "the number of workers is ''; legal is 1 or more"),
        ("--json nowhere/a.json", "--json is nowhere/a.json and there is no folder "),
        ("--constants nowhere.json", "constants of devices cannot be read from nowhere.json ("),
    ],
)
def test_what_is_not_legal(words: str, message: str, asked: list[list[str]]) -> None:
    """One line, before anything is collected."""
    done = CliRunner().invoke(main, ["plan", *words.split()])
    assert (done.exit_code, done.stdout, asked) == (2, "", [])
    assert done.stderr.startswith(f"Error: {message}")
    assert done.stderr.count("\n") == 1


def test_a_device_of_a_file(tmp_path: Path, asked: list[list[str]]) -> None:
    """By its name there, with its source."""
    numbers = {"tflops": 9, "double_tflops": 1, "gigabytes": 20, "launch": 5, "draw": 3}
    given = {"kind": "cuda", **numbers, "source": "measured here"}
    (tmp_path / "mine.json").write_text(json.dumps({"mine": given}), encoding="utf-8")
    done = CliRunner().invoke(main, ["plan", "--device", "mine", "--constants", str(tmp_path / "mine.json")])
    assert done.exit_code == 0
    assert (
        "mine: 9 TFLOP/s (1 in double precision), 20 GB/s, 5 us an operation, 3 ns to draw a value; measured here."
        in " ".join(done.stdout.split())
    )


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (999.6, "1k"), (22_634, "22.6k"), (8.18e6, "8.18M"), (2.5e15, "2.5P")]
)
def test_short_numbers(number: float, text: str) -> None:
    """Three digits and a letter."""
    assert command.short(number) == text
