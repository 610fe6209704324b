"""The numbers of a test: it is called at one seed after another, and what it cannot be relied on for is said."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pytest

from memorization_claims.errors import SettingError
from memorization_claims.seeding.circumstances import Circumstances
from memorization_claims.seeding.kept import Kept
from memorization_claims.seeding.procedure import EVENTS, Procedure
from memorization_claims.seeding.returned import numbers
from memorization_claims.statistics.samples import Samples

CLOSE = 1e-6
"""Numbers of one seed that differ by a smaller share differ by rounding alone, as sums in another order do."""


class OverTimeError(Exception):
    """The time limit has passed, and seeds are missing."""


@dataclass
class Trial:
    """Calls a test, and holds its numbers."""

    name: str
    """The test's, for messages."""
    call: Callable[[int], object]
    """Calls it at a seed."""
    procedure: Procedure
    here: Circumstances
    deadline: float = math.inf
    """When no other seed is begun, as `time.perf_counter` tells it."""
    kept: Kept | None = None
    """The numbers that were stored."""
    found: dict[int, dict[str, float]] = field(default_factory=dict)
    """The numbers by seed."""
    seconds: float = 0.0
    """What the numbers took, when they were computed."""
    computed: int = 0
    sound: bool = True
    """Whether it is the test itself, and no broken variant of it."""

    def samples(self, label: str, seeds: Iterable[int]) -> Samples:
        """The numbers at some seeds; those that are missing are computed.

        Args:
            label: what the numbers are.
            seeds: all different.

        Raises:
            OverTimeError: there was no time for all of them.
        """
        __tracebackhide__ = True
        seeds = tuple(seeds)
        for seed in seeds:
            if seed not in self.found:
                self.found[seed] = self._obtained(seed)
        return self.known(label, seeds)

    def known(self, label: str, seeds: Iterable[int]) -> Samples:
        """The numbers at those of the seeds where there are any, at least one."""
        there = tuple(seed for seed in seeds if seed in self.found)
        values = {name: np.array([self.found[seed][name] for seed in there]) for name in self.procedure.conditions}
        return Samples(label, "", values, there)

    def at(self, seed: int) -> dict[str, float]:
        """The numbers at a seed, computed now.

        Raises:
            SettingError: they are none.
        """
        __tracebackhide__ = True
        try:
            value = self.call(seed)
        except (Exception, pytest.fail.Exception) as error:
            again = (
                f"; `{self.here.command(self.name, seed)}` repeats it" if self.sound else f", in variant {self.name}"
            )
            error.add_note(f"at seed {seed}{again}")
            raise
        return numbers(value, self.procedure, f"{self.name} at seed {seed}")

    def check_repeats(self, seed: int) -> None:
        """Call the test again at a seed.

        Raises:
            SettingError: it gives other numbers there.
        """
        __tracebackhide__ = True
        if self.kept and not self.computed:
            return
        for name, again in self.at(seed).items():
            first = self.found[seed][name]
            if not math.isclose(first, again, rel_tol=CLOSE):
                raise SettingError(
                    f"{self.name} gave {first:.6g} and then {again:.6g} at seed {seed}: it draws from elsewhere than "
                    "its seed; draw from numpy_generator(seed), or say repeatable=False of what is measured, as a time"
                )

    def check_varies(self) -> str:
        """What is to be noted where all seeds give the same whole numbers, as saturated ones do; else empty.

        Raises:
            SettingError: they all give the same numbers, which are none that a measure ends at.
        """
        values = list(self.found.values())
        if self.procedure.keyword in EVENTS or len(values) < 2 or any(each != values[0] for each in values):
            return ""
        same = " and ".join(f"{number:.6g}" for number in values[0].values())
        said = f"{self.name} gave {same} at each of {len(values)} seeds"
        if all(number.is_integer() for number in values[0].values()):
            return f"{said}: if it does not depend on its seed, that is one run and no evidence"
        raise SettingError(
            f"{said}: it ignores its seed, or its seed decides nothing, and many runs are one; where that is meant, "
            "judge an event (rate_at_least)"
        )

    def _obtained(self, seed: int) -> dict[str, float]:
        __tracebackhide__ = True
        if self.kept and (found := self.kept.load(seed)):
            self.seconds += found.seconds
            return found.numbers
        if time.perf_counter() > self.deadline:
            raise OverTimeError
        began = time.perf_counter()
        made = self.at(seed)
        took = time.perf_counter() - began
        self.seconds, self.computed = self.seconds + took, self.computed + 1
        if self.kept:
            self.kept.save(seed, made, took)
        return made
