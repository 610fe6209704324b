"""Sessions: outcomes, records, workers, and stores that are damaged, in processes of their own."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.tests import toy_project

VERDICTS = {
    "T01": "supported",
    "T02": "refuted",
    "T03": "undecided",
    "T04": "undecided",
    "T05[unfit]": "undecided",
    "T11": "refuted",
    "T12": "supported",
    "T13": "undecided",
    "T20": "undecided",
    "T21": "refuted",
    "T17": "supported",
    "T18[2]": "supported",
    "T18[3]": "supported",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with claims of every outcome."""
    folder = tmp_path_factory.mktemp("project")
    return toy_project.write(folder, test_trained=toy_project.TRAINED, test_others=toy_project.OTHERS)


@pytest.fixture(scope="module")
def first(project: Path) -> subprocess.CompletedProcess[str]:
    """A session that finds an empty store; its record lies in `first`."""
    return toy_project.session(
        project, "--claims-store=alone", "--claims-report=first", "test_trained.py", "test_others.py"
    )


@pytest.fixture(scope="module")
def workers(project: Path) -> subprocess.CompletedProcess[str]:
    """The same session with two workers and a store of its own; its record lies in `workers`."""
    files = ("test_trained.py", "test_others.py")
    return toy_project.session(project, "--claims-store=shared", "--claims-report=workers", "-n2", *files)


def by_id(record: dict[str, Any]) -> dict[str, Any]:
    """The entries of a record by claim."""
    return {entry["id"]: entry for entry in record["claims"]}


def without_time(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries without what the clock and the store decide."""
    return [{key: value for key, value in each.items() if key not in ("seconds", "runs")} for each in record["claims"]]


def section(output: str, title: str) -> str:
    """What stands under a heading of pytest's, up to the next."""
    return output.split(f" {title} ")[1].split("\n___")[0].split("\n===")[0].partition("\n")[2]


def damage(store: Path) -> Path:
    """Flip a bit of one run in a store."""
    file = min(store.glob("runs/*/*/arrays.safetensors"))
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    return file.parent


def test_every_outcome(project: Path, first: subprocess.CompletedProcess[str]) -> None:
    """Each claim ends as it should, and what raises or judges nothing has no verdict."""
    assert first.returncode == 1
    assert {id: entry["verdict"] for id, entry in by_id(toy_project.record(project / "first")).items()} == VERDICTS
    assert "5 failed, 4 passed, 18 skipped, 2 xfailed, 5 undecided" in first.stdout


def test_what_is_drawn_reaches_the_record(
    project: Path, first: subprocess.CompletedProcess[str], workers: subprocess.CompletedProcess[str]
) -> None:
    """With and without workers."""
    (panel,) = toy_project.record(project / "first")["figures"]
    assert (panel["figure"], panel["item"], panel["ylabel"]) == ("1a", "T01", "loss")
    assert [line["label"] for line in panel["series"]] == ["learns", "rests"]
    assert toy_project.record(project / "workers")["figures"] == [panel]


def test_a_refuted_claim_says_why(first: subprocess.CompletedProcess[str]) -> None:
    """The failure is the claim and the reason, without a traceback into the harness."""
    says, reason = section(first.stdout, "test_refuted[fast]").splitlines()
    assert says == "T02 The claim of T02."
    assert reason.startswith("refuted: 12 runs, 12 short of the margin 0.05 (12 decide); median -0.")
    assert reason.endswith("; p = 0.00024")
    assert "[XPASS(strict)] T12 refuted: the opposite" in first.stdout


def test_an_error_is_no_verdict(project: Path, first: subprocess.CompletedProcess[str]) -> None:
    """Exceptions, a missing verdict and a second one are listed as errors, each with its message."""
    assert [tuple(error.values()) for error in toy_project.record(project / "first")["errors"]] == [
        ("test_others.py::test_raises[fast]", "ZeroDivisionError: division by zero"),
        (
            "test_others.py::test_without_verdict[fast]",
            "Failed: the test of a claim ended without a verdict: call one procedure of `judge`",
        ),
        (
            "test_others.py::test_two_verdicts[fast]",
            "TypeError: T16 is judged twice; write one test for each verdict",
        ),
    ]


def test_why_a_claim_is_undecided(project: Path, first: subprocess.CompletedProcess[str]) -> None:
    """Divergence names the epoch, a precondition its numbers."""
    entries = by_id(toy_project.record(project / "first"))
    lost = "11 of 12 runs count for neither answer: 'learns' at seed 1 gave no number: it diverged at epoch 20"
    assert entries["T04"]["because"].endswith(f"; {lost}")
    assert entries["T04"]["seeds"] == [0]
    because = entries["T05[unfit]"]["because"]
    assert "precondition failed at 12 of 12 runs, which count for neither answer: train accuracy of 'rests'" in because
    assert len(entries["T05[unfit]"]["seeds"]) == 12


def test_an_open_question_fails_nothing(project: Path) -> None:
    """What is known to be undecided may stay so, and may be decided."""
    done = toy_project.session(project, "-m", "fast", "test_others.py", "-k", "known_undecided or decided_since")
    assert done.returncode == 0, done.stdout
    assert "1 xfailed, 1 undecided" in done.stdout
    assert "undecided, known" in done.stdout
    assert "now refuted" in done.stdout


def test_what_is_skipped_says_why(project: Path, first: subprocess.CompletedProcess[str]) -> None:
    """Fullscale claims want a GPU, a claim about its own data wants the data."""
    skipped = {each["nodeid"]: each["reason"] for each in toy_project.record(project / "first")["skipped"]}
    assert len(skipped) == 18
    gpu = "a fullscale claim needs a GPU and there is none; --claims-device cpu runs it on the CPU all the same"
    assert skipped["test_trained.py::test_supported[fullscale]"] == gpu
    reason = skipped["test_others.py::test_missing_data[fast-one]"]
    assert reason.startswith(f"cifar10 is not in {project}: put cifar10.npz there")
    assert "--claims-data-root" in reason
    assert "--claims-download" in reason


def test_the_terminal_shows_it(first: subprocess.CompletedProcess[str]) -> None:
    """Progress goes to standard error; the table keeps to the width of the terminal and names every claim."""
    assert "T01: training 24 runs: mlp-1x4 on digits, 20 epochs at most" in first.stderr
    table = section(first.stdout, "verdicts")
    assert max(map(len, table.splitlines())) <= 80
    assert set(VERDICTS) <= {line.split()[0] for line in table.splitlines() if line.strip()}
    assert "record: " in table


def test_workers_reach_the_same_record(
    project: Path, first: subprocess.CompletedProcess[str], workers: subprocess.CompletedProcess[str]
) -> None:
    """Ids, verdicts, samples, reasons, errors and skips cross the border between processes unchanged."""
    alone, shared = toy_project.record(project / "first"), toy_project.record(project / "workers")
    assert workers.returncode == 1
    assert without_time(shared) == without_time(alone)
    assert {tuple(each.values()) for each in shared["errors"]} == {tuple(each.values()) for each in alone["errors"]}
    assert {tuple(each.values()) for each in shared["skipped"]} == {tuple(each.values()) for each in alone["skipped"]}
    assert shared["summary"] | {"seconds": alone["summary"]["seconds"]} == alone["summary"]
    assert shared["environment"] == alone["environment"]
    assert "training 24 runs: mlp-1x4 on digits" in workers.stderr


def test_two_workers_train_a_run_once(project: Path, workers: subprocess.CompletedProcess[str]) -> None:
    """The 24 runs that all claims share and the 12 that diverge are trained by whoever comes first."""
    entries = toy_project.record(project / "workers")["claims"]
    assert sum(entry["runs"]["trained"] for entry in entries) <= 36
    assert len(list((project / "shared").glob("runs/*/*/manifest.json"))) == 36


def test_a_second_session_trains_nothing(project: Path, first: subprocess.CompletedProcess[str]) -> None:
    """With the files in the other order it reaches the same verdicts from the store, quietly."""
    files = ("test_others.py", "test_trained.py")
    again = toy_project.session(project, "--claims-store=alone", "--claims-report=again", "-q", *files)
    record = toy_project.record(project / "again")
    assert without_time(record) == without_time(toy_project.record(project / "first"))
    assert {entry["runs"]["trained"] for entry in record["claims"]} == {0}
    assert {entry["runs"]["reused"] for entry in record["claims"]} == {0, 12, 24}
    assert again.stderr == ""
    assert "damaged" not in again.stdout


@pytest.mark.parametrize(
    "arguments", [("--claims-store=alone",), ("--claims-store=shared", "-n2", "-q")], ids=["alone", "workers"]
)
def test_a_damaged_run_is_trained_again(
    project: Path,
    first: subprocess.CompletedProcess[str],
    workers: subprocess.CompletedProcess[str],
    arguments: tuple[str, ...],
) -> None:
    """That run alone; the session says so, and the verdicts are as before."""
    place = damage(project / arguments[0].removeprefix("--claims-store="))
    report = ("--claims-report=mended", "--claims-allow-undecided", "-k", "not refuted", "test_trained.py")
    session = toy_project.session(project, *arguments, *report)
    before, record = by_id(toy_project.record(project / "first")), toy_project.record(project / "mended")
    because = "arrays.safetensors does not match its checksum. It was dropped and will be trained again."
    assert sum(line.startswith("damaged: ") for line in session.stdout.splitlines()) == 1
    assert f"damaged: {place} was damaged: {because}" in session.stdout
    assert sum(entry["runs"]["trained"] for entry in record["claims"]) == 1
    assert [each["verdict"] for each in record["claims"]] == [
        before[each["id"]]["verdict"] for each in record["claims"]
    ]
    assert [each["samples"] for each in record["claims"]] == [
        before[each["id"]]["samples"] for each in record["claims"]
    ]
    # All that is left is supported or undecided, and undecided is allowed.
    assert session.returncode == 0
    assert ("training" in session.stderr) == ("-q" not in arguments)
