"""The command `claims list`."""

from __future__ import annotations

import json
from typing import Any

import click

from memorization_claims.cli.output import say, show
from memorization_claims.cli.sessions import collect
from memorization_claims.cli.usage import FORWARDED, ForwardingCommand


@click.command("list", cls=ForwardingCommand, context_settings=FORWARDED)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print them.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PATHS] [PYTEST ARGUMENTS]")
def command(form: str, arguments: tuple[str, ...]) -> None:
    """Print every claim with its source, what would refute it, and its items.

    These are the claims among the tests that `pytest` with these arguments would run here: of the current folder, or of
    the given paths. `--pyargs memorization_claims.claims` lists those of the three papers.
    """
    claims = collect(arguments)["claims"]
    say(json.dumps(claims, indent=1)) if form == "json" else _print(claims)


def _print(claims: list[dict[str, Any]]) -> None:
    from rich.text import Text

    for claim in claims:
        show(Text.assemble((claim["id"], "bold"), f"  {claim['says']}"))
        show(Text(f"     refuted by {claim['refuted_by']}"))
        show(Text(f"     {claim['source']}; {', '.join(claim['items'])}", "dim"))
