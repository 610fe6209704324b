"""How the filling of a store goes: which tasks wait, run and are done, and how long the rest takes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Sequence

from memorization_claims.filling.place import Outcome
from memorization_claims.filling.tasks import Task
from memorization_claims.price.devices import balanced

TRIES = 4
"""How often a task is given to a worker, where workers are lost with it: killed, or failed by their device."""
TICK = 1.0
"""Seconds to wait for workers until it is told how it goes."""


class Course:
    """Hands out tasks, the longest first, and takes note of what became of them.

    Args:
        tasks: the longest first.
        workers: how many there are.
        announce: told in a line how it goes.
        clock: in seconds.
        every: seconds between two lines.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        workers: int,
        announce: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        every: float = 5.0,
    ) -> None:
        self.failures: list[str] = []
        """Why tasks could not be done, a line each."""
        self._waiting, self._workers = deque(tasks), workers
        self._announce, self._clock, self._every = announce, clock, every
        self._running: dict[Task, float] = {}
        self._lost: dict[Task, int] = {}
        self._noted: set[str] = set()
        self._runs = sum(len(task.specs) for task in tasks)
        self._done = 0
        self._planned = self._taken = 0.0
        self._began = self._told = clock()

    @property
    def open(self) -> bool:
        """Whether there is anything left to do or to wait for."""
        return bool(self._waiting or self._running)

    def take(self, later: Collection[Task] = ()) -> Task | None:
        """The longest task that waits, which runs from now on; None where none waits.

        Args:
            later: tasks that are taken where no other waits: those that the worker's device has failed before.
        """
        if not self._waiting:
            return None
        task = next((task for task in self._waiting if task not in later), self._waiting[0])
        self._waiting.remove(task)
        self._running[task] = self._clock()
        return task

    def settle(self, task: Task, outcome: Outcome) -> None:
        """Take note of what became of a task: what a device failed is given to a worker again."""
        for line in outcome.notes:
            self.note(line)
        if outcome.fault:
            self.lost(task, outcome.failure)
        else:
            self.ended(task, outcome.failure)

    def note(self, line: str) -> None:
        """Announce a line, once."""
        if line not in self._noted:
            self._noted.add(line)
            self._announce(line)

    def abandon(self, why: str) -> None:
        """Give up what waits."""
        while task := self.take():
            self.ended(task, f"{_name(task)} cannot be made: {why}")

    def ended(self, task: Task, failure: str = "") -> None:
        """Take note that a task is done, or cannot be."""
        began = self._running.pop(task)
        if failure:
            self.failures.append(failure)
            self._announce(failure)
        else:
            self._done += len(task.specs)
            self._planned += task.seconds
            self._taken += self._clock() - began

    def lost(self, task: Task, why: str = "a worker was lost") -> None:
        """Take note that a worker was lost with a task: it is given to another, unless several were lost with it."""
        self._lost[task] = lost = self._lost.get(task, 0) + 1
        if lost == TRIES:
            self.ended(task, f"{lost} workers were lost with {_name(task)}; with the last, {why}")
            return
        del self._running[task]
        self._waiting.appendleft(task)
        self._announce(f"{why}; {_name(task)} is given to another")

    def tell(self, *, last: bool = False) -> None:
        """Announce how it goes, if that was a while ago or is the last time."""
        now = self._clock()
        if last or now - self._told >= self._every:
            self._told = now
            self._announce(self.line())

    def line(self) -> str:
        """What is done, in which time, and what is left."""
        if not self._runs:
            return "nothing is to be trained"
        now = self._clock()
        told = f"{self._done} of {self._runs} in {duration(now - self._began)}"
        return f"{told}; {duration(self.left())} left" if self.open else told

    def left(self) -> float:
        """Seconds that the rest takes: those of the plan, stretched as those that are done were."""
        stretch = self._taken / self._planned if self._taken and self._planned else 1.0
        now = self._clock()
        rest = [task.seconds * stretch for task in self._waiting]
        rest += [max(0.0, task.seconds * stretch - (now - began)) for task, began in self._running.items()]
        return balanced([(seconds, 1) for seconds in rest], self._workers)


def _name(task: Task) -> str:
    """The first of its runs, and how many more there are."""
    more = f" and {len(task.specs) - 1} more" if len(task.specs) > 1 else ""
    return f"{task.specs[0].name}{more}"


def duration(seconds: float) -> str:
    """A time in one or two units: 12 s, 3 min, 2 h 05 min."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02} min"
