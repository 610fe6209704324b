"""The command `claims show`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from memorization_claims.cli import records
from memorization_claims.cli.output import say
from memorization_claims.reports import summary, terminal

VERDICTS = ("supported", "refuted", "undecided")


@click.command("show")
@records.argument
@click.option("--supported", is_flag=True, help="Show the items that are supported.")
@click.option("--refuted", is_flag=True, help="Show the items that are refuted, known or not.")
@click.option("--undecided", is_flag=True, help="Show the items that are undecided.")
def command(record: Path, **chosen: bool) -> None:
    """Print the verdicts of RECORD, or those alone that are asked for.

    RECORD is a verdicts.json, its folder, or what --benchmark-save wrote. Under the table stands what each item claims
    and why it ended as it did, for those that are refuted or undecided where these are asked for, and always for those
    that did not end as expected.
    """
    document = records.load(record)
    wanted = [verdict for verdict in VERDICTS if chosen[verdict]]
    entries = sorted(document["claims"], key=lambda entry: (entry["scale"], entry["id"]))
    entries = [entry for entry in entries if entry["verdict"] in (wanted or VERDICTS)]
    width, color = shutil.get_terminal_size((100, 24)).columns, sys.stdout.isatty()
    if entries:
        say(terminal.table(entries, width=width, color=color))
        say(terminal.legend(width=width, color=color))
        told = terminal.sentences if set(wanted) - {"supported"} else terminal.reasons
        if sentences := told(entries, width=width, color=color):
            say(sentences)
    elif document["claims"]:
        say(f"No item is {' or '.join(wanted)}.\n")
    say(summary.line(document))
