"""The command `claims compare`."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from memorization_claims.cli.output import say
from memorization_claims.cli.paths import UserPath
from memorization_claims.cli.records import load
from memorization_claims.cli.usage import UselessError
from memorization_claims.reports.compare.comparison import alarms, compare

FORMATS = ("text", "markdown", "html", "json")
DIFFERENT = 1


@click.command("compare")
@click.argument("records", nargs=-1, required=True, metavar="A B [C ...]", type=UserPath())
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to write it.")
@click.option("--output", type=UserPath(), metavar="FILE", help="Write it there instead of here.")
def command(records: tuple[Path, ...], form: str, output: Path | None) -> int:
    """Set records side by side: each later one against A.

    A record is verdicts.json, the folder that --report wrote it to, or what --benchmark-save wrote. The exit status is
    0 when no verdict changed and no effect drifted, 1 when one did or a claim that was judged in A went wrong later or
    is not there, and 2 when a record cannot be read. To compare a part, judge that part in both.
    """
    if len(records) < 2:
        raise click.UsageError("one record was given; legal are two or more")
    comparison = compare({name: load(path) for name, path in zip(_names(records), records, strict=True)})
    _write(_rendered(comparison, form, color=output is None and sys.stdout.isatty()), output)
    return DIFFERENT if alarms(comparison) else 0


def _names(paths: tuple[Path, ...]) -> list[str]:
    """Short names where all differ: a record's folder, a saved benchmark's file. Else the paths."""
    short = [path.parent.name if path.name == "verdicts.json" else path.name.removesuffix(".json") for path in paths]
    if len(set(short)) == len(short) and all(short):
        return short
    return [
        str(path) if paths.count(path) == 1 else f"{path} ({1 + paths[:place].count(path)})"
        for place, path in enumerate(paths)
    ]


def _rendered(comparison: dict[str, Any], form: str, *, color: bool) -> str:
    if form == "json":
        return json.dumps(comparison, indent=1, allow_nan=False) + "\n"
    if form == "html":
        from memorization_claims.reports.compare.html import html

        return html(comparison)
    if form == "markdown":
        from memorization_claims.reports.compare.markdown import markdown

        return markdown(comparison)
    from memorization_claims.reports.compare.text import text

    return text(comparison, width=shutil.get_terminal_size((100, 24)).columns, color=color)


def _write(rendered: str, output: Path | None) -> None:
    if output is None:
        say(rendered, end="")
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(rendered, encoding="utf-8")
    except OSError as error:
        raise UselessError(f"{output} cannot be written: {error.strerror or error}") from error
