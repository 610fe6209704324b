"""The workflow for GitHub Actions: its commands, run here as they stand in it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from memorization_claims.tests.test_compare import moved, record
from memorization_claims.tests.toy_project import ROOT

WORKFLOW = (ROOT / ".github/workflows/claims.yml").read_text(encoding="utf-8")


def script(step: str) -> str:
    """The commands of a step."""
    found = re.search(rf"- name: {step}\n +run: \|\n((?: {{10}}.*\n)+)", WORKFLOW)
    assert found, step
    return textwrap.dedent(found[1])


def test_the_options_of_its_session_are_legal(tmp_path: Path) -> None:
    """Pytest collects claims under them, with workers left out."""
    command, _, tolerated = script("Judge the claims").partition(" || ")
    assert tolerated.strip() == "test $? -eq 1"
    words = shlex.split(command)
    place = words.index("-n")
    options = [*words[1:place], *words[place + 2 :]]
    environment = dict(os.environ)
    whole = [sys.executable, "-m", "pytest", *options, "--collect-only", "-qq", "-p", "no:cacheprovider"]
    whole += ["--claims-report", str(tmp_path), "--junitxml", str(tmp_path / "junit.xml")]
    done = subprocess.run(whole, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_torch_comes_from_the_index_for_cpus() -> None:
    """In each job, before the package asks for it: from elsewhere it is 5 GB of CUDA that no runner can use."""
    jobs = WORKFLOW.split("- name: Install")[1:]
    assert len(jobs) == 2
    for job in jobs:
        lines = [line.strip() for line in job.split("pip install -e .")[0].splitlines() if "pip install" in line]
        assert lines
        assert all(
            re.search(r"\btorch\b.* --index-url https://download\.pytorch\.org/whl/(nightly/)?cpu$", line)
            for line in lines
        )


@pytest.mark.parametrize("by", [0.0, 15.0])
def test_its_comparison_ends_as_it_says(tmp_path: Path, by: float) -> None:
    """The summary and the page are written, whatever the exit status is."""
    for name, made in (("torch-2.11", record(0)), ("torch-nightly", moved(record(0), "T02", by))):
        folder = tmp_path / "records" / name
        folder.mkdir(parents=True)
        (folder / "verdicts.json").write_text(json.dumps(made), encoding="utf-8")
    program = tmp_path / ".venv/bin/claims"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m memorization_claims "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    done = subprocess.run(["bash", "-e", "-c", script("Compare")], cwd=tmp_path, env=environment, capture_output=True)
    assert done.returncode == bool(by), done.stderr
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "## torch-nightly against torch-2.11" in summary
    assert ("| T02 |" in summary) == bool(by)
    assert (tmp_path / "comparison.html").is_file()
