"""The argument RECORD of commands that read one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from memorization_claims.cli.paths import UserPath
from memorization_claims.cli.usage import UselessError
from memorization_claims.errors import DataError
from memorization_claims.reports.reading import read

argument = click.argument("record", type=UserPath())


def load(path: Path) -> dict[str, Any]:
    """The record in a file or folder.

    Raises:
        UselessError: there is none that can be read.
    """
    try:
        return read(path)
    except DataError as error:
        raise UselessError(str(error)) from error
