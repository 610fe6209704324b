"""Which worker of pytest-xdist is given which tests."""

from __future__ import annotations

import re

from xdist.scheduler import LoadScheduling
from xdist.workermanage import WorkerController

OF_A_CLAIM = re.compile(r"^([^\[]*?)::[^\[]*\[(?:fast|fullscale)[-\]]")
"""Matches the id of a claim's item, whose parameters begin with the scale; its group is the file."""


class Scheduling(LoadScheduling):  # type: ignore[misc]
    """Gives the claims of one file to one worker, since they share their runs, and other tests as pytest-xdist does.

    A worker has the claims of one file at a time, and of another when the last of them is begun.
    """

    def _send_tests(self, node: WorkerController, num: int) -> None:
        # A worker begins a test when it knows the next one, so that a file of one claim is not enough.
        while self.pending and num > 0:
            chosen = self._next(num)
            taken = set(chosen)
            self.pending[:] = [test for test in self.pending if test not in taken]
            self.node2pending[node].extend(chosen)
            node.send_runtest_some(chosen)
            num = num - len(chosen) if len(self.node2pending[node]) < 2 else 0

    def _next(self, most: int) -> list[int]:
        """The next tests that are none of a claim, up to the first that is; or, where it comes next, its whole file."""
        pending: list[int] = self.pending
        files = [self._file(test) for test in pending[:most]]
        plain = next((place for place, file in enumerate(files) if file), len(files))
        if plain:
            return pending[:plain]
        return [test for test in pending if self._file(test) == files[0]]

    def _file(self, test: int) -> str:
        """The file of a claim's item; empty for another test."""
        assert self.collection is not None
        match = OF_A_CLAIM.match(self.collection[test])
        return match[1] if match else ""
