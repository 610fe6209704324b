"""A pytest plugin that notes beside the store which run is begun by which process, and which one it has trained."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from memorization_claims.store import Entry, Store
from memorization_claims.store.locks import Lock
from memorization_claims.store.store import Make

WHOLE = Store._make


class Note(NamedTuple):
    """A line of the notes."""

    process: int
    what: str
    """`begun` or `trained`."""
    key: str


def place(store: Path) -> Path:
    """Where the notes of a store are."""
    return store.with_name("notes")


def read(store: Path) -> list[Note]:
    """The notes so far, in the order in which they were made."""
    lines = place(store).read_text(encoding="ascii").splitlines() if place(store).exists() else []
    return [Note(int(process), what, key) for process, what, key in map(str.split, lines)]


def _make(self: Store, make: Make, locks: dict[str, Lock]) -> dict[str, Entry]:
    def note(what: str, keys: Sequence[str]) -> None:
        with open(place(self.root), "a", encoding="ascii") as file:  # a line at a time, whole whoever is killed
            file.write("".join(f"{os.getpid()} {what} {key}\n" for key in keys))

    def noted(keys: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        note("begun", keys)
        for key, entry in make(keys):
            note("trained", [key])
            yield key, entry

    return WHOLE(self, noted, locks)


def pytest_configure() -> None:
    """Note what this process makes."""
    Store._make = _make  # type: ignore[method-assign]
