"""The command `claims`: a group with one file for each command. Imports neither torch nor pytest."""

from __future__ import annotations

import click

from memorization_claims.cli.cite import command as cite
from memorization_claims.cli.compare import command as compare
from memorization_claims.cli.list import command as list_claims
from memorization_claims.cli.mutants import command as mutants
from memorization_claims.cli.report import command as report
from memorization_claims.cli.run import command as run
from memorization_claims.cli.show import command as show
from memorization_claims.cli.usage import OneLineGroup


@click.group(cls=OneLineGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="memorization-claims", message="memorization-claims %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Claims about memorization in deep networks, as tests that can fail."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (list_claims, run, mutants, show, report, compare, cite):
    main.add_command(command)
