"""The exit statuses of `claims`: no crash has that of a verdict."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import click

from memorization_claims.cli.output import say
from memorization_claims.cli.usage import OneLineGroup

BROKEN = 3
"""Something that nobody foresaw went wrong; pytest's status for it too."""
INTERRUPTED = 130
"""Ended by Ctrl-C, as shells have it."""
CLOSED = 141
"""Nobody reads what is printed, as of `claims show R | head -1`; as shells have it."""


class StatusGroup(OneLineGroup):
    """A group whose commands return their exit status: None or 0, 1 for a finding; mistakes of usage have 2.

    Its commands are modules beside this one, imported when they are asked for.
    """

    def __init__(self, *args: Any, modules: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        from importlib import import_module

        if cmd_name not in self._modules:
            return None
        command: click.Command = import_module(self._modules[cmd_name]).command
        return command

    def main(  # type: ignore[override]  # whatever is asked for, it does not return
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **options: Any
    ) -> NoReturn:
        """Run the command that the arguments name, and leave with its status."""
        try:
            status = super().main(args, prog_name, **{**options, "standalone_mode": False})
        except click.ClickException as error:
            say(f"Error: {error.format_message()}", error=True)
            status = error.exit_code
        except (click.Abort, KeyboardInterrupt):
            status = INTERRUPTED
        except Exception:
            say(traceback.format_exc(), error=True, end="")
            status = BROKEN
        sys.exit(status)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the options of the group."""
        with _pipe_may_close():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command."""
        with _pipe_may_close():
            status = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
            return status


@contextlib.contextmanager
def _pipe_may_close() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        # Python flushes once more when it ends, and would complain.
        with contextlib.suppress(OSError, AttributeError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(CLOSED) from error
