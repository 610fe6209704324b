"""Faults of every kind are survived: a few of each here, and hundreds with `-m long`, with sessions that are killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorization_claims.tests.faults.__main__ import KINDS, Kind, inject, name_of
from memorization_claims.tests.toy_project import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="faults fork and kill")
FORKING = {"killed_worker", "killed_controller", "two_sessions", "locks", "file_system"}
"""Left to the command, which forks before there are threads of torch."""


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.__name__ not in FORKING], ids=name_of)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=3)
def test_a_fault_is_survived(kind: Kind, seed: int) -> None:
    """The right verdict, nothing finished lost, nothing executed, a plain message."""
    inject(kind, str(seed))


@pytest.mark.long
@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("faults", " 276 faults: "),
        pytest.param(
            "faults.kills",
            "10 kills: the same verdicts and effects",
            marks=pytest.mark.skipif(not Path("/proc").is_dir(), reason="workers are found by Linux's /proc"),
        ),
    ],
)
def test_all_of_them_are_survived(module: str, told: str) -> None:
    """In one command, which prints the count; kills one after another on one store."""
    command = [sys.executable, "-m", f"memorization_claims.tests.{module}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert told in done.stdout
