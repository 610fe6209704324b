"""What the committed records say, held against what the project promises of every record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.tests import toy_project

RECORDS = sorted((toy_project.ROOT / "reports/reference").glob("*/verdicts.json"))
DIFFERENCES = ("above", "contested", "interaction", "trend")
"""Kinds of which a refutation may mean that nothing is there."""


def nothing_seen(entry: dict[str, Any]) -> bool:
    """Whether the interval of a difference holds zero, which stands within it also where an end is open."""
    low, high = (entry["effect"][end] for end in ("low", "high"))
    return (low is None or low <= 0) and (high is None or high >= 0)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: str(path.parent.name))
def test_a_refutation_rests_on_something_seen(path: Path) -> None:
    """The effect itself, smaller than the margin or the other way round, or a positive control."""
    claims = json.loads(path.read_text(encoding="utf-8"))["claims"]
    refuted = [entry for entry in claims if entry["verdict"] == "refuted" and entry["kind"] in DIFFERENCES]
    assert refuted or path.parent.name == "fullscale-cpu"
    assert [entry["id"] for entry in refuted if nothing_seen(entry) and entry["count"].get("seen") is None] == []
