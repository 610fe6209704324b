"""How a training or a measurement goes, told in a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from memorization_claims.spec.run import RunSpec

Announce = Callable[[str], None]


class Progress:
    """Announces the training of a plan when it begins and every few seconds from then on."""

    def __init__(self, announce: Announce, specs: Sequence[RunSpec], every: float = 5.0) -> None:
        self.done = 0
        self._announce, self._every, self._specs = announce, every, specs
        self._started = self._last = 0.0

    def begin(self, pace: Callable[[], str] = str) -> None:
        """Announce what is trained, once; `pace` says what makes it slow, if anything does."""
        if not self._started:
            self._started = self._last = time.monotonic()
            spec, runs = self._specs[0], len(self._specs)
            what = f"{runs} runs" + (f" of {spec.nets} nets" if spec.nets > 1 else "")
            budget = f"{spec.recipe.epochs} epochs at most" if spec.recipe.epochs > 1 else "1 epoch"
            self._announce("; ".join(filter(None, (f"training {what}: {spec.model} on {spec.data}, {budget}", pace()))))

    def note(self, line: str) -> None:
        """Announce what is worth a line whenever it comes."""
        self._announce(line)

    def __call__(self, epoch: int, budget: int, stopped: int, nets: int) -> None:
        """Take note of an evaluation."""
        now = time.monotonic()
        if now - self._last >= self._every:
            self._last = now
            self._announce(
                f"{self.done} runs in {now - self._started:.0f} s; "
                f"now epoch {epoch} of {budget}, {stopped} of {nets} nets done"
            )


class Measuring:
    """Announces every few seconds of how many runs, or pairs of runs, something is measured by now."""

    def __init__(self, announce: Announce, what: str, wanted: int, every: float = 5.0) -> None:
        self._announce, self._what, self._wanted, self._every = announce, what, wanted, every
        self._done, self._started = 0, time.monotonic()
        self._last = self._started

    def __call__(self, more: int) -> None:
        """Take note of some more."""
        self._done += more
        now = time.monotonic()
        if self._done < self._wanted and now - self._last >= self._every:
            self._last = now
            self._announce(f"measuring {self._what}: {self._done} of {self._wanted} in {now - self._started:.0f} s")
