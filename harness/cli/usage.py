"""What is wrong with how a command was called, in one line that names what is legal."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import click

FORWARDED = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""The settings of a command that hands what it does not know to pytest."""


class UselessError(click.ClickException):
    """A command that can do nothing: its record cannot be read, its file not be written, its claims not be judged."""

    exit_code = 2


class BadUsageError(UselessError):
    """A command line that is not legal."""


class OneLineCommand(click.Command):
    """A command that says in one line what is wrong with its usage."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read its options."""
        with _in_one_line():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Call it."""
        with _in_one_line():
            return super().invoke(ctx)


class OneLineGroup(OneLineCommand, click.Group):
    """A group whose commands do the same."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command that is named first."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise BadUsageError(f"there is no command {args[0]!r}; legal are {', '.join(self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


class ForwardingCommand(click.Command):
    """A command that takes options of pytest.

    Its `-h` is a word of its own: as an option of click it would also be found within pytest's `-khidden`.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options."""
        return super().parse_args(ctx, ["--help"] if "-h" in args else args)


@contextlib.contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        raise BadUsageError(_line(error)) from error


def _line(error: click.UsageError) -> str:
    message = " ".join(error.format_message().split()).removesuffix(".")
    if error.ctx is None:
        return message
    if isinstance(error, click.NoSuchOption):
        options = [
            option for each in error.ctx.command.get_params(error.ctx) for option in each.opts if option[0] == "-"
        ]
        return f"{error.message.removesuffix('.')}; legal are {', '.join(options)}"
    if isinstance(error, click.MissingParameter) or "argument" in message:
        pieces = " ".join(error.ctx.command.collect_usage_pieces(error.ctx))
        return f"{message}; legal is {error.ctx.command_path} {pieces}"
    return message
