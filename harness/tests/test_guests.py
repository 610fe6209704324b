"""Projects of others that have the plugin installed: nothing of theirs breaks it, and it breaks nothing of theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from memorization_claims.tests import toy_project
from memorization_claims.tests.toy_project import ROOT

CLAIM = (
    toy_project.THEOREM
    + '''


@toy("T19", kind="exact", fast=Cases(number=3))
def test_other(cases, judge):
    """Another theorem."""
    judge.exact(*cases.errors(lambda generator: (1e-9, 1e-8), "error"))
'''
)
OWN_OPTIONS = """
import pytest

def pytest_addoption(parser):
    for name in ("--device", "--store", "--report", "--seeds", "--model", "--claim"):
        parser.addoption(name, default="theirs")

@pytest.fixture
def device(request):
    return request.config.getoption("--device")

@pytest.fixture
def laboratory():
    return "a lab"

@pytest.fixture
def runs():
    return "a marathon"
"""
OWN_TESTS = """
import pytest
import harness, fixtures, claims

@pytest.mark.fast
def test_theirs(device, laboratory, runs):
    assert (device, laboratory, runs) == ("theirs", "a lab", "a marathon")
    assert {each.WHOSE for each in (harness, fixtures, claims)} == {"theirs"}

@pytest.mark.claim("of another kind")
def test_marked(record_property):
    record_property("claim", "not JSON")
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """A session without workers, in a process of its own."""
    return pytester.runpytest_subprocess(*toy_project.QUICK, *arguments)


def test_claims_need_no_conftest(pytester: pytest.Pytester) -> None:
    """With strict markers, and warnings as errors, from a file alone."""
    toy_project.write(pytester.path, test_claims=CLAIM)
    result = run(pytester, "-m", "fast")
    result.assert_outcomes(passed=3, deselected=3)
    result.stdout.fnmatch_lines(["T18?2? *supported*"])


def test_names_of_theirs_stay_theirs(pytester: pytest.Pytester) -> None:
    """Options, fixtures, markers and folders that have the names of ours, beside claims in the same session."""
    toy_project.write(pytester.path, conftest=OWN_OPTIONS, test_own=OWN_TESTS, test_claims=CLAIM)
    for folder in ("harness", "fixtures", "claims"):
        pytester.mkpydir(folder).joinpath("__init__.py").write_text('WHOSE = "theirs"\n', encoding="utf-8")
    result = run(pytester, "-k", "own or T18", "--claims-device=cpu", "--device=theirs")
    result.assert_outcomes(passed=6, deselected=2)


@pytest.mark.parametrize("option", ["--store=somewhere", "--device=cpu", "--claim=T18", "--report=here"])
def test_short_names_are_not_declared_elsewhere(pytester: pytest.Pytester, option: str) -> None:
    """They are this repository's own."""
    toy_project.write(pytester.path, test_claims=CLAIM)
    result = pytester.runpytest_inprocess(*toy_project.QUICK, "--collect-only", option)
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    assert "unrecognized arguments: " + option in str(result.stderr)


@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "worker"])
def test_short_names_work_in_this_repository(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """From elsewhere too, and among workers."""
    options = ("--claim=Z18", f"--store={tmp_path}/store", "--report", str(tmp_path), "--device", "cpu", "-m", "fast")
    command = [sys.executable, "-m", "pytest", *toy_project.QUICK, "-q", str(ROOT / "claims/zhang2017"), *options]
    done = subprocess.run([*command, *workers], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {each["id"] for each in toy_project.record(tmp_path)["claims"]} == {"Z18"}


def test_a_session_without_claims_has_a_line_more(pytester: pytest.Pytester) -> None:
    """The header, and neither a section, nor a store, nor a module that takes its time to import."""
    heavy = {"torch", "numpy", "rich", "jinja2", "scipy", "memorization_claims.judging"}
    test = f"def test_plain():\n    import sys\n    assert not sorted({heavy!r} & set(sys.modules))\n"
    (pytester.path / "test_plain.py").write_text(test, encoding="utf-8")
    with_us = run(pytester, "-p", "no:benchmark")
    without = run(pytester, "-p", "no:benchmark", "-p", "no:memorization_claims")
    with_us.assert_outcomes(passed=1)
    more = [line for line in with_us.outlines if line not in without.outlines and " in 0." not in line]
    assert [line.split(",")[0] for line in more if not line.startswith("plugins: ")] == [with_us_header()]
    assert not (pytester.path / ".claims").exists()


def with_us_header() -> str:
    """The beginning of the header's line."""
    from importlib.metadata import version

    return f"claims: memorization-claims {version('memorization-claims')}"


def test_the_plugin_is_imported_quickly() -> None:
    """Without anything that is slow to import, so that every session of everybody starts as before."""
    script = "import sys, memorization_claims.plugin; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert not {"torch", "numpy", "scipy", "sklearn", "rich", "jinja2", "xdist", "pytest_benchmark"} & modules
    ours = {name for name in modules if name.startswith("memorization_claims.")}
    assert {name.split(".")[1] for name in ours} == {"plugin", "hookspec", "errors", "session", "spec"}


def test_a_worker_is_shown_one_gpu_where_there_are_claims_alone(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others compute on all GPUs goes on doing so."""
    monkeypatch.setitem(os.environ, "CUDA_VISIBLE_DEVICES", "0,1")
    monkeypatch.setattr("memorization_claims.session.devices.gpus_installed", lambda: 2)
    from memorization_claims.session import devices

    devices.share(None, "auto")
    devices.share(1, "cuda:1")
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0,1"
    devices.share(1, "auto")
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "1"
