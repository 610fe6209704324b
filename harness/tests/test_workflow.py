"""The workflows for GitHub Actions: what they install and run, read and run here as far as that takes no network."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from memorization_claims.tests.test_compare import moved, record
from memorization_claims.tests.toy_project import ROOT
from memorization_claims.tests.toy_project import record as read

CLAIMS, TESTS = (
    yaml.load((ROOT / f".github/workflows/{name}.yml").read_text(encoding="utf-8"), yaml.BaseLoader)
    for name in ("claims", "tests")
)
"""All scalars are strings, and `on` is no boolean."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SHELL = {"if", "then", "true", "else", "fi", "test", "cat", "exit", "python"}
MADE = {"report", "records", ".venv", "comparison.md", "comparison.html"}
"""What the steps themselves make."""


class Step(NamedTuple):
    """A step that runs commands."""

    workflow: str
    job: str
    name: str
    script: str


STEPS = [
    Step(workflow["name"], job, step["name"], step["run"])
    for workflow in (CLAIMS, TESTS)
    for job, described in workflow["jobs"].items()
    for step in described["steps"]
    if "run" in step
]


def script(workflow: dict[str, Any], name: str) -> str:
    """The commands of a step, of the first job that has one of this name."""
    return next(step.script for step in STEPS if (step.workflow, step.name) == (workflow["name"], name))


def commands(step: Step) -> list[list[str]]:
    """The words of each command, without assignments, redirections and what ties commands together."""
    plain = re.sub(r"\$\{\{.*?\}\}", "X", step.script)
    parts = [part for line in plain.splitlines() for part in re.split(r"\|\||;", line)]
    return [words for part in parts if (words := shlex.split(part)) and "=" not in words[0]]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.workflow}-{step.job}-{step.name}")
def test_what_a_step_names_exists(step: Step) -> None:
    """It is legal bash; its programs come with what is installed, its extras with the package, its paths with git."""
    plain = re.sub(r"\$\{\{.*?\}\}", "X", step.script)
    assert not subprocess.run(["bash", "-n", "-c", plain], capture_output=True, check=True).stderr
    installed = {entry.name for entry in entry_points(group="console_scripts")}
    for first, *words in commands(step):
        program = first.removeprefix(".venv/bin/")
        assert (first in SHELL) if first == program else program in installed or importlib.util.find_spec(program)
        for word in words:
            for extra in re.findall(r"^\.\[(\w+)\]$", word):
                assert extra in PROJECT["optional-dependencies"]
            path = Path(word)
            if "/" in word and "://" not in word and path.parts[0] not in MADE:
                assert path.exists() or (ROOT / path).exists(), word


def test_when_they_run() -> None:
    """Tests at each change, releases of torch every week and by hand."""
    assert TESTS["on"] == ["push", "pull_request"]
    assert set(CLAIMS["on"]) == {"workflow_dispatch", "schedule"}
    assert [len(each["cron"].split()) for each in CLAIMS["on"]["schedule"]] == [5]


def test_versions_are_those_that_the_package_allows() -> None:
    """Of Python from the oldest on, and of torch the oldest and a later one."""
    matrix = TESTS["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]
    assert PROJECT["requires-python"] == f">={matrix['python'][0]}"
    assert len(matrix["torch"]) == 2
    for torches in (matrix["torch"], CLAIMS["jobs"]["judge"]["strategy"]["matrix"]["torch"]):
        assert f"torch>={torches[0]}" in PROJECT["dependencies"]


def test_the_linters_are_those_of_ci() -> None:
    """Line by line, and the tests likewise."""
    ours = (ROOT / ".ci/run").read_text(encoding="utf-8")
    lines = script(TESTS, "Lint").splitlines()
    assert len(lines) == 3
    assert all(line in ours for line in lines)
    assert script(TESTS, "Test").strip().removesuffix(" -n auto") in (ROOT / "README.md").read_text(encoding="utf-8")


def test_torch_comes_from_the_index_for_cpus() -> None:
    """In each job, before the package asks for it: from elsewhere it is 5 GB of CUDA that no runner can use."""
    installing = [step for step in STEPS if step.name == "Install"]
    assert len(installing) == len({(step.workflow, step.job) for step in STEPS}) == 5
    for step in installing:
        before, _, _ = step.script.partition("pip install -e")
        lines = [line.strip() for line in before.splitlines() if "pip install" in line]
        assert lines
        assert all(
            re.search(r"\btorch\b.* --index-url https://download\.pytorch\.org/whl/(nightly/)?cpu$", line)
            for line in lines
        )


def test_the_options_of_their_sessions_are_legal(tmp_path: Path) -> None:
    """They are the same, and pytest takes them, with workers left out: a file of claims is collected."""
    assert script(CLAIMS, "Judge the claims") == script(TESTS, "Judge the claims")
    command, _, tolerated = script(TESTS, "Judge the claims").partition(" || ")
    assert tolerated.strip() == "test $? -eq 1"
    words = shlex.split(command)
    place = words.index("-n")
    assert words[1] == "claims/"
    options = ["claims/zhang2017/test_rademacher.py", *words[2:place], *words[place + 2 :]]
    whole = [sys.executable, "-m", "pytest", *options, "--collect-only", "-qq", "-p", "no:cacheprovider"]
    whole += ["--claims-report", str(tmp_path), "--junitxml", str(tmp_path / "junit.xml")]
    done = subprocess.run(whole, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def compared(workflow: dict[str, Any], folder: Path) -> tuple[int, str]:
    """The exit status of a step that compares, run in a folder, and the summary that it wrote."""
    program = folder / ".venv/bin/claims"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m memorization_claims "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    summary = folder / "summary.md"
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": str(summary)}
    done = subprocess.run(["bash", "-e", "-c", script(workflow, "Compare")], cwd=folder, env=environment)
    return done.returncode, summary.read_text(encoding="utf-8")


@pytest.mark.parametrize("by", [0.0, 15.0])
def test_releases_are_compared_as_it_says(tmp_path: Path, by: float) -> None:
    """The summary and the page are written, whatever the exit status is."""
    for name, made in (("torch-2.11", record(0)), ("torch-nightly", moved(record(0), "T02", by))):
        folder = tmp_path / "records" / name
        folder.mkdir(parents=True)
        (folder / "verdicts.json").write_text(json.dumps(made), encoding="utf-8")
    status, summary = compared(CLAIMS, tmp_path)
    assert status == bool(by)
    assert "## torch-nightly against torch-2.11" in summary
    assert ("| T02 |" in summary) == bool(by)
    assert (tmp_path / "comparison.html").is_file()


@pytest.mark.parametrize("turned", [False, True])
def test_the_committed_record_is_compared(tmp_path: Path, turned: bool) -> None:
    """With itself it is the same; where a verdict is another, the step fails and says which."""
    (place,) = re.findall(r"reports/reference/\S+", script(TESTS, "Compare"))
    found = read(ROOT / place)
    shutil.copytree(ROOT / place, tmp_path / place)
    claim = next(entry for entry in found["claims"] if entry["verdict"] == "supported")
    if turned:
        claim["verdict"] = "refuted"
    (tmp_path / "report").mkdir()
    (tmp_path / "report/verdicts.json").write_text(json.dumps(found), encoding="utf-8")
    status, summary = compared(TESTS, tmp_path)
    assert status == turned
    assert (f"| {claim['id']} |" in summary) == turned
    release = ".".join(found["environment"]["torch"].split(".")[:2])
    install = next(step.script for step in STEPS if step[:3] == ("tests", "judge", "Install"))
    assert f'"torch=={release}.*"' in install


@pytest.mark.long
def test_it_installs_into_a_fresh_environment(tmp_path: Path) -> None:
    """As the steps do, but for what comes from a network: that is borrowed from here."""
    here = tmp_path / "checkout"
    left_out = shutil.ignore_patterns(".git", ".venv", ".claims", "__pycache__", ".benchmarks", "*.egg-info")
    shutil.copytree(ROOT, here, symlinks=True, ignore=left_out)
    subprocess.run([sys.executable, "-m", "venv", ".venv"], cwd=here, check=True)
    (packages,) = here.glob(".venv/lib/python*/site-packages")
    setuptools = importlib.util.find_spec("setuptools")
    assert setuptools is not None
    assert setuptools.origin is not None
    (packages / "borrowed.pth").write_text(str(Path(setuptools.origin).parents[1]), encoding="utf-8")
    install = [".venv/bin/pip", "install", "-q", "--no-index", "--no-deps", "--no-build-isolation", "-e", ".[dev]"]
    subprocess.run(install, cwd=here, check=True)
    code = (
        "import memorization_claims, memorization_claims.claims as c; print(memorization_claims.__file__, *c.__path__)"
    )
    found = subprocess.run([".venv/bin/python", "-c", code], cwd=tmp_path / "checkout", capture_output=True, text=True)
    assert found.stdout.split() == [str(here / "harness/__init__.py"), str(here / "claims")], found.stderr
    listed = subprocess.run([".venv/bin/claims", "--help"], cwd=here, capture_output=True, text=True)
    assert listed.returncode == 0, listed.stderr
