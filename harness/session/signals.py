"""Signals that end a process, taken as an interruption of the session, so that its record is still written."""

from __future__ import annotations

import signal
import threading
from types import FrameType

NAMES = ("SIGTERM", "SIGHUP")
"""What a batch system, a container or a terminal that closes ends a session with."""


class SignalledInterrupt(KeyboardInterrupt):
    """The session was sent a signal that asks it to end; the message is its name."""


class Handler:
    """Turns the first of these signals into an interruption, and leaves out the others until it is restored.

    Some programs, as `timeout`, send a signal to the process and again to its group.
    """

    def __init__(self) -> None:
        self.received = ""
        """Name of the signal that came; empty for none."""
        self.ending = False
        """Whether the session is at its end, which nothing interrupts."""
        self._taken: list[signal.Signals] = []

    def install(self) -> None:
        """Handle the signals that nobody handles or ignores; only the main thread can."""
        if threading.current_thread() is not threading.main_thread():
            return
        known = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
        self._taken = [each for each in known if signal.getsignal(each) is signal.SIG_DFL]
        for each in self._taken:
            signal.signal(each, self._handle)

    def restore(self) -> None:
        """Leave the signals as they were."""
        while self._taken:
            signal.signal(self._taken.pop(), signal.SIG_DFL)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        first, self.received = not self.received, self.received or signal.Signals(number).name
        if first and not self.ending:
            raise SignalledInterrupt(self.received)
