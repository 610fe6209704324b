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
from memorization_claims.reports.summary import LEGEND

WIDE = 110
"""Columns from which an effect and its name stand on one line."""
EFFECT = 20
"""The least columns of an effect that stands beside its claim and verdict: no number in it is longer."""
STYLES = {"supported": "green", "refuted": "red", "undecided": "yellow"}


def table(entries: Sequence[dict[str, Any]], *, width: int, color: bool) -> str:
    """Claims with verdict, effect, seeds and seconds, one line each where the width allows.

    In a table that is not wide, the chance of the same verdict stands below the verdict. Where it is too narrow for
    columns, each claim has a block of lines. No number is cut at any width.

    Args:
        entries: of the record.
        width: columns of the terminal.
        color: with escape sequences.
    """
    wide = width >= WIDE
    heads = [Text(head) for head in ("claim", *(("verdict", "again") if wide else ("verdict, again",)), "n", "s")]
    rows = [[Text(entry["id"]), *_ended(entry, wide), *map(Text, _numbers(entry))] for entry in entries]
    columns = zip(heads, *rows, strict=True)
    others = sum(max(len(line) for cell in column for line in cell.plain.split("\n")) + 1 for column in columns)
    if width < others + EFFECT:
        return "".join(_rendered(each, width, color) for entry in entries for each in _block(entry))
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=True)
    for head in heads[:-2]:
        grid.add_column(head, no_wrap=True)
    grid.add_column("effect [95 % interval]", ratio=1, min_width=EFFECT, overflow="fold")
    for head in heads[-2:]:
        grid.add_column(head, justify="right", no_wrap=True)
    for entry, row in zip(entries, rows, strict=True):
        grid.add_row(*row[:-2], _effect(entry, "  " if wide else "\n"), *row[-2:])
    return _rendered(grid, width, color)


def legend(*, width: int, color: bool) -> str:
    """What the columns of the table are."""
    return _rendered(Text(f"{LEGEND} n: seeds. s: seconds of training and measuring.", "dim"), width, color)


def _block(entry: dict[str, Any]) -> Iterator[Text | Padding]:
    """A claim's lines: what it is and how it ended, the effect, the chance of the same verdict, seeds and seconds."""
    yield Text.assemble((entry["id"], "bold"), " ", _verdict(entry))
    seeds, seconds = _numbers(entry)
    again = f"again {effects.again(entry)}, " if effects.again(entry) else ""
    for each in (_effect(entry, "\n"), Text(f"{again}n {seeds}, {seconds} s", "dim")):
        yield Padding(each, (0, 0, 0, 4), expand=False)


def _numbers(entry: dict[str, Any]) -> tuple[str, str]:
    """How many seeds, and the seconds of training and measuring."""
    return str(effects.runs(entry)), f"{entry['seconds']['training'] + entry['seconds']['measuring']:.1f}"


def reasons(entries: Sequence[dict[str, Any]], *, width: int, color: bool) -> str:
    """The sentences of each claim that did not end as expected, or is undecided; empty if there is none."""
    wanting = [one for one in entries if one["verdict"] != one["expected"] or one["verdict"] == "undecided"]
    return sentences(wanting, width=width, color=color)


def sentences(entries: Sequence[dict[str, Any]], *, width: int, color: bool) -> str:
    """What each claim says, where it is made, and why it ended as it did."""
    lines = []
    for entry in entries:
        lines.append(Text.assemble((f"{entry['id']} ", "bold"), f"{entry['says']} ({entry['source']})"))
        lines.append(Text(f"    {entry['verdict']}: {entry['because']}", STYLES[entry["verdict"]]))
    return "".join(_rendered(line, width, color) for line in lines)


def everything(entries: Sequence[dict[str, Any]], *, width: int, color: bool) -> str:
    """The sentences of each claim, and all else that was written down of it before and after it was judged."""
    blocks = []
    for entry in entries:
        held = ": ".join(filter(None, (effects.margin(entry), entry["margin_reason"])))
        lines = [("refuted by", entry["refuted_by"]), ("margin", held), ("found before", entry["known"])]
        lines += [("departs", each) for each in entry["departs"]]
        lines += [("note", each) for each in entry["notes"] if each not in entry["because"]]
        rest = (Text.assemble((f"    {head}: ", "dim"), said) for head, said in lines if said)
        blocks.append(sentences([entry], width=width, color=color))
        blocks.append("".join(_rendered(line, width, color) for line in rest))
    return "".join(blocks)


def notes(entries: Sequence[dict[str, Any]], *, width: int, color: bool) -> str:
    """What a reader of seeded tests should also know; that their broken variants are not supported goes without it."""
    return "".join(
        _rendered(Text(f"note: {note}", "yellow"), width, color)
        for entry in entries
        if "alarm" in entry
        for note in entry["notes"]
        if not note.startswith("the broken variant")
    )


def wrapped(sentence: str, *, width: int) -> str:
    """A sentence in lines of that width."""
    return _rendered(Text(sentence), width, color=False)


def _verdict(entry: dict[str, Any]) -> Text:
    verdict, style = entry["verdict"], STYLES[entry["verdict"]]
    if effects.surprises(entry):
        return Text(f"{verdict} !", f"bold {style}")
    if effects.leans(entry):
        return Text(f"{verdict}, leaning", style)
    if verdict != entry["expected"]:
        return Text(f"now {verdict}", style)
    return Text(verdict, style) if verdict == "supported" else Text(f"{verdict}, known", "yellow")


def _ended(entry: dict[str, Any], wide: bool) -> list[Text]:
    """The verdict and the chance of the same, in two cells or one below the other."""
    again, style = effects.again(entry), "bold yellow" if effects.fragile(entry) else "dim"
    if wide:
        return [_verdict(entry), Text(again.replace(", ", "\n"), style)]
    return [Text("\n").join((_verdict(entry), Text(again, style)))]


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
