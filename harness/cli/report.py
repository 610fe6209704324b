"""The command `claims report`."""

from __future__ import annotations

from pathlib import Path

import click

from memorization_claims.cli import records
from memorization_claims.cli.output import say
from memorization_claims.cli.paths import UserPath
from memorization_claims.cli.usage import UselessError
from memorization_claims.errors import DataError, HarnessError
from memorization_claims.reports import render


@click.command("report")
@records.argument
@click.option("--output", type=UserPath(file_okay=False), metavar="DIR", help="Default: beside it.")
@click.option(
    "--mutants",
    type=UserPath(exists=True, dir_okay=False),
    metavar="FILE",
    help="What `claims mutants --save` wrote. Default: mutants.json beside the record, if there is one.",
)
def command(record: Path, output: Path | None, mutants: Path | None) -> None:
    """Write report.html and report.md of RECORD: a verdicts.json, its folder, or what --benchmark-save wrote."""
    path = record / "verdicts.json" if record.is_dir() else record
    try:
        written = render.write(path, output or path.parent, mutants)
    except DataError as error:
        raise UselessError(str(error)) from error
    except (HarnessError, OSError) as error:
        raise UselessError(str(error)) from error
    for each in written:
        say(each)
