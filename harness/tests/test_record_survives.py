"""The record is written however a session ends and whatever it shows, and holds each claim once."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from memorization_claims.session import signals
from memorization_claims.tests import toy_project

ENDS = (
    toy_project.THEOREM
    + '''
@toy("T20", kind="exact", fast=Cases(number=3))
def test_that_ends_the_session(cases, judge):
    """One that does what the test says."""
    import os, signal
    ENDING


@toy("T21", kind="exact", fast=Cases(number=3))
def test_later(cases, judge):
    """A theorem that is not reached."""
    judge.exact(*cases.errors(lambda generator: (1e-9, 1e-8), "error"))
'''
)
SENT_TO_PARENT = """
    process = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    try:
        os.kill(process, signal.SIGTERM)
    finally:
        os.kill(process, signal.SIGTERM)
"""
RERUNS = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for attempt in range(3):
        if attempt:
            item._initrequest()
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        again = attempt < 2 and any(report.failed for report in reports)
        for report in reports:
            if again and report.failed:
                report.outcome = "rerun"
            item.ihook.pytest_runtest_logreport(report=report)
            if report.outcome == "rerun":
                break
        if not again:
            return True

def pytest_report_teststatus(report):
    if report.outcome == "rerun":
        return "rerun", "R", ("RERUN", {"yellow": True})
"""
RERUN = (
    toy_project.HEADER
    + '''
tried = []


@toy("T01")
def test_refuted_each_time(runs, judge, draw):
    """Training lowers training accuracy."""
    draw.course(PAPER.figure("1a", "Training loss falls."), runs, "loss")
    judge.above(runs.final("train_accuracy"), "rests", "learns")


@toy("T03")
def test_undecided_each_time(runs, judge):
    """Neither."""
    judge.above(made(runs, 0.1), "high", "low")


@toy("T14")
def test_raises_each_time(runs, judge):
    """A test that goes wrong."""
    1 / 0


@toy("T18", kind="exact", fast=Cases(number=3))
def test_supported_at_last(cases, judge):
    """It raises, is refuted, and is supported."""
    tried.append(1)
    assert len(tried) > 1
    judge.exact(*cases.errors(lambda generator: (1.0 if len(tried) == 2 else 1e-9, 1e-8), "error"))
'''
)


def inside(pytester: pytest.Pytester, *arguments: str, **how: Any) -> pytest.RunResult:
    """A session in this process that is to leave a record."""
    return pytester.runpytest_inprocess(*toy_project.QUICK, "-m", "fast", "--claims-report=record", *arguments, **how)


def ids(folder: Path) -> list[str]:
    """The items that a record holds."""
    return [entry["id"] for entry in toy_project.record(folder)["claims"]]


@pytest.mark.parametrize(
    "arguments",
    [("--no-summary",), ("-p", "no:terminal"), ("-q", "-q"), ("-p", "no:cacheprovider", "-s")],
    ids=" ".join,
)
def test_whatever_is_shown(pytester: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    """Record and report are there."""
    toy_project.write(pytester.path, test_claims=toy_project.THEOREM)
    assert inside(pytester, *arguments).ret == 0
    assert ids(pytester.path / "record") == ["T18[2]", "T18[3]"]
    assert (pytester.path / "record/report.html").exists()


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "workers"])
def test_a_signal_is_an_interruption(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """What was judged is recorded with the name of the signal; it is sent twice, as `timeout` does."""
    toy_project.write(tmp_path, test_claims=ENDS.replace("ENDING", SENT_TO_PARENT))
    done = toy_project.session(tmp_path, "-m", "fast", "--claims-report=record", *workers)
    assert done.returncode == pytest.ExitCode.INTERRUPTED, done.stdout + done.stderr
    assert toy_project.record(tmp_path / "record")["stopped"] == "SIGTERM"
    assert "record: " in done.stdout
    assert workers or ids(tmp_path / "record") == ["T18[2]", "T18[3]"]


@pytest.mark.parametrize(
    ("ending", "arguments", "stopped", "status"),
    [
        ("raise KeyboardInterrupt", (), "interrupted", 2),
        ("1 / 0", ("-x",), "stopping after 1 failures", 1),
        ("pytest.exit('enough', 7)", (), "exit status 7", 7),
    ],
    ids=["ctrl-c", "x", "exit"],
)
def test_however_it_ends(
    pytester: pytest.Pytester, ending: str, arguments: tuple[str, ...], stopped: str, status: int
) -> None:
    """What was judged is recorded, and why the rest was not."""
    toy_project.write(pytester.path, test_claims=ENDS.replace("ENDING", ending))
    assert inside(pytester, *arguments, no_reraise_ctrlc=True).ret == status
    assert toy_project.record(pytester.path / "record")["stopped"] == stopped
    assert ids(pytester.path / "record") == ["T18[2]", "T18[3]"]


@pytest.mark.parametrize("name", signals.NAMES)
def test_a_signal_is_handled_once_and_given_back(name: str) -> None:
    """The first interrupts, the second is left out, and nothing stays behind."""
    number, handler = getattr(signal, name), signals.Handler()
    before = signal.signal(number, signal.SIG_DFL)  # whatever started this process may ignore it
    handler.install()
    try:
        with pytest.raises(KeyboardInterrupt, match=name):
            signal.raise_signal(number)
        signal.raise_signal(number)
    finally:
        handler.restore()
        found = signal.signal(number, before)
    assert handler.received == name
    assert found is signal.SIG_DFL


def test_what_others_do_with_a_signal_stays() -> None:
    """One that is ignored, as under nohup, or handled by somebody; and in a thread nothing can be handled."""
    handler = signals.Handler()
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        handler.install()
        signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        handler.restore()
        signal.signal(signal.SIGHUP, before)
    thread = threading.Thread(target=handler.install)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_worker_that_dies_leaves_an_error(tmp_path: Path) -> None:
    """The others are judged and recorded."""
    toy_project.write(tmp_path, test_claims=ENDS.replace("ENDING", "os._exit(9)"))
    done = toy_project.session(tmp_path, "-m", "fast", "--claims-report=record", "-n2", "--no-summary")
    assert done.returncode == 1, done.stdout + done.stderr
    assert ids(tmp_path / "record") == ["T18[2]", "T18[3]", "T21"]
    (error,) = toy_project.record(tmp_path / "record")["errors"]
    assert error["nodeid"] == "test_claims.py::test_that_ends_the_session[fast]"
    assert "crashed" in error["message"]


def test_a_worker_that_dies_after_a_verdict_leaves_it(tmp_path: Path) -> None:
    """The verdict was reported, and the death is an error beside it."""
    dies = """
import os
import pytest

@pytest.fixture(autouse=True)
def dying(request):
    yield
    if "later" in request.node.name:
        os._exit(9)
"""
    toy_project.write(tmp_path, test_claims=ENDS.replace("ENDING", "pass"), conftest=dies)
    toy_project.session(tmp_path, "-m", "fast", "--claims-report=record", "-n1", "-k", "later")
    assert ids(tmp_path / "record") == ["T21"]
    (error,) = toy_project.record(tmp_path / "record")["errors"]
    assert "crashed" in error["message"]


@pytest.mark.parametrize("arguments", [(), ("--no-summary",), ("-p", "no:terminal")], ids=" ".join)
def test_a_record_that_cannot_be_written_costs_no_verdict(
    pytester: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    """One line says so, after the table if there is one, and the exit status is that of something that broke."""
    toy_project.write(pytester.path, test_claims=ENDS.replace("ENDING", "open('record', 'w').close()"))
    result = inside(pytester, "-k", "not later", *arguments)
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    lines = [line for line in (*result.outlines, *result.errlines) if line.startswith("no record")]
    assert len(lines) == 1
    assert lines[0].startswith(f"no record in {pytester.path}/record: FileExistsError: ")
    assert arguments or any("supported" in line for line in result.outlines)


def test_a_refused_session_leaves_an_earlier_record(pytester: pytest.Pytester) -> None:
    """A claim that there is not."""
    toy_project.write(pytester.path, test_claims=toy_project.THEOREM)
    (pytester.path / "record").mkdir()
    (pytester.path / "record/verdicts.json").write_text("{}", encoding="utf-8")
    assert inside(pytester, "--claims-only=T99").ret == pytest.ExitCode.USAGE_ERROR
    assert (pytester.path / "record/verdicts.json").read_text(encoding="utf-8") == "{}"


@pytest.fixture(scope="module")
def rerun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A session in which each test that fails is run three times."""
    folder = toy_project.write(tmp_path_factory.mktemp("rerun"), test_claims=RERUN, conftest=RERUNS)
    arguments = ("-m", "fast", "--claims-report=record", "--junitxml=junit.xml")
    return folder, toy_project.session(folder, *arguments)


def test_a_claim_that_is_run_again_is_recorded_once(rerun: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Its last attempt counts: one entry, one error, one set of panels; and the terminal counts as it does."""
    folder, done = rerun
    made: dict[str, Any] = toy_project.record(folder / "record")
    verdicts = {entry["id"]: entry["verdict"] for entry in made["claims"]}
    assert verdicts == {"T01": "refuted", "T03": "undecided", "T18": "supported"}
    assert [error["nodeid"].split("::")[1] for error in made["errors"]] == ["test_raises_each_time[fast]"]
    assert len(made["figures"]) == 1
    counted = {key: made["summary"][key] for key in ("supported", "refuted", "undecided", "errors", "skipped")}
    assert counted == {"supported": 1, "refuted": 1, "undecided": 1, "errors": 1, "skipped": 0}
    assert "2 failed, 1 passed, 4 deselected, 6 rerun, 1 undecided" in done.stdout


def test_junit_tells_the_last_attempt(rerun: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Each property once."""
    for case in ElementTree.parse(rerun[0] / "junit.xml").iter("testcase"):
        names = [each.get("name") for each in case.iter("property")]
        assert len(names) == len(set(names)), json.dumps(names)


def test_a_default_store_that_cannot_be_written_is_told_at_once(pytester: pytest.Pytester) -> None:
    """In one line, before anything is trained; claims that train nothing are judged all the same."""
    text = toy_project.THEOREM + toy_project.TRAINED.removeprefix(toy_project.HEADER)
    toy_project.write(pytester.path, test_claims=text)
    (pytester.path / ".claims").write_text("in the way", encoding="utf-8")
    assert inside(pytester, "-k", "T18").ret == 0
    result = inside(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    here = pytester.path / ".claims"
    message = f"the store is {here}/store and {here} is a file; --claims-store DIR names a folder that can be written"
    assert [line for line in result.errlines if line] == [f"ERROR: {message}"]
