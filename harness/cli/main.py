"""The command `claims`: what there is to judge, reports, comparisons, mutants and who notices. Without torch."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from memorization_claims.cli.compare import command as compare
from memorization_claims.controls import find
from memorization_claims.errors import HarnessError
from memorization_claims.reports import render

NO_TESTS = 5
"""The exit status of pytest where nothing was selected."""

ROOT = Path(__file__).resolve().parent.parent
FORWARD = {"ignore_unknown_options": True, "help_option_names": ["--help"]}


@click.group()
def main() -> None:
    """Claims about memorization in deep networks, as tests that can fail."""


main.add_command(compare)


@main.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print them.")
def list_claims(form: str) -> None:
    """Print every claim with its source."""
    claims = _collected()
    if form == "json":
        click.echo(json.dumps(claims, indent=1))
        return
    console = Console()
    for claim in claims:
        console.print(Text.assemble((claim["id"], "bold"), f"  {claim['says']}"))
        console.print(Text(f"     refuted by {claim['refuted_by']}"))
        console.print(Text(f"     {claim['source']}; {', '.join(claim['items'])}", "dim"))


def _collected() -> list[dict[str, Any]]:
    """What pytest collects of claims, a dictionary for each claim and part."""
    import pytest

    from memorization_claims.session.items import claim_of, name_of, placed

    class Collector:
        def __init__(self) -> None:
            self.found: dict[str, dict[str, Any]] = {}

        def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
            for item in items:
                if isinstance(item, pytest.Function) and (claim := claim_of(item)):
                    facts: dict[str, Any] = {
                        "id": claim.id,
                        "part": claim.part,
                        "says": claim.says,
                        "source": str(claim.source),
                        "test": item.nodeid.split("[")[0],
                    }
                    facts |= {"kind": claim.kind, "refuted_by": claim.refuted_by}
                    facts |= {"margin": claim.margin.value, "margin_reason": claim.margin.reason, "items": []}
                    own = self.found.setdefault(item.nodeid.split("[")[0], facts)
                    own["items"].append(f"{placed(item)[0]} {name_of(item)}")

    collector = Collector()
    arguments = [
        "--collect-only",
        "-qq",
        "--rootdir",
        str(ROOT),
        "-c",
        str(ROOT / "pyproject.toml"),
        str(ROOT / "claims"),
    ]
    with tempfile.TemporaryFile("w+") as out:
        status = _quietly(lambda: pytest.main([*arguments, "-p", "no:cacheprovider"], plugins=[collector]), out)
        if status:
            out.seek(0)
            raise click.ClickException(f"the claims cannot be collected:\n{out.read()}")
    return sorted(collector.found.values(), key=lambda claim: (claim["id"], claim["part"]))


def _quietly(call: Any, out: Any) -> int:
    from contextlib import redirect_stdout

    with redirect_stdout(out):
        return int(call())


@main.command()
@click.argument("record", type=click.Path(exists=True, path_type=Path))
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Default: beside it.")
@click.option(
    "--mutants",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What `claims mutants --save` wrote. Default: mutants.json beside the record, if there is one.",
)
def report(record: Path, output: Path | None, mutants: Path | None) -> None:
    """Write report.html and report.md of RECORD: a verdicts.json, its folder, or what --benchmark-save wrote."""
    path = record / "verdicts.json" if record.is_dir() else record
    try:
        written = render.write(path, output or path.parent, mutants)
    except (HarnessError, OSError) as error:
        raise click.ClickException(str(error)) from error
    for each in written:
        click.echo(each)


@main.command(context_settings=FORWARD)
@click.option("--only", multiple=True, metavar="NAME", help="Try this mutant alone; may be given several times.")
@click.option(
    "--save", type=click.Path(path_type=Path), metavar="FILE", help="Write as JSON which claims fail, for a report."
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def mutants(only: Sequence[str], save: Path | None, arguments: Sequence[str]) -> None:
    """Break the science in named ways and print which claims notice.

    ARGUMENTS go to pytest; without any, the fast claims are judged.
    """
    try:
        chosen = {name: find.find(name) for name in only} if only else find.mutants()
    except HarnessError as error:
        raise click.ClickException(str(error)) from error
    passed = list(arguments) if "-m" in arguments else ["-m", "fast", *arguments]
    click.echo("judging the claims as they are", err=True)
    whole, broken = _verdicts(passed), {}
    for name, mutant in chosen.items():
        click.echo(f"judging them with {name}: {mutant.says}", err=True)
        broken[name] = _verdicts([*passed, "--mutant", name])
    if save:
        save.write_text(json.dumps(_caught(whole, broken), indent=1) + "\n", encoding="utf-8")
    Console().print(_table(whole, broken))
    unnoticed = [
        name for name, verdicts in broken.items() if not any(_notices(whole[key], own) for key, own in verdicts.items())
    ]
    for name in unnoticed:
        test = chosen[name].caught_by
        click.echo(f"{name} is noticed by no claim" + (f"; {test} catches it" if test else ""))
    # Of a claim that notices no mutant nothing shows that it can fail.
    unfailed = [] if only else [whole[nodeid] for nodeid, names in _caught(whole, broken).items() if not names]
    for entry in unfailed:
        click.echo(f"{entry['id']} at {entry['scale']} scale is failed by no mutant")
    sys.exit(bool(unfailed) or not all(chosen[name].caught_by for name in unnoticed))


def _verdicts(arguments: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The entries of a session of its own, by the id of the test; a session with errors says nothing of mutants."""
    with tempfile.TemporaryDirectory() as folder:
        where = ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), str(ROOT / "claims")]
        command = [sys.executable, "-m", "pytest", *where, "-q", "--report", folder, *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        path = Path(folder, "verdicts.json")
        record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"claims": [], "errors": []}
    judged = record["claims"] or ("--mutant" in arguments and done.returncode == NO_TESTS)
    if record["errors"] or not judged:
        raise click.ClickException(f"{' '.join(command)} judged no claim, or met errors:\n{done.stdout}")
    return {entry["nodeid"]: entry for entry in record["claims"]}


def _notices(whole: dict[str, Any], broken: dict[str, Any]) -> bool:
    """A claim notices a mutant that takes its support away."""
    return bool(whole["verdict"] == "supported" != broken["verdict"])


def _caught(whole: dict[str, dict[str, Any]], broken: dict[str, dict[str, dict[str, Any]]]) -> dict[str, list[str]]:
    """Of each supported claim, by the id of its test, the mutants that take its support away."""
    return {
        nodeid: [name for name, own in broken.items() if nodeid in own and _notices(entry, own[nodeid])]
        for nodeid, entry in whole.items()
        if entry["verdict"] == "supported"
    }


def _table(whole: dict[str, dict[str, Any]], broken: dict[str, dict[str, dict[str, Any]]]) -> Table:
    table = Table("claim", "as it is", "fails with", "stands with", box=None, pad_edge=False, header_style="bold")
    for nodeid, entry in sorted(whole.items(), key=lambda pair: (pair[1]["scale"], pair[1]["id"])):
        fails, stands = Text(), Text(style="dim")
        for name, verdicts in broken.items():
            if nodeid in verdicts and verdicts[nodeid]["samples"] != entry["samples"]:
                noticed = verdicts[nodeid]["verdict"] != "supported"
                column = fails if noticed else stands
                column.append(("\n" if column else "") + name + (f" ({verdicts[nodeid]['verdict']})" * noticed))
        table.add_row(Text(entry["id"]), entry["verdict"], fails, stands)
    return table
