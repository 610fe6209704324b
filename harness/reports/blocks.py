"""What a document shows of a record: blocks of Markdown that are written from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from memorization_claims.errors import DataError
from memorization_claims.reports import effects, summary, terminal
from memorization_claims.reports.compare import words
from memorization_claims.reports.compare.comparison import compare
from memorization_claims.reports.compare.markdown import table as grid
from memorization_claims.reports.shape import VERDICT

WIDTH = 76
"""Columns of the lines, which stand indented by four."""
COLUMNS = ("item", "verdict", "again", "effect [95 % interval]", "n")
"""Of the table of every item."""
COUNTS = ("items", *VERDICT, "fragile", "mean seeds")
"""Of the table of counts, after what it was judged under."""

Record = dict[str, Any]
Entry = Mapping[str, Any]


def counts(record: Record, items: Sequence[str]) -> str:
    """How many items ended how on which data, and what they were judged under."""
    made = record["environment"]
    data = sorted({entry["dataset"] for entry in record["claims"]})
    rows = [_counted(name, [entry for entry in record["claims"] if entry["dataset"] == name]) for name in data]
    whole = [_counted("all", record["claims"])] if len(data) > 1 else []
    under = f"torch {made['torch']}, NumPy {made['numpy']}, {made['device']}"
    return "\n".join(grid((under, *COUNTS), (*rows, *whole))).rstrip("\n")


def _counted(name: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    """A row of counts."""
    verdicts = (sum(entry["verdict"] == verdict for entry in entries) for verdict in VERDICT)
    fragile, seeds = sum(map(effects.fragile, entries)), [len(entry["seeds"]) for entry in entries]
    return (name, *map(str, (len(entries), *verdicts, fragile)), f"{sum(seeds) / len(seeds):.1f}")


def lines(record: Record, items: Sequence[str]) -> str:
    """Some of the lines of the table at the end of a session."""
    entries = {entry["id"]: entry for entry in record["claims"]}
    if absent := [item for item in items if item not in entries]:
        raise DataError(f"the record has no item {', '.join(absent)}")
    shown = terminal.table([entries[item] for item in items], width=WIDTH, color=False)
    return "\n".join(f"    {line}".rstrip() for line in shown.rstrip("\n").splitlines())


def refuted(record: Record, items: Sequence[str]) -> str:
    """Every claim that does not hold, once: what the paper says, and what was measured of each of its items."""
    by_claim: dict[str, list[Entry]] = {}
    for entry in record["claims"]:
        if entry["verdict"] == "refuted":
            by_claim.setdefault(f"{entry['says']} ({entry['source']})", []).append(entry)
    rows = [
        (", ".join(entry["id"] for entry in entries), says, f"{_measured(entries)}, claimed {_claimed(entries[0])}")
        for says, entries in by_claim.items()
    ]
    return "\n".join(grid(("item", "the paper", "here"), rows)).rstrip("\n")


def table(record: Record, items: Sequence[str]) -> str:
    """Every item with its verdict, the chance of the same, its effect and how many seeds, a table for each paper."""
    tables = []
    for paper, entries in summary.by_paper(record).items():
        rows = [
            (effects.label(one), effects.ending(one), effects.again(one), _measured([one]), str(effects.runs(one)))
            for one in entries
        ]
        tables.append(f"**{paper}**\n\n" + "\n".join(grid(COLUMNS, rows)))
    return "\n\n".join(each.rstrip("\n") for each in tables)


def _measured(entries: Sequence[Entry]) -> str:
    """The effects of a claim's items in words and numbers; a difference of logarithms is shown as a ratio."""
    if entries[0]["effect"] is None:
        return str(entries[0]["because"])
    by_name: dict[str, list[str]] = {}
    for entry in entries:
        name = entry["effect"]["name"] if entry["effect"] else str(entry["because"])
        name = name.removeprefix("log ").replace(" - ", " / ") if _ratio(entry) else name
        by_name.setdefault(name, []).append(effects.numbers(_unlogged(entry)))
    return "; ".join(f"{name}: {' and '.join(numbers)}" for name, numbers in by_name.items())


def _claimed(entry: Entry) -> str:
    """What an effect was to be."""
    plain = _unlogged(entry)
    if entry["kind"] == "same" and _ratio(entry):
        return f"within a factor of {plain['effect']['margin']:g}"
    return effects.margin(plain)


def _unlogged(entry: Entry) -> Entry:
    """An entry whose effect is a ratio where it was the difference of logarithms."""
    if not _ratio(entry):
        return entry
    effect, keys = entry["effect"], ("estimate", "low", "high", "margin")
    ratio = {key: None if effect[key] is None else float(f"{math.exp(effect[key]):.3g}") for key in keys}
    return {**entry, "effect": {**effect, **ratio, "unit": "times"}}


def _ratio(entry: Entry) -> bool:
    """Whether the effect is a difference of logarithms."""
    name = entry["effect"]["name"] if entry["effect"] else ""
    return name.startswith("log ") and " - " in name


def comparison(record: Record, earlier: Sequence[Record]) -> str:
    """What `claims compare` says of several versions of torch: how many items are as before, and which are not."""
    records = {f"torch {one['environment']['torch']}": one for one in (*earlier, record)}
    sections = []
    for pair in compare(records)["comparisons"]:
        moved = [item for item in pair["items"] if item["group"] in ("changed", "drifted")]
        rows = ((item["group"], *words.row(item).values()) for item in moved)
        shown = "\n".join(grid(("", *words.COLUMNS), rows)) if moved else words.NOTHING
        alike = sum(item["because"].startswith("the same numbers") for item in pair["items"])
        digits = f" Of these {alike} have the same numbers to the last digit." if alike else ""
        sections.append(f"{words.title(pair)}: {words.counts(pair)}{digits} {words.time(pair)}\n\n{shown}".rstrip("\n"))
    return "\n\n".join(sections)


KINDS: dict[str, Callable[[Record, Sequence[Any]], str]] = {
    "counts": counts,
    "lines": lines,
    "refuted": refuted,
    "table": table,
    "comparison": comparison,
}
