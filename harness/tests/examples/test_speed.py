"""A speed-up of one implementation over another: a set instead of a list, where a fault still searches the list."""

import math
import time
from collections.abc import Callable

from memorization_claims import numpy_generator, seeded

ITEMS = 200


def by_list(items: list[int]) -> list[int]:
    """Each once, in order."""
    seen: list[int] = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen


def by_set(items: list[int]) -> list[int]:
    """The same, faster."""
    seen: set[int] = set()
    return [item for item in items if not (item in seen or seen.add(item))]  # type: ignore[func-returns-value]


def by_both(items: list[int]) -> list[int]:
    """The fault: what is new is sought in a third of the list too."""
    seen: set[int] = set()
    order: list[int] = []
    for item in items:
        if item not in seen and item not in order[: len(order) // 3]:
            seen.add(item)
            order.append(item)
    return order


def seconds(seed: int, new: Callable[[list[int]], list[int]]) -> dict[str, float]:
    """The logarithms of what both take for the same items, the least of three times."""
    items = numpy_generator(seed).integers(0, 10 * ITEMS, size=ITEMS).tolist()

    def least(function: Callable[[list[int]], list[int]]) -> float:
        times = []
        for _ in range(3):
            began = time.thread_time_ns()
            function(items)
            times.append(time.thread_time_ns() - began)
        return math.log(min(times))

    return {"old": least(by_list), "new": least(new)}


def searches_both(seed: int) -> dict[str, float]:
    """The fault, timed."""
    return seconds(seed, by_both)


@seeded(
    above=("old", "new"),
    margin=math.log(3),
    because="three times as fast is worth a release",
    repeatable=False,
    broken=[searches_both],
)
def test_a_set_is_faster(seed: int) -> dict[str, float]:
    """A set takes less than a third of the time."""
    return seconds(seed, by_set)
