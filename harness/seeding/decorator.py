"""The decorator: it makes of a function of a seed a test that calls it at as many seeds as a verdict takes."""

from __future__ import annotations

import dis
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any, TypeVar

import pytest

from memorization_claims.errors import SettingError
from memorization_claims.seeding.claimed import Claimed
from memorization_claims.seeding.procedure import chosen

SEED = "seed"
"""The argument that a test takes its seed by."""
Test = TypeVar("Test", bound=Callable[..., Any])


def seeded(
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    above: tuple[str, str] | None = None,
    same: tuple[str, str] | float | None = None,
    rises: Mapping[str, float] | None = None,
    falls: Mapping[str, float] | None = None,
    fit: float | None = None,
    rate_at_least: float | None = None,
    rate_at_most: float | None = None,
    margin: float | None = None,
    because: str = "",
    most: int | None = None,
    seconds: float | None = None,
    repeatable: bool = True,
    store: bool = False,
    broken: Sequence[Callable[..., object]] = (),
) -> Callable[[Test], Callable[..., None]]:
    """Judge a test function that takes a `seed` and returns a number, or numbers by name, over many seeds.

    Exactly one of the first nine says what is claimed: that a fresh seed shows it more often than not, and of an event
    how often it happens. The function is called at 12 seeds, and at more only while they leave the claim undecided.

    Args:
        at_least: the number lies above this level.
        at_most: it lies below.
        above: the first of two named numbers exceeds the second, of one seed, by more than the margin.
        same: two named numbers, or the number and this one, differ by less than the margin.
        rises: the numbers of these names rise over their levels by more than the margin for one unit of level.
        falls: they fall.
        fit: the number, a ratio, is 1 within this factor.
        rate_at_least: the event, 1 or 0, happens at more than this rate of all seeds.
        rate_at_most: it happens at less.
        margin: the smallest effect that counts; for `same` the largest that does not.
        because: why that level or margin, for the report.
        most: the cap of seeds: 192, for a rate more if that is said.
        seconds: after which no other seed is begun, and the claim is undecided.
        repeatable: whether one seed gives one number each time; False for what is measured, as a time.
        store: keep the numbers, as long as the code and what it imports are as they were.
        broken: variants of the function, broken on purpose: the test fails if one of them is supported too.

    Raises:
        SettingError: for what cannot be judged, in one line.
    """
    procedure = chosen(
        {
            **{"at_least": at_least, "at_most": at_most, "above": above, "same": same, "rises": rises, "falls": falls},
            **{"fit": fit, "rate_at_least": rate_at_least, "rate_at_most": rate_at_most},
        },
        margin,
        most,
    )

    def decorate(function: Test) -> Callable[..., None]:
        kept = _signature(function)
        label = function.__name__.removeprefix("test_").replace("_", " ")
        claimed = Claimed(
            label=label,
            says=" ".join((inspect.getdoc(function) or label).split("\n\n")[0].split()),
            procedure=procedure,
            because=because,
            seconds=seconds,
            repeatable=repeatable,
            store=store,
            broken=tuple(broken),
        )

        @functools.wraps(function)
        def test(*args: Any, **kwargs: Any) -> None:
            __tracebackhide__ = True
            from memorization_claims.seeding.judged import run

            run(claimed, function, args, kwargs)

        test.__signature__ = kept  # type: ignore[attr-defined]
        marks = [*getattr(function, "pytestmark", ()), pytest.mark.seeded(claimed).mark]
        test.pytestmark = marks  # type: ignore[attr-defined]
        return test

    return decorate


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """The arguments that pytest has to find, which are all but the seed.

    Raises:
        SettingError: it is no function that is called with a seed and returns.
    """
    name = getattr(function, "__name__", repr(function))
    if inspect.isclass(function) or not callable(function):
        raise SettingError(f"{name} is no function; legal is to mark a function or a method with `seeded`")
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise SettingError(f"{name} is async; legal is a plain function, which may call asyncio.run itself")
    if inspect.isgeneratorfunction(function):
        raise SettingError(f"{name} yields; legal is a function that returns a number, or numbers by name")
    signature = inspect.signature(function)
    if SEED not in signature.parameters:
        raise SettingError(f"{name} takes no seed; legal is a function with an argument `{SEED}`")
    if isinstance(function, FunctionType) and not _reads(function):
        raise SettingError(f"{name} ignores its seed, which it never reads; it is one run, however often it is called")
    return signature.replace(parameters=[each for each in signature.parameters.values() if each.name != SEED])


def _reads(function: FunctionType) -> bool:
    """Whether the code of a function has to do with its seed; of a wrapper it is not asked."""
    code = function.__code__
    if SEED not in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        return True
    steps = list(dis.get_instructions(code))
    # An instruction of Python 3.13 stores one name and loads another.
    only_stored = [
        ("STORE" in step.opname and "LOAD" not in step.opname) or step.opname == "MAKE_CELL" for step in steps
    ]
    named = [step.argval for step, stored in zip(steps, only_stored, strict=True) if not stored]
    return any(value == SEED or (isinstance(value, tuple) and SEED in value) for value in named)
