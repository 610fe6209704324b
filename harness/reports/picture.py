"""A picture of the end of a session, from its record."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from memorization_claims.reports import terminal

WIDTH = 112
"""Columns of the terminal."""


def svg(record: dict[str, Any], items: Sequence[str]) -> str:
    """The table of some items, what its columns are, and the sentences of those that are undecided."""
    entries = [entry for entry in record["claims"] if entry["id"] in items]
    undecided = [entry for entry in entries if entry["verdict"] == "undecided"]
    parts = (
        terminal.table(entries, width=WIDTH, color=True),
        terminal.legend(width=WIDTH, color=True),
        terminal.sentences(undecided[:1], width=WIDTH, color=True),
    )
    console = Console(file=io.StringIO(), width=WIDTH, record=True, highlight=False)
    console.print(Text("$ pytest claims/ -m fast --report report\n", "bold"))
    for part in parts:
        console.print(Text.from_ansi(part))
    return console.export_svg(title="memorization-claims", unique_id="terminal")
