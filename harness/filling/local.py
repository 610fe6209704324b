"""Workers on this machine: processes of their own, each with one torch thread, on one GPU where there are some."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

from memorization_claims.filling.course import TICK, Course
from memorization_claims.filling.place import Outcome, Place, fill, went_wrong
from memorization_claims.filling.tasks import Task
from memorization_claims.session import devices

if TYPE_CHECKING:
    from memorization_claims.spec.data import DataSpec

Work = Callable[[Place, Sequence["DataSpec"]], Outcome]
"""Does a task."""
FAULTS = 3
"""After how many faults of its device in a row a worker is given nothing more."""


def run(course: Course, place: Place, workers: int, work: Work = fill) -> None:
    """Do all tasks of a course; what a lost worker had begun is given to another.

    Args:
        course: hands out the tasks.
        place: where workers train. They save in the store themselves, so that what is done stays, whoever is killed.
        workers: how many there are; on several GPUs the k-th takes the k-th of those visible, over and over.
        work: does a task in a worker.
    """
    hands = [_Worker(number, place, work) for number in range(workers)]
    try:
        while course.open:
            for hand in hands:
                if hand.task is None and hand.faults < FAULTS and (task := course.take(later=hand.failed)):
                    hand.begin(task)
            busy = {hand.connection: hand for hand in hands if hand.task}
            if not busy:
                course.abandon("every worker's device has failed")
            for connection in wait(list(busy), TICK):
                busy[connection].end(course)  # type: ignore[index]
            course.tell()
    finally:
        for hand in hands:
            hand.stop()


class _Worker:
    """A process that does one task after another, begun when there is one."""

    def __init__(self, number: int, place: Place, work: Work) -> None:
        self.task: Task | None = None
        self.faults = 0
        """Of its device, since it last did a task."""
        self.failed: set[Task] = set()
        """Tasks that its device failed, or had no room for: others are to try them first."""
        self.connection: Connection
        self._process: multiprocessing.process.BaseProcess | None = None
        self._number, self._place, self._work = number, place, work

    def begin(self, task: Task) -> None:
        """Hand over a task."""
        self.task = task
        if self._process is None:
            context = multiprocessing.get_context("spawn")  # CUDA and threads do not outlive a fork
            self.connection, theirs = context.Pipe()
            arguments = (theirs, self._number, self._place, self._work)
            self._process = context.Process(target=_serve, args=arguments, daemon=True)
            self._process.start()
            theirs.close()
        try:
            self.connection.send(task.specs)
        except OSError:
            pass  # it was killed: its end of the connection tells

    def end(self, course: Course) -> None:
        """Take what the process says of its task, or note that it is gone."""
        assert self.task
        task, self.task = self.task, None
        try:
            outcome, leaves = self.connection.recv()
        except (EOFError, OSError):
            self.stop()
            course.lost(task)
            return
        if leaves:
            self.stop()
        self.faults = self.faults + 1 if outcome.fault == "device" else 0
        self.failed |= {task} if outcome.fault else set()
        course.settle(task, outcome)
        if self.faults == FAULTS:
            course.note(f"worker {self._number} is given nothing more: its device failed {FAULTS} times in a row")

    def stop(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.join()
            self.connection.close()
            self._process = None


def _serve(connection: Connection, number: int, place: Place, work: Work) -> None:
    """Do tasks until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the driver ends its workers
    threading.Thread(target=_end_with_driver, daemon=True).start()
    devices.share(number, place.device)
    leaves = False
    while not leaves:
        specs = connection.recv()
        try:
            outcome = work(place, specs)
        except Exception as error:
            # A GPU that has failed once fails this process from then on.
            outcome, leaves = went_wrong(specs, error), True
        connection.send((outcome, leaves))


def _end_with_driver() -> None:
    """A driver that is killed takes its workers with it: who starts it again need not share the machine with them."""
    driver = multiprocessing.parent_process()
    assert driver
    driver.join()
    os._exit(1)
