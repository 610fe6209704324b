"""What a session decides about the seeded test that it is running, and what that leaves to the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from memorization_claims.statistics.verdict import ALPHA, Verdict
from memorization_claims.store.store import Store


@dataclass(frozen=True)
class Ended:
    """What a test came to."""

    verdict: Verdict
    alarm: float
    """The chance, at most, that this test fails though all is as it says."""
    notes: tuple[str, ...]
    """What a careful reader should also know, a sentence each."""
    seconds: float
    """Of computing the numbers, those that were kept included."""
    computed: int
    """Seeds at which the test was called."""
    kept: int
    """Seeds whose numbers were stored."""


@dataclass
class Circumstances:
    """How a test is judged; the defaults are those of a test that is called outside a session."""

    nodeid: str = ""
    """The test's name, as pytest is given it."""
    base_seed: int = 0
    alpha: float = ALPHA
    """The level of each side."""
    seeds: int | None = None
    """A single look at so many seeds."""
    only: int | None = None
    """The one seed that is tried out, without a verdict."""
    store: Callable[[], Store] | None = None
    """Opens the store, for tests that keep their numbers."""
    ended: Ended | None = None
    said: list[str] = field(default_factory=list)
    """Lines for the end of the session."""

    def command(self, name: str, seed: int) -> str:
        """The command that calls the test at one seed."""
        return f"pytest {self.nodeid or name} --claims-seed {seed}"


_CURRENT: ContextVar[Circumstances | None] = ContextVar("circumstances", default=None)


def current() -> Circumstances:
    """Those of the test that is running."""
    return _CURRENT.get() or Circumstances()


@contextmanager
def being(circumstances: Circumstances) -> Iterator[None]:
    """Let a test that is called within find these."""
    token = _CURRENT.set(circumstances)
    try:
        yield
    finally:
        _CURRENT.reset(token)
