"""The answer to one question about a machine, and how it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A table with a sentence."""

    question: str
    says: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    failed: bool = False
    """What verdicts rest on does not hold."""


def rendered(answer: Answer) -> list[RenderableType]:
    """What rich prints of it: Markdown, so that it can be pasted as it stands, in colours where a terminal shows it."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.MARKDOWN, header_style="bold")
    for column in answer.columns:
        table.add_column(column, no_wrap=True)
    for row in answer.rows:
        table.add_row(*(Text(cell.replace("|", "/")) for cell in row))
    says = Text(f"**FAILED**: {answer.says}" if answer.failed else answer.says, "bold red" if answer.failed else "")
    shown: list[RenderableType] = [Text(f"## {answer.question}", "bold"), ""]
    if answer.rows:
        shown += [table, ""]
    return [*shown, says, ""]


def significant(value: float) -> str:
    """A number in three digits."""
    return f"{value:.3g}"
