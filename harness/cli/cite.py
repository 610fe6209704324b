"""The command `claims cite`."""

from __future__ import annotations

from pathlib import Path

import click

from memorization_claims.cli import records
from memorization_claims.cli.output import say
from memorization_claims.reports.citation import bibtex


@click.command("cite")
@records.argument
def command(record: Path) -> None:
    """Print the BibTeX of the papers whose claims RECORD judged, and of this software."""
    say(bibtex(records.load(record)), end="")
