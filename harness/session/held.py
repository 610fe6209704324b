"""What the test of a claim holds while it is looked at again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from memorization_claims.lab.courses import Courses
    from memorization_claims.lab.fits import Fits
    from memorization_claims.lab.runs import Runs

Obtained = TypeVar("Obtained", "Runs", "Fits", "Courses")


@dataclass
class Held(Generic[Obtained]):
    """The runs, fits or trainings that a test holds, which grow in place from look to look, and what they cost."""

    obtain: Callable[[int], Obtained]
    """Gives those of so many seeds; what is stored is not trained again."""
    obtained: Obtained = field(init=False)
    seconds: float = 0.0
    """Of obtaining, before the test was called."""
    within: float = 0.0
    """Of obtaining, between its calls."""
    trained: int = 0

    def begin(self, seeds: int) -> Obtained:
        """The runs of the first look."""
        started = time.perf_counter()
        self.obtained = self.obtain(seeds)
        self.seconds, self.trained = time.perf_counter() - started, self.obtained.trained
        return self.obtained

    def grow(self, seeds: int) -> None:
        """Let the test hold those of more seeds."""
        started = time.perf_counter()
        more = self.obtain(seeds)
        self.within += time.perf_counter() - started
        self.trained += more.trained
        # In place, since fixtures of the user's may have handed them on.
        vars(self.obtained).update(vars(more))

    @property
    def cost(self) -> dict[str, float]:
        """What the item's entry tells of it."""
        entries = len(self.obtained.entries)
        return {
            "training": self.obtained.seconds,
            "fetching": self.seconds,
            "within": self.within,
            "trained": self.trained,
            "reused": entries - self.trained,
        }
