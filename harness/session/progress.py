"""How a training goes, told in lines that pass pytest's capture."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from memorization_claims.session import items


def announcer(item: pytest.Function) -> Callable[[str], None]:
    """Writes lines about an item to standard error, from a worker too, whose standard error is the session's."""
    capture = item.config.pluginmanager.getplugin("capturemanager")
    name, first = items.name_of(item), ["\n"]

    def write(line: str) -> None:
        if item.config.get_verbosity() < 0:
            return
        with capture.global_and_fixture_disabled():
            # One call, so that the lines of several workers do not run into each other; the first leaves pytest's dots.
            os.write(2, f"{first.pop() if first else ''}  {name}: {line}\n".encode())

    return write
