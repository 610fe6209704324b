"""The record in a file that pytest-benchmark saved: read without either being imported."""

from __future__ import annotations

from typing import Any

GROUP = "claims"
"""The group of rows that are claims."""


def restored(saved: dict[str, Any]) -> dict[str, Any]:
    """The record whose claims were saved as benchmarks.

    Raises:
        KeyError: none were.
    """
    return {**saved["record"], "claims": [row["extra_info"] for row in saved["benchmarks"] if row["group"] == GROUP]}
