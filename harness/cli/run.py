"""The command `claims run`."""

from __future__ import annotations

import os
import sys

import click

from memorization_claims.cli.sessions import at_fast_scale, ids_first, pytest_command
from memorization_claims.cli.usage import FORWARDED, BadUsageError, ForwardingCommand


@click.command("run", cls=ForwardingCommand, context_settings=FORWARDED)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="ID [ID ...] [PYTEST ARGUMENTS]")
def command(arguments: tuple[str, ...]) -> None:
    """Judge claims by their ids, at fast scale unless -m is given.

    An ID names a claim with all its items, as `Z18`, or one item, as `A16[mlp-2x128-randX]`; quote the brackets. Paths
    and options of pytest follow the ids. The exit status is pytest's.
    """
    ids, rest = ids_first(arguments)
    if not ids:
        raise BadUsageError("no claim is named; legal is claims run ID [ID ...] [PYTEST ARGUMENTS], as claims run Z18")
    words = pytest_command([*ids, *at_fast_scale(rest)])
    sys.stdout.flush()
    # In the place of this process, so that status, signals and terminal are pytest's.
    os.execv(words[0], words)
