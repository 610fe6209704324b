"""The table of verdicts at the end of a session."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from memorization_claims.reports import effects

WIDE = 110
"""Columns from which an effect and its name stand on one line."""
EFFECT = 20
"""The least columns of an effect that stands beside its claim and verdict: no number in it is longer."""
STYLES = {"supported": "green", "refuted": "red", "undecided": "yellow"}


def table(entries: Sequence[dict[str, Any]], *, width: int, color: bool) -> str:
    """Claims with verdict, effect, seeds and seconds, one line each where the width allows.

    Where it is too narrow for columns, each claim has a block of lines. No number is cut at any width.

    Args:
        entries: of the record.
        width: columns of the terminal.
        color: with escape sequences.
    """
    columns = ([entry["id"], _verdict(entry), *_numbers(entry)] for entry in entries)
    others = sum(max(map(len, column)) + 1 for column in zip(*columns, strict=True))
    if width < others + EFFECT:
        return "".join(_rendered(each, width, color) for entry in entries for each in _block(entry))
    return _rendered(_grid(entries, width), width, color)


def _block(entry: dict[str, Any]) -> Iterator[Text | Padding]:
    """A claim's lines: what it is and how it ended, the effect, the seeds and seconds."""
    yield Text.assemble((entry["id"], "bold"), " ", _verdict(entry))
    seeds, seconds = _numbers(entry)
    for each in (_effect(entry, "\n"), Text(f"n {seeds}, {seconds} s", "dim")):
        yield Padding(each, (0, 0, 0, 4), expand=False)


def _grid(entries: Sequence[dict[str, Any]], width: int) -> Table:
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=True)
    grid.add_column("claim", no_wrap=True)
    grid.add_column("verdict", no_wrap=True)
    grid.add_column("effect [95 % interval]", ratio=1, min_width=EFFECT, overflow="fold")
    grid.add_column("n", justify="right", no_wrap=True)
    grid.add_column("s", justify="right", no_wrap=True)
    for entry in entries:
        between = "  " if width >= WIDE else "\n"
        effect = _effect(entry, between)
        grid.add_row(Text(entry["id"]), _verdict(entry), effect, *_numbers(entry))
    return grid


def _numbers(entry: dict[str, Any]) -> tuple[str, str]:
    """How many seeds, and the seconds of training and measuring."""
    return str(len(entry["seeds"])), f"{entry['seconds']['training'] + entry['seconds']['measuring']:.1f}"


def reasons(entries: Sequence[dict[str, Any]], *, width: int, color: bool) -> str:
    """The sentences of each claim that did not end as expected, or is undecided; empty if all did."""
    wanting = [one for one in entries if one["verdict"] != one["expected"] or one["verdict"] == "undecided"]
    return sentences(wanting, width=width, color=color)


def sentences(entries: Sequence[dict[str, Any]], *, width: int, color: bool) -> str:
    """What each claim says, where it is made, and why it ended as it did."""
    lines = []
    for entry in entries:
        lines.append(Text.assemble((f"{entry['id']} ", "bold"), f"{entry['says']} ({entry['source']})"))
        lines.append(Text(f"    {entry['verdict']}: {entry['because']}", STYLES[entry["verdict"]]))
    return "".join(_rendered(line, width, color) for line in lines)


def wrapped(sentence: str, *, width: int) -> str:
    """A sentence in lines of that width."""
    return _rendered(Text(sentence), width, color=False)


def _verdict(entry: dict[str, Any]) -> Text:
    verdict, style = entry["verdict"], STYLES[entry["verdict"]]
    if verdict != entry["expected"]:
        return Text(f"{verdict} !", f"bold {style}")
    return Text(verdict, style) if verdict == "supported" else Text(f"{verdict}, known", "yellow")


def _effect(entry: dict[str, Any], between: str) -> Text:
    """The numbers first and then, beside or below, what they are."""
    effect = entry["effect"]
    if not effect or effect["estimate"] is None:
        return Text(entry["because"], "dim")
    return Text.assemble(effects.written(effect), (f"{between}{effect['name']}", "dim"))


def _rendered(renderable: Table | Text | Padding, width: int, color: bool) -> str:
    buffer = io.StringIO()
    console = Console(file=buffer, width=width, force_terminal=color, no_color=not color, highlight=False)
    console.print(renderable)
    return buffer.getvalue()
