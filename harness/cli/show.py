"""The command `claims show`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from memorization_claims.cli import records
from memorization_claims.cli.output import say
from memorization_claims.cli.usage import BadUsageError
from memorization_claims.reports import summary, terminal

VERDICTS = ("supported", "refuted", "undecided")


@click.command("show")
@records.argument
@click.argument("ids", nargs=-1, metavar="[ID ...]")
@click.option("--supported", is_flag=True, help="Show the items that are supported.")
@click.option("--refuted", is_flag=True, help="Show the items that are refuted, known or not.")
@click.option("--undecided", is_flag=True, help="Show the items that are undecided.")
def command(record: Path, ids: tuple[str, ...], **chosen: bool) -> None:
    """Print the verdicts of RECORD, or those alone that are asked for.

    RECORD is a verdicts.json, its folder, or what --benchmark-save wrote; ID is a claim, such as Z16, or an item, such
    as 'Z16[gain]'. Under the table stands what each item claims and why it ended as it did, for those that are refuted
    or undecided where these are asked for, and always for those that did not end as expected. Of items that are named
    stands there all that the record has to say.
    """
    document = records.load(record)
    if unknown := [id for id in ids if not any(_is(id, entry) for entry in document["claims"])]:
        known = ", ".join(sorted({entry["id"].partition("[")[0] for entry in document["claims"]}))
        raise BadUsageError(f"{record} has no item {unknown[0]!r}; legal are {known}, and their items")
    wanted = [verdict for verdict in VERDICTS if chosen[verdict]]
    entries = sorted(document["claims"], key=lambda entry: (entry["scale"], entry["id"]))
    entries = [entry for entry in entries if entry["verdict"] in (wanted or VERDICTS)]
    entries = [entry for entry in entries if not ids or any(_is(id, entry) for id in ids)]
    width, color = shutil.get_terminal_size((100, 24)).columns, sys.stdout.isatty()
    if entries:
        say(terminal.table(entries, width=width, color=color))
        say(terminal.legend(width=width, color=color))
        told = terminal.sentences if set(wanted) - {"supported"} else terminal.reasons
        told = terminal.everything if ids else told
        if sentences := told(entries, width=width, color=color):
            say(sentences)
    elif document["claims"]:
        say(f"No item is {' or '.join(wanted)}.\n")
    say(summary.line(document))


def _is(id: str, entry: Mapping[str, Any]) -> bool:
    """Whether an item is the one that is named, or of the claim."""
    return id in (entry["id"], str(entry["id"]).partition("[")[0])
