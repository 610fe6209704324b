"""The command `claims` in a process of its own, in the project of somebody else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from memorization_claims.tests import toy_project

CLAIM = (
    toy_project.THEOREM
    + '''


def test_of_something_else():
    """No claim."""
'''
)


def outsider(folder: Path, text: str = CLAIM, name: str = "toy") -> Path:
    """Lay out a project that has a folder of tests with this file, and neither configuration nor conftest."""
    (folder / "tests").mkdir(exist_ok=True)
    (folder / f"tests/test_{name}.py").write_text(text, encoding="utf-8")
    return folder


def claims(folder: Path, *arguments: str | Path, python: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, without a GPU.

    Args:
        folder: to run it in.
        arguments: of the command, or of Python where `python` is given.
        python: what to run in its place.
    """
    environment = {**os.environ, "COLUMNS": "100", "CUDA_VISIBLE_DEVICES": ""}
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
        environment.pop(name, None)
    command = [sys.executable, *(python or ("-m", "memorization_claims")), *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=1200)
