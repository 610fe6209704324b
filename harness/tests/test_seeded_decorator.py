"""What cannot be judged is refused where it is written, in one line."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from memorization_claims.errors import SettingError
from memorization_claims.seeding.decorator import seeded

ONE_OF = "legal is exactly one of at_least, at_most, above, same, rises, falls, fit, rate_at_least, rate_at_most"
SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({}, f"nothing is claimed; {ONE_OF}"),
    ({"at_least": 1, "same": ("a", "b"), "margin": 1}, f"at_least and same are given; {ONE_OF}"),
    (
        {"above": ("a", "b")},
        "above=('a', 'b') takes a margin, the smallest effect that counts; with a margin are above, same, rises, falls",
    ),
    ({"at_least": 1.0, "margin": 0.1}, "at_least=1.0 takes no margin; with a margin are above, same, rises, falls"),
    ({"above": ("a", "a"), "margin": 0.1}, "above=('a', 'a'); legal is a pair of names"),
    ({"above": "ab", "margin": 0.1}, "above='ab'; legal is a pair of names"),
    ({"same": "ab", "margin": 0.1}, "same='ab'; legal is a pair of names, or a number"),
    ({"rises": {"a": 1, "b": "2", "c": 3}, "margin": 0}, "legal is a dictionary of the level of each name, 3 or more"),
    ({"rises": {"a": 1, "b": 2}, "margin": 0}, "2 levels: a trend takes 3 or more"),
    ({"at_least": float("nan")}, "at_least=nan; legal is a finite number"),
    ({"at_least": True}, "at_least=True; legal is a finite number"),
    ({"same": 1.0, "margin": 0.0}, "margin = 0.0: must be a finite number > 0"),
    ({"above": ("a", "b"), "margin": -1.0}, "margin = -1.0: must be a finite number >= 0"),
    ({"fit": 1.0}, "margin = 1.0: must be a finite number > 1"),
    ({"rate_at_least": 1.0}, "rate_at_least=1.0; legal is a rate between 0 and 1"),
    ({"rate_at_least": 0.99}, "rate_at_least=0.99 cannot be shown by 192 seeds; most=972 can"),
    ({"rate_at_most": 0.0001}, "rate_at_most=0.0001 cannot be shown by 192 seeds; 2000 cannot either"),
    ({"at_least": 1.0, "most": 8}, "most = 8; legal are 12 to 192 seeds"),
    ({"at_least": 1.0, "seconds": 0}, "seconds = 0; legal is a finite number above 0"),
    ({"at_least": 1.0, "broken": [3]}, "broken = (3,); legal is a list of functions of the test's arguments"),
]


def of_a_seed(seed: int) -> float:
    """A function that could be judged."""
    return float(seed)


@pytest.mark.parametrize(("settings", "message"), SETTINGS)
def test_illegal_settings_are_named(settings: dict[str, Any], message: str) -> None:
    """Each with what is legal."""
    with pytest.raises(SettingError, match=re.escape(message)) as refused:
        seeded(**settings)(of_a_seed)
    assert "\n" not in str(refused.value)


async def waits(seed: int) -> float:
    """An async function."""
    await asyncio.sleep(0)
    return float(seed)


async def streams(seed: int) -> AsyncIterator[float]:
    """An async generator."""
    yield float(seed)


def yields(seed: int) -> Iterator[float]:
    """A generator."""
    yield float(seed)


def takes_none() -> float:
    """No seed."""
    return 0.0


def ignores(seed: int) -> float:
    """A seed of its own in the place of that which it is given."""
    seed = 3  # noqa: F841
    return 0.0


class Holder:
    """No function."""


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (waits, "waits is async; legal is a plain function, which may call asyncio.run itself"),
        (streams, "streams is async; legal is a plain function, which may call asyncio.run itself"),
        (yields, "yields yields; legal is a function that returns a number, or numbers by name"),
        (takes_none, "takes_none takes no seed; legal is a function with an argument `seed`"),
        (ignores, "ignores ignores its seed, which it never reads; it is one run, however often it is called"),
        (Holder, "Holder is no function; legal is to mark a function or a method with `seeded`"),
    ],
)
def test_what_is_no_function_of_a_seed_is_refused(function: Callable[..., Any], message: str) -> None:
    """With its name."""
    with pytest.raises(SettingError, match=f"^{re.escape(message)}$"):
        seeded(at_least=0.0)(function)


def test_a_seed_that_is_read_within_is_read() -> None:
    """In a function within the function, by a comprehension, beside what is stored, and by one that wraps it."""

    def closure(seed: int) -> float:
        def within() -> float:
            return float(seed)

        return within()

    def listed(seed: int) -> float:
        return sum(seed + each for each in range(3))

    def stored(seed: int) -> float:
        factor = 2.0
        return seed * factor

    def wrapper(*args: Any, **kwargs: Any) -> float:
        return of_a_seed(*args, **kwargs)

    wrapper.__signature__ = inspect.signature(of_a_seed)  # type: ignore[attr-defined]
    for function in (closure, listed, stored, wrapper):
        assert callable(seeded(at_least=0.0)(function))


def test_pytest_is_asked_for_the_other_arguments() -> None:
    """The seed is no fixture; the rest is as it was, and so are name and docstring."""

    def test_with_more(self: object, seed: int, data: list[float], *, size: int = 3) -> float:
        """The claim in a sentence.

        And more.
        """
        return float(seed)

    made = seeded(at_least=0.0)(test_with_more)
    assert list(inspect.signature(made).parameters) == ["self", "data", "size"]
    (mark,) = made.pytestmark  # type: ignore[attr-defined]
    assert (mark.name, mark.args[0].says, mark.args[0].label) == ("seeded", "The claim in a sentence.", "with more")
