"""What a session takes: seconds of the processor, its workers' among them, and seconds of the clock."""

from __future__ import annotations

import time
from typing import Any

import pytest

PROCESSOR = "claims_processor"
"""The key of a worker's seconds, in its output."""


class Took:
    """Counts from when it is made, in the process that workers report to; its own seconds are those of its life."""

    def __init__(self) -> None:
        self._began, self._of_workers = time.perf_counter(), 0.0

    def add(self, output: dict[str, Any]) -> None:
        """Add a worker's seconds, of its output."""
        self._of_workers += output.get(PROCESSOR, 0.0)

    def seconds(self) -> dict[str, float]:
        """So far, `processor`, user and system together, and `wall`."""
        return {
            "processor": round(time.process_time() + self._of_workers, 1),
            "wall": round(time.perf_counter() - self._began, 1),
        }


def leave(config: pytest.Config) -> None:
    """Leave a worker's seconds to the process that it reports to."""
    config.workeroutput[PROCESSOR] = time.process_time()  # type: ignore[attr-defined]
