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
    """The fault: what is new is sought in a quarter of the list too."""
    seen: set[int] = set()
    order: list[int] = []
    for item in items:
        if item not in seen and item not in order[: len(order) // 4]:
            seen.add(item)
            order.append(item)
    return order


def seconds(seed: int, new: Callable[[list[int]], list[int]]) -> dict[str, float]:
    """The logarithms of what both take for the same items, of 10 to 1000 kinds, the least of three times."""
    generator = numpy_generator(seed)
    items = generator.integers(0, round(10 ** generator.uniform(1, 3)), size=ITEMS).tolist()

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
    margin=math.log(3.5),
    because="the release notes say so",
    repeatable=False,
    broken=[searches_both],
)
def test_a_set_is_faster(seed: int) -> dict[str, float]:
    """Of 200 items, few or many of them equal, a set finds those that differ 3.5 times as fast as a list."""
    return seconds(seed, by_set)
