"""What a test that takes a seed says of itself, before it is run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from memorization_claims.errors import SettingError
from memorization_claims.seeding.procedure import Procedure


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """The claim of a test.

    Raises:
        SettingError: for a field that it cannot have.
    """

    label: str
    """What its numbers are, in words: the function's name."""
    says: str
    """The claim in a sentence: the first of the docstring, else the label."""
    procedure: Procedure
    because: str
    """Why the level or margin is what it is."""
    seconds: float | None
    """The time after which no other seed is begun; None for no limit."""
    repeatable: bool
    """One seed gives one number, so that a failure can be repeated."""
    store: bool
    """Numbers are kept."""
    broken: tuple[Callable[..., object], ...]
    """Variants of the test, of the same arguments, that must not be supported."""

    def __post_init__(self) -> None:
        if self.seconds is not None and not 0 < self.seconds < math.inf:
            raise SettingError(f"seconds = {self.seconds!r}; legal is a finite number above 0")
        if not all(map(callable, self.broken)):
            raise SettingError(f"broken = {self.broken!r}; legal is a list of functions of the test's arguments")
