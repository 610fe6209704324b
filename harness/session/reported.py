"""What the report on a test of a claim carries beside pytest's own, across processes too: JSON in one attribute."""

from __future__ import annotations

import json
from typing import Any

import pytest

ATTRIBUTE = "memorization_claims"


def attach(report: pytest.TestReport, **carried: Any) -> None:
    """Let a report carry these values.

    Raises:
        ValueError: for a value that JSON cannot hold.
    """
    report.__dict__[ATTRIBUTE] = json.dumps(carried, allow_nan=False)


def carried(report: pytest.TestReport | pytest.CollectReport) -> dict[str, Any]:
    """What a report carries; empty for one on anything but the test of a claim."""
    values: dict[str, Any] = json.loads(getattr(report, ATTRIBUTE, "{}"))
    return values
