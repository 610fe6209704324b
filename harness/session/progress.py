"""How a training goes, told in lines that pass pytest's capture."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress

import pytest

from memorization_claims.session import items


def announcer(item: pytest.Function) -> Callable[[str], None]:
    """Writes lines about an item to standard error, from a worker too, whose standard error is the session's."""
    from memorization_claims.reports.plain import plain

    capture = item.config.pluginmanager.getplugin("capturemanager")
    encoding = getattr(sys.__stderr__, "encoding", None) or "ascii"
    name, first = items.name_of(item), ["\n"]

    def write(line: str) -> None:
        if item.config.get_verbosity() < 0:
            return
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            # One call, so that the lines of several workers do not run into each other; the first leaves pytest's dots.
            text = plain(f"{first.pop() if first else ''}  {name}: {line}\n", encoding)
            # A terminal that is gone, or was never there, costs no training.
            with suppress(OSError):
                os.write(2, text.encode(encoding))

    return write
