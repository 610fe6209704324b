"""What a session of pytest takes from start to end with the plugin and without it, where nothing is to be judged.

Time them with `pytest harness/benchmarks/test_start.py --benchmark-enable`, on a quiet machine and without `-n`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

WAYS = {"with the plugin": (), "without": ("-p", "no:memorization_claims")}
LEAN = ("-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:benchmark")
TEST = """
import sys

def test_plain():
    assert not {"torch", "numpy", "scipy", "sklearn"} & set(sys.modules)
"""


@pytest.mark.parametrize("way", WAYS)
def test_an_empty_session(way: str, tmp_path: Path, benchmark: Any) -> None:
    """A process with one test that does nothing, and nothing that is slow to import."""
    benchmark.group = "a session without claims"
    (tmp_path / "test_plain.py").write_text(TEST, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", *LEAN, *WAYS[way], "test_plain.py"]

    def session() -> None:
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    benchmark.pedantic(session, rounds=10, warmup_rounds=1)
