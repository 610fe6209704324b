"""Where and how a session may be run: each way works, or one line says why not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from memorization_claims.data import source
from memorization_claims.tests import toy_project
from memorization_claims.tests.toy_project import ROOT

MISTAKES = (
    toy_project.HEADER
    + '''
@toy("T41")
def test_cases_of_a_plan(cases, judge):
    """A claim about nets."""


@toy("T42")
def test_fits_of_nets(fits, judge):
    """A claim about nets."""


@toy("T43", fast=Cases(number=3), kind="exact")
def test_runs_of_cases(runs, judge):
    """A claim about cases."""


def test_no_claim(judge):
    """No claim."""


def test_no_claim_draws(draw):
    """No claim."""


def test_no_claim_runs(runs):
    """No claim."""
'''
)
ILLEGAL = """
from memorization_claims import Recipe


def slow():
    return Recipe(rate=-1.0, batch=5, epochs=20)


BASE = slow()
"""


def in_this_repository(
    folder: Path, *arguments: str, python: tuple[str, ...] = (), **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Judge one claim of this repository from a process of its own, whose store and record lie elsewhere."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    places = (f"--claims-store={folder}/store", f"--claims-report={folder}")
    command = [
        sys.executable,
        *python,
        "-m",
        "pytest",
        "claims/zhang2017/test_expressivity.py",
        "-m",
        "fast",
        "-k",
        "Z18",
    ]
    return subprocess.run(
        [*command, *places, "-p", "no:hypothesispytest", *arguments],
        cwd=ROOT,
        env={**kept, "COLUMNS": "80", "CUDA_VISIBLE_DEVICES": "", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )


@pytest.mark.parametrize(
    ("arguments", "python", "environment"),
    [
        (("-p", "no:cacheprovider"), (), {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "TERM": "dumb"}),
        (("-p", "no:benchmark", "-p", "no:xdist", "-p", "no:terminal"), (), {"NO_COLOR": "1"}),
        (("-p", "no:cacheprovider"), ("-OO",), {"PYTHONIOENCODING": "ascii", "COLUMNS": "40"}),
    ],
    ids=["no-autoload", "few-plugins", "optimized"],
)
def test_a_claim_is_judged(
    tmp_path: Path, arguments: tuple[str, ...], python: tuple[str, ...], environment: dict[str, str]
) -> None:
    """Without the plugins that are loaded by themselves, without asserts, in a poor terminal."""
    done = in_this_repository(tmp_path, *arguments, python=python, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [entry["id"] for entry in toy_project.record(tmp_path)["claims"]] == ["Z18"]


@pytest.mark.parametrize(
    ("arguments", "storage"),
    [((), "reports/benchmarks"), (("--benchmark-storage=file://./mine",), "mine")],
    ids=["ours", "theirs"],
)
def test_benchmarks_are_measured_on_demand_and_saved_here(arguments: tuple[str, ...], storage: str) -> None:
    """In this repository, unless the user says otherwise."""
    script = f"""
import pytest

class Look:
    def pytest_collection_finish(self, session):
        made = session.config._benchmarksession
        print("LOOK", made.disabled, made.storage.path)

pytest.main(["--collect-only", "-q", "harness/tests/test_seed.py", *{list(arguments)!r}], plugins=[Look()])
pytest.main(["--collect-only", "-q", "--benchmark-only", "harness/tests/test_seed.py"], plugins=[Look()])
"""
    # In a worker's process pytest-benchmark would be off.
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_XDIST_WORKER"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    first, second = (line.split() for line in done.stdout.splitlines() if line.startswith("LOOK"))
    assert first[1:] == ["True", str(ROOT / storage)] or first[1:] == ["True", storage], done.stdout
    assert second[1] == "False"


def test_mistakes_are_told_in_a_line_without_asserts(tmp_path: Path) -> None:
    """What a test asks for and cannot have, and what is illegal in its text and where; no code of ours is shown."""
    toy_project.write(tmp_path, test_mistakes=MISTAKES, test_illegal=ILLEGAL)
    environment = {**os.environ, "PYTHONOPTIMIZE": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [
        sys.executable,
        "-m",
        "pytest",
        *toy_project.QUICK,
        "-p",
        "no:xdist",
        "-W",
        "ignore",
        "-m",
        "not fullscale",
    ]
    done = subprocess.run(
        [*command, "--continue-on-collection-errors"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    told = [line for line in done.stdout.splitlines() if "SettingError: " in line and not line.startswith("ERROR ")]
    assert told == [
        f"{tmp_path}/test_illegal.py:6: SettingError: the learning rate is -1.0; legal is 0 or more",
        "SettingError: a claim about trained runs asks for `runs`, and this one for `cases`",
        "SettingError: a claim about nets asks for `runs`, and this one for `fits`",
        "SettingError: a claim about generated cases asks for `cases`, and this one for `runs`",
        "SettingError: only the test of a claim has a judge: mark it with `claim`",
        "SettingError: only the test of a claim has `draw`: mark it with `claim`",
        "SettingError: only the test of a claim has `runs`: mark it with `claim`",
    ]
    assert "def " not in done.stdout


def test_the_home_is_written_out_in_options(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """In each that names a path; a user that there is not is named."""
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED)
    (pytester.path / "data").mkdir()
    monkeypatch.setenv("HOME", str(pytester.path))
    arguments = ("--claims-data-root=~/data", "--claims-store=~/s", "--claims-report=~/r", "-k", "test_supported")
    result = pytester.runpytest_inprocess(*toy_project.QUICK, "-m", "fast", *arguments)
    assert result.ret == 0
    assert (pytester.path / "r/verdicts.json").exists()
    assert (pytester.path / "s/runs").exists()
    assert not (pytester.path / "~").exists()
    for option in ("data-root", "store", "report", "dataset"):
        path = "~nobody-there/x.npz"
        result = pytester.runpytest_inprocess(*toy_project.QUICK, f"--claims-{option}={path}")
        assert f"--claims-{option} is {path} and no home is known for ~nobody-there; write it out" in str(result.stderr)


@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "worker"])
def test_a_data_root_of_the_environment_is_checked_where_claims_are_judged(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    """It may be set for all of a user's sessions, of which most have nothing to do with claims."""
    monkeypatch.setenv(source.ROOT_VARIABLE, "nowhere")
    toy_project.write(pytester.path, test_plain="def test_plain():\n    pass\n")
    assert pytester.runpytest_inprocess(*toy_project.QUICK).ret == 0
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED)
    result = pytester.runpytest_subprocess(*toy_project.QUICK, *workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    message = "MEMORIZATION_CLAIMS_DATA is nowhere, which does not exist; legal is a folder of data sets"
    assert message in str(result.stdout) + str(result.stderr)


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a container, under a number that has no entry: data are looked for here."""

    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(source.ROOT_VARIABLE, raising=False)
    monkeypatch.setattr(Path, "home", unknown)
    assert source.default_root() == tmp_path / ".claims/data"


def test_warnings_of_others_are_shown(pytester: pytest.Pytester) -> None:
    """In a project that does not say otherwise, also where the cache cannot be written."""
    text = toy_project.TRAINED.replace(
        "    draw.course", "    import warnings; warnings.warn('of the user')\n    draw.course"
    )
    (pytester.path / "test_trained.py").write_text(text, encoding="utf-8")
    (pytester.path / ".pytest_cache").write_text("in the way", encoding="utf-8")
    arguments = ("-p", "no:hypothesispytest", "-m", "fast", "-k", "test_supported")
    result = pytester.runpytest_subprocess(*arguments)
    result.assert_outcomes(passed=1, deselected=9, warnings=2)
    assert "of the user" in str(result.stdout)
