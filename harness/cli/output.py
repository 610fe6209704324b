"""What commands print, in characters that the terminal or file can show."""

from __future__ import annotations

import sys

from rich.console import Console, RenderableType

from memorization_claims.reports.plain import plain


def say(text: object, *, error: bool = False, end: str = "\n") -> None:
    """Print a text to standard output, or to standard error."""
    stream = sys.stderr if error else sys.stdout
    if stream is not None:  # a process may have been started without
        print(plain(str(text), stream.encoding), end=end, file=stream)


def show(*renderables: RenderableType, width: int | None = None) -> None:
    """Print what rich renders, in colours where a terminal shows it, as wide as that or in so many columns."""
    console = Console(width=width)
    with console.capture() as captured:
        for each in renderables:
            console.print(each)
    say(captured.get(), end="")
