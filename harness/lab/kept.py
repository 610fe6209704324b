"""The one cache of values: loaded where they were measured before, else measured a portion at a time and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np

from memorization_claims.store import Store

Arrays = dict[str, np.ndarray]
T = TypeVar("T")


def kept(
    store: Store,
    keys: Mapping[T, str],
    portions: Callable[[list[T]], Iterator[Sequence[T]]],
    measure: Callable[[Sequence[T]], Sequence[Arrays]],
) -> dict[T, Arrays]:
    """The values of some things, such as runs.

    Args:
        store: where they are kept.
        keys: the content key of each thing's values.
        portions: divides the things whose values are missing, which may be none, into those that are measured at once.
        measure: gives the arrays of each thing of a portion.

    Returns:
        The arrays of each, in the order of the keys.
    """
    loaded = {thing: store.load_value(key) for thing, key in keys.items()}
    values = {thing: arrays for thing, arrays in loaded.items() if arrays is not None}
    for portion in portions([thing for thing in keys if thing not in values]):
        started = time.perf_counter()
        measured = measure(portion)
        share = (time.perf_counter() - started) / len(portion)
        for thing, arrays in zip(portion, measured, strict=True):
            values[thing] = arrays
            store.save_value(keys[thing], arrays, seconds=share)
    return {thing: values[thing] for thing in keys}


def in_portions(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The things in their order, `size` of them at a time."""
    return (things[start : start + size] for start in range(0, len(things), size))
