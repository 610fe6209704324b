"""The record in a file that pytest-benchmark saved: read without either being imported."""

from __future__ import annotations

from typing import Any

GROUP = "claims"
"""The group of rows that are claims."""


def restored(saved: dict[str, Any]) -> dict[str, Any] | None:
    """The record whose claims were saved as benchmarks; None where that is damaged. What they are is not looked at.

    Figures are not saved.
    """
    record, rows = saved["record"], saved["benchmarks"]
    if not (isinstance(record, dict) and isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
        return None
    claims = [row.get("extra_info") for row in rows if row.get("group") == GROUP]
    return {**record, "claims": claims, "figures": []}
