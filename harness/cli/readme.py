"""What the README shows of a record, written anew from it: `python -m memorization_claims.cli.readme [--check]`.

A block stands between `<!-- claims KIND RECORD -->` and `<!-- end -->`; KIND is one of those below, RECORD the path of
a `verdicts.json` from the folder of the README, and after a colon stand the items that `lines` is to show.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from memorization_claims.errors import DataError
from memorization_claims.reports import effects, terminal
from memorization_claims.reports.compare import words
from memorization_claims.reports.compare.comparison import compare
from memorization_claims.reports.compare.markdown import table

README = Path(__file__).resolve().parents[2] / "README.md"
BLOCK = re.compile(r"(<!-- claims (\w+) ([^\s:]+)(?:: ([^>]*?))? -->\n).*?(<!-- end -->\n)", re.DOTALL)
WIDTH = 76
"""Columns of the lines, which stand indented by four."""

Record = dict[str, Any]
Entry = dict[str, Any]


def renewed(text: str, folder: Path) -> str:
    """A text with each of its blocks written anew.

    Args:
        text: of the README.
        folder: that the paths of records begin in.

    Raises:
        DataError: a block's kind is none of those there are, or its record or an item of it is missing.
    """

    def block(found: re.Match[str]) -> str:
        begin, kind, path, items, end = found.groups()
        if kind not in KINDS:
            raise DataError(f"no block of kind {kind!r}; legal are {', '.join(KINDS)}")
        listed = items.split(", ") if items else []
        given = [_record(folder / one) for one in listed] if kind == "comparison" else listed
        return f"{begin}\n{KINDS[kind](_record(folder / path), given)}\n\n{end}"

    return BLOCK.sub(block, text)


def _record(path: Path) -> Record:
    if not path.is_file():
        raise DataError(f"there is no record {path}")
    found: Record = json.loads(path.read_text(encoding="utf-8"))
    return found


def counts(record: Record, items: Sequence[str]) -> str:
    """How many items ended how, and what they were judged under."""
    summary, made = record["summary"], record["environment"]
    number = sum(summary[verdict] for verdict in ("supported", "refuted", "inconclusive"))
    unsure = f"{summary['inconclusive']} inconclusive" if summary["inconclusive"] else "none inconclusive"
    ended = f"{summary['supported']} are supported and {summary['refuted']} refuted, {unsure}"
    return f"Of {number} items {ended} (torch {made['torch']}, NumPy {made['numpy']}, {made['device']})."


def lines(record: Record, items: Sequence[str]) -> str:
    """Some of the lines of the table at the end of a session."""
    entries = {entry["id"]: entry for entry in record["claims"]}
    if absent := [item for item in items if item not in entries]:
        raise DataError(f"the record has no item {', '.join(absent)}")
    shown = terminal.table([entries[item] for item in items], width=WIDTH, color=False)
    return "\n".join(f"    {line}".rstrip() for line in shown.rstrip("\n").splitlines())


def refuted(record: Record, items: Sequence[str]) -> str:
    """Every claim that does not hold, once: what the paper says, and what was measured of each of its items."""
    found: dict[str, list[Entry]] = {}
    for entry in record["claims"]:
        if entry["verdict"] == "refuted":
            found.setdefault(f"{entry['says']} ({entry['source']})", []).append(entry)
    rows = [
        (", ".join(entry["id"] for entry in entries), says, f"{_measured(entries)}, claimed {_claimed(entries[0])}")
        for says, entries in found.items()
    ]
    return "\n".join(table(("item", "the paper", "here"), rows)).rstrip("\n")


def _measured(entries: Sequence[Entry]) -> str:
    """The effects of a claim's items in words and numbers: of differences of logarithms the ratios."""
    name, numbers = entries[0]["effect"]["name"], [effects.numbers(_unlogged(entry)) for entry in entries]
    if _ratio(entries[0]):
        name = name.removeprefix("log ").replace(" - ", " / ")
    return f"{name}: {' and '.join(numbers)}"


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
    return entry["effect"]["name"].startswith("log ") and " - " in entry["effect"]["name"]


def comparison(record: Record, earlier: Sequence[Record]) -> str:
    """What `claims compare` says of several versions of torch: how many items are as before, and which are not."""
    records = {f"torch {own['environment']['torch']}": own for own in (*earlier, record)}
    found = []
    for pair in compare(records)["comparisons"]:
        moved = [item for item in pair["items"] if item["group"] in ("changed", "drifted")]
        rows = ((item["group"], *words.row(item).values()) for item in moved)
        shown = "\n".join(table(("", *words.COLUMNS), rows)) if moved else words.NOTHING
        alike = sum(item["because"].startswith("the same numbers") for item in pair["items"])
        digits = f" Of these {alike} have the same numbers to the last digit." if alike else ""
        found.append(f"{words.title(pair)}: {words.counts(pair)}{digits} {words.time(pair)}\n\n{shown}".rstrip("\n"))
    return "\n\n".join(found)


KINDS: dict[str, Callable[[Record, Sequence[Any]], str]] = {
    "counts": counts,
    "lines": lines,
    "refuted": refuted,
    "comparison": comparison,
}


def main() -> None:
    """Write the README's blocks anew, or say whether that would change them."""
    parser = argparse.ArgumentParser(prog="python -m memorization_claims.cli.readme", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a block is old")
    options = parser.parse_args()
    before = README.read_text(encoding="utf-8")
    after = renewed(before, README.parent)
    if options.check:
        sys.exit("README.md is not current: run python -m memorization_claims.cli.readme" if before != after else 0)
    README.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
