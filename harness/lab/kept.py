"""The one cache of values: loaded where they were measured before, else measured a portion at a time and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np

from memorization_claims.lab.progress import Measuring
from memorization_claims.lab.trained import Trained

Arrays = dict[str, np.ndarray]
T = TypeVar("T")


def kept(
    runs: Trained,
    what: str,
    keys: Mapping[T, str],
    portions: Callable[[list[T]], Iterator[Sequence[T]]],
    measure: Callable[[Sequence[T]], Sequence[Arrays]],
) -> dict[T, Arrays]:
    """The values of some things: of runs, or pairs of them.

    Args:
        runs: of a plan: they know where values are kept, and whom to tell how it goes.
        what: is measured, in words.
        keys: the content key of each thing's values.
        portions: divides the things whose values are missing, which may be none, into those that are measured at once.
        measure: gives the arrays of each thing of a portion.

    Returns:
        The arrays of each, in the order of the keys.
    """
    loaded = {thing: runs.store.load_value(key) for thing, key in keys.items()}
    values = {thing: arrays for thing, arrays in loaded.items() if arrays is not None}
    missing = [thing for thing in keys if thing not in values]
    progress = Measuring(runs.announce, what, len(missing))
    for portion in portions(missing):
        started = time.perf_counter()
        measured = measure(portion)
        share = (time.perf_counter() - started) / len(portion)
        for thing, arrays in zip(portion, measured, strict=True):
            values[thing] = arrays
            runs.store.save_value(keys[thing], arrays, seconds=share)
        progress(len(portion))
    return {thing: values[thing] for thing in keys}


def in_portions(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The things in their order, `size` of them at a time."""
    return (things[start : start + size] for start in range(0, len(things), size))
