"""A comparison for an issue, a pull request or a job's summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from memorization_claims.reports.compare import words
from memorization_claims.reports.compare.comparison import GROUPS, SAID


def markdown(comparison: Mapping[str, Any]) -> str:
    """Each pair of versions with a table for each group but the same, which is counted."""
    return "\n".join(line for pair in comparison["comparisons"] for line in _pair(comparison, pair)) + "\n"


def _pair(comparison: Mapping[str, Any], pair: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {escaped(words.title(pair))}\n"
    yield f"{words.counts(pair)} {words.time(pair)}\n"
    if otherwise := words.made_otherwise(comparison, pair):
        yield from (f"- {escaped(line)}" for line in otherwise)
        yield ""
    for group in GROUPS[:-1]:
        if items := [item for item in pair["items"] if item["group"] == group]:
            yield f"### {group.capitalize()}: {SAID[group]}\n"
            rows = ((*words.row(item).values(), " ".join(f"{each}." for each in words.reasons(item))) for item in items)
            yield from table((*words.COLUMNS, "why"), rows)
    if pair["absent"]:
        yield "### Not judged in both\n"
        rows = ((f"{len(items)} {fate}", why, ", ".join(items)) for fate, why, items in words.absent(pair))
        yield from table(("", "why", "items"), rows)
    elif pair["summary"]["the same"] == len(pair["items"]):
        yield f"{words.NOTHING}\n"


def table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of a table, with an empty one behind it."""
    heading = tuple(heading)
    yield f"| {' | '.join(heading)} |"
    yield "|" + "---|" * len(heading)
    for row in rows:
        yield f"| {' | '.join(escaped(cell) for cell in row)} |"
    yield ""


def escaped(text: str) -> str:
    """Text in which Markdown reads nothing else, on one line."""
    for mark in "\\|*_<`":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
