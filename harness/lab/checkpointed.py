"""The states of runs in training as checkpoints in the store, saved now and then by the clock."""

from __future__ import annotations

import time
from collections.abc import Callable

from memorization_claims.spec.run import RunSpec
from memorization_claims.store import Entry
from memorization_claims.store.checkpoints import Checkpoints
from memorization_claims.training.unfinished import State

EVERY = 600.0
"""Seconds between two checkpoints of a run: what is lost at most when its process is killed."""


class Checkpointed:
    """Keeps the states of runs, as `memorization_claims.training.unfinished.Unfinished`.

    Args:
        checkpoints: of the store.
        key: of a run, whose lock is held.
    """

    def __init__(self, checkpoints: Checkpoints, key: Callable[[RunSpec], str]) -> None:
        self._checkpoints, self._key, self._last = checkpoints, key, time.monotonic()

    def load(self, spec: RunSpec) -> State | None:
        """The state at the last checkpoint of a run, if there is one; the clock begins with it."""
        self._last = time.monotonic()
        found = self._checkpoints.load(self._key(spec))
        return found.arrays if found else None

    def due(self) -> bool:
        """Whether the last checkpoint is long ago."""
        if time.monotonic() - self._last < EVERY:
            return False
        self._last = time.monotonic()
        return True

    def save(self, spec: RunSpec, state: State) -> None:
        """Keep a state in the place of an earlier one."""
        self._checkpoints.save(self._key(spec), Entry(dict(state), {}))

    def drop(self, spec: RunSpec) -> None:
        """Delete that of a run that is kept."""
        self._checkpoints.drop(self._key(spec))
