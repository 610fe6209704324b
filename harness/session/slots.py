"""Which place each worker of pytest-xdist has among all: one that replaces another has that other's."""

from __future__ import annotations

from typing import Any

import pytest

INPUT = "claims_slot"
"""What a worker is handed over its place as."""
_GONE: pytest.StashKey[list[int]] = pytest.StashKey()
"""The places of workers that have ended, in the session that controls them."""
_BEGUN: pytest.StashKey[int] = pytest.StashKey()
"""How many places have been given away."""


def take(node: Any) -> None:
    """Give a worker that begins a place: xdist counts on, and the k-th GPU would stay with who is gone."""
    kept = node.config.stash
    if gone := kept.get(_GONE, []):
        node.workerinput[INPUT] = gone.pop()
        return
    node.workerinput[INPUT] = kept.get(_BEGUN, 0)
    kept[_BEGUN] = node.workerinput[INPUT] + 1


def leave(node: Any) -> None:
    """Free the place of a worker that has ended."""
    node.config.stash.setdefault(_GONE, []).append(node.workerinput[INPUT])
