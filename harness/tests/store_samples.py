"""Small runs, and a maker of them, for the tests of the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from memorization_claims.store import Entry


def key_of(name: object) -> str:
    """The key of a run that is called so."""
    return hashlib.sha256(str(name).encode()).hexdigest()


KEYS = [key_of(number) for number in range(4)]


def entry_of(number: int) -> Entry:
    """A small run that differs from every other."""
    return Entry({"weight": np.full((2, 3), number, np.float32)}, {"epochs": number, "spec": {"rate": 0.1}})


class Maker:
    """Makes runs and remembers for which keys it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, keys: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        """Make each run asked for."""
        self.asked.append(tuple(keys))
        for key in keys:
            yield key, entry_of(int(key[:4], 16))


def leftovers(root: Path) -> list[Path]:
    """What lies in the store and is no whole entry."""
    return [path for part in ("runs", "values") for path in (root / part).glob("*/.*")]


def same_bits(left: Entry, right: Entry) -> bool:
    """Whether two entries agree to the last bit."""
    assert left.arrays.keys() == right.arrays.keys()
    for name, array in left.arrays.items():
        other = right.arrays[name]
        assert (array.dtype, array.shape) == (other.dtype, other.shape)
        assert array.tobytes() == other.tobytes()
    return left.facts == right.facts
