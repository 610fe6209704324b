"""What is claimed of the numbers that a test returns, and which procedure of `statistics` decides it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from memorization_claims.errors import SettingError
from memorization_claims.statistics import above, bound, fit, same, trend
from memorization_claims.statistics.event import event
from memorization_claims.statistics.looks import Look, one_look
from memorization_claims.statistics.rated import MOST, Rated, RateLook, fewest, looks
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.spending import schedule
from memorization_claims.statistics.verdict import ALPHA, Verdict

KINDS = {
    **{"at_least": "bound", "at_most": "bound", "above": "above", "same": "same", "rises": "trend", "falls": "trend"},
    **{"fit": "fit", "rate_at_least": "event", "rate_at_most": "event"},
}
"""The procedures of `statistics` that decide."""
Keyword = Literal["at_least", "at_most", "above", "same", "rises", "falls", "fit", "rate_at_least", "rate_at_most"]
AnyLook: TypeAlias = Look | RateLook
NUMBER = "number"
"""The condition of a test that returns one number."""
WITH_MARGIN = ("above", "same", "rises", "falls")
EVENTS = ("rate_at_least", "rate_at_most")
DEFAULT_MOST = 192
FEWEST = 12
"""The seeds of the first look."""


@dataclass(frozen=True)
class Procedure:
    """One of the claims that `seeded` takes.

    Raises:
        SettingError: for a value or a margin that it cannot have, in one line.
    """

    keyword: Keyword
    value: Any
    """What the keyword was given."""
    margin: float | None = None
    """The smallest effect that counts; for `same` the largest that does not."""
    most: int = DEFAULT_MOST
    """The cap of seeds."""

    def __post_init__(self) -> None:
        if (self.margin is not None) != (self.keyword in WITH_MARGIN):
            takes = "takes a margin, the smallest effect that counts" if self.margin is None else "takes no margin"
            raise SettingError(f"{self._said} {takes}; with a margin are {', '.join(WITH_MARGIN)}")
        self._check_value()
        last = MOST if self.keyword in EVENTS else DEFAULT_MOST
        if not _is_whole(self.most) or not FEWEST <= self.most <= last:
            raise SettingError(f"most = {self.most!r}; legal are {FEWEST} to {last} seeds")
        if self.keyword in EVENTS and not Rated(self._rate, looks(self.most)).can_support:
            enough = fewest(self._rate)
            able = f"most={enough} can" if enough else f"{MOST} cannot either"
            raise SettingError(f"{self._said} cannot be shown by {self.most} seeds; {able}")
        # Whatever else is wrong with a value, the procedure itself finds on numbers as they will be.
        self.judge(Samples("", "", dict.fromkeys(self.conditions, np.zeros(1)), (0,)), self.first(seeds=1))

    @property
    def _said(self) -> str:
        return f"{self.keyword}={self.value!r}"

    @property
    def named(self) -> bool:
        """Whether the test returns named numbers."""
        return self.conditions != (NUMBER,)

    @property
    def conditions(self) -> tuple[str, ...]:
        """The names of the numbers that are judged."""
        if self.keyword == "above" or (self.keyword == "same" and isinstance(self.value, tuple)):
            return tuple(self.value)
        return tuple(self.value) if self.keyword in ("rises", "falls") else (NUMBER,)

    @property
    def kind(self) -> str:
        """The procedure that decides."""
        return KINDS[self.keyword]

    @property
    def opposite(self) -> str:
        """What would refute it, in words."""
        margin = f"{self.margin:g}" if self.margin is not None else ""
        value = f"{self.value:g}" if isinstance(self.value, int | float) else ""
        in_most = "at more seeds than not"
        match self.keyword:
            case "at_least":
                return f"a number below {value} {in_most}"
            case "at_most":
                return f"a number above {value} {in_most}"
            case "above":
                return f"{self.value[0]} above {self.value[1]} by less than {margin} {in_most}"
            case "same":
                other = f"{self.value[0]} and {self.value[1]}" if self.named else f"the number and {value}"
                return f"{other} more than {margin} apart, on one side, {in_most}"
            case "rises" | "falls":
                return f"a slope of less than {margin} {in_most}"
            case "fit":
                return f"a ratio beyond 1/{value} or {value}, on one side, {in_most}"
            case "rate_at_least":
                return f"an event at less than {value} of all seeds"
            case "rate_at_most":
                return f"an event at more than {value} of all seeds"

    def first(self, *, alpha: float = ALPHA, seeds: int | None = None) -> AnyLook:
        """The first look.

        Args:
            alpha: the level of either side.
            seeds: a single look at so many; by default one after another up to the cap.
        """
        if self.keyword in EVENTS:
            return RateLook(Rated(self._rate, (seeds,) if seeds else looks(self.most), alpha))
        return Look(one_look(seeds, alpha) if seeds else schedule(alpha).capped(self.most))

    @property
    def sides(self) -> int:
        """On how many sides what is true may be refuted: beyond either end of an equivalence."""
        return 2 if self.keyword in ("same", "fit") else 1

    def false_alarm(self, look: AnyLook) -> float:
        """The chance, at most, to refute what is true, over all looks."""
        if isinstance(look, RateLook):
            return float(look.rated.refutes.stops([1 - look.rated.rate]).sum())
        return self.sides * float(look.schedule.walk.stops([0.5]).sum())

    def judge(self, samples: Samples, look: AnyLook) -> Verdict:
        """The verdict on the numbers of some seeds."""
        if isinstance(look, RateLook):
            return event(samples, NUMBER, **{self.keyword.removeprefix("rate_"): self.value}, look=look)
        match self.keyword:
            case "above":
                return above(samples, *self.value, margin=_given(self.margin), look=look)
            case "rises" | "falls":
                rising = self.keyword == "rises"
                return trend(samples, self.value, margin=_given(self.margin), rising=rising, look=look)
            case "same" if self.named:
                return same(samples, *self.value, margin=_given(self.margin), look=look)
            case "same":
                found = same(samples, NUMBER, self.value, margin=_given(self.margin), look=look)
                return _renamed(found, f"{samples.name} - {self.value:g}")
            case "fit":
                return _renamed(fit(samples, NUMBER, margin=self.value, look=look), samples.name)
        return _renamed(bound(samples, NUMBER, **{self.keyword: self.value}, look=look), samples.name)

    @property
    def _rate(self) -> float:
        """The rate at which runs count for the claim."""
        return float(self.value if self.keyword == "rate_at_least" else 1 - self.value)

    def _check_value(self) -> None:
        if self.keyword in ("rises", "falls"):
            legal = "a dictionary of the level of each name, 3 or more"
            right = isinstance(self.value, Mapping) and all(map(_is_number, self.value.values()))
        elif self.keyword == "above" or (self.keyword == "same" and not _is_number(self.value)):
            legal = "a pair of names" + (", or a number" if self.keyword == "same" else "")
            right = isinstance(self.value, tuple) and len(self.value) == 2 and self.value[0] != self.value[1]
            right = right and all(isinstance(name, str) for name in self.value)
        elif self.keyword in EVENTS:
            legal, right = "a rate between 0 and 1", _is_number(self.value) and 0 < self.value < 1
        else:
            legal, right = "a finite number", _is_number(self.value)
        if not right:
            raise SettingError(f"{self._said}; legal is {legal}")


def chosen(given: Mapping[str, Any], margin: float | None, most: int | None) -> Procedure:
    """The procedure of the one keyword that was given.

    Raises:
        SettingError: none was, or several were.
    """
    there = {keyword: value for keyword, value in given.items() if value is not None}
    if len(there) != 1:
        said = f"{' and '.join(there)} are given" if there else "nothing is claimed"
        raise SettingError(f"{said}; legal is exactly one of {', '.join(get_args(Keyword))}")
    ((keyword, value),) = there.items()
    return Procedure(keyword, value, margin, DEFAULT_MOST if most is None else most)  # type: ignore[arg-type]


def _renamed(verdict: Verdict, name: str) -> Verdict:
    """The effect of a test that returns one number is that number."""
    return replace(verdict, effect=replace(verdict.effect, name=name)) if verdict.effect else verdict


def _given(margin: float | None) -> float:
    assert margin is not None
    return margin


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
