"""A comparison for the terminal."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from memorization_claims.reports.compare import words
from memorization_claims.reports.compare.comparison import GROUPS, SAID

STYLES = {
    "changed": "bold red",
    "drifted": "bold yellow",
    "leaning": "bold",
    "cannot tell": "bold",
    "the same": "green",
    "gone wrong": "bold red",
    "no longer there": "bold red",
    "skipped": "bold",
    "new": "bold",
}


def text(comparison: Mapping[str, Any], *, width: int, color: bool) -> str:
    """Each pair of versions: what differs, the groups but for the same, and what only one judged."""
    buffer = io.StringIO()
    console = Console(file=buffer, width=width, force_terminal=color, no_color=not color, highlight=False)
    for place, pair in enumerate(comparison["comparisons"]):
        console.print(*(["\n"] if place else []), _pair(comparison, pair))
    return buffer.getvalue()


def _pair(comparison: Mapping[str, Any], pair: Mapping[str, Any]) -> Group:
    shown: list[RenderableType] = [Text(words.title(pair), "bold underline")]
    shown += [Text(f"  {line}") for line in words.made_otherwise(comparison, pair)]
    shown += [Text(words.counts(pair)), Text(words.time(pair))]
    for group in GROUPS[:-1]:
        if items := [item for item in pair["items"] if item["group"] == group]:
            shown += [Text.assemble("\n", (group, STYLES[group]), f": {SAID[group]}"), *map(_item, items)]
    if pair["absent"]:
        for fate, why, items in words.absent(pair):
            shown.append(Text.assemble("\n", (f"{len(items)} {fate}", STYLES[fate]), f": {why}" if why else ""))
            shown.append(Padding(Text(", ".join(items), "dim"), (0, 0, 0, 4), expand=False))
    elif pair["summary"]["the same"] == len(pair["items"]):
        shown.append(Text(words.NOTHING, "green"))
    return Group(*shown)


def _item(item: Mapping[str, Any]) -> RenderableType:
    """An item, its effects, and why it is in its group. Where nothing can be told, only the change of the effect."""
    cells = words.row(item)
    time = f", {cells['time']} times as long" if cells["time"] else ""
    heading = Text.assemble((cells["claim"], "bold"), f"  {cells['verdict']}{time}")
    reasons = words.reasons(item)
    if item["group"] == "cannot tell" and cells["change"]:
        told = [f"changed by {cells['change']}, tolerance {cells['tolerance']}", *reasons[1:]]
    else:
        effects = f"{cells['before'] or 'none'} → {cells['after'] or 'none'}"
        told = [": ".join(filter(None, (words.measured(item), effects))), *reasons]
    lines = [Padding(Text(line, "dim"), (0, 0, 0, 4), expand=False) for line in told]
    return Group(Padding(heading, (0, 0, 0, 2), expand=False), *lines)
