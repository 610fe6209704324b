"""Paths as arguments of commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from memorization_claims.errors import SettingError
from memorization_claims.spec.paths import expanded


class UserPath(click.Path):
    """A path, in which `~` stands for the user's home; options as of `click.Path`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(path_type=Path, **options)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path with the home written out."""
        try:
            value = expanded(param.human_readable_name if param else "the path", value)
        except SettingError as error:
            self.fail(str(error), param, ctx)
        return super().convert(value, param, ctx)
