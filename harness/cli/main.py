"""The command `claims`: a group with one file for each command. Imports neither torch nor pytest."""

from __future__ import annotations

import click

from memorization_claims.cli.output import say
from memorization_claims.cli.statuses import StatusGroup

COMMANDS = ("list", "plan", "train", "run", "doctor", "mutants", "stability", "show", "report", "compare", "cite")
"""Each is a module beside this one."""


@click.group(
    cls=StatusGroup,
    modules={name: f"memorization_claims.cli.{name}" for name in COMMANDS},
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="memorization-claims", message="memorization-claims %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Claims about memorization in deep networks, as tests that can fail.

    The exit status is 0, or 1 for a finding as each command says; 2 where a command or a record is of no use, 3 where
    something broke, 130 after Ctrl-C and 141 after a closed pipe.
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
