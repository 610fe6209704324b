"""Which worker of pytest-xdist is given which tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from typing import Any

from xdist.scheduler import LoadScheduling
from xdist.workermanage import WorkerController

OF_A_CLAIM = re.compile(r"^([^\[]*?)::[^\[]*\[(?:fast|fullscale)[-\]]")
"""Matches the id of a claim's item, whose parameters begin with the scale."""
AHEAD = 2
"""Tests that a worker knows: it begins one when it knows the next."""


class Scheduling(LoadScheduling):  # type: ignore[misc]
    """Gives claims that share runs to one worker, what costs most first, and then other tests as pytest-xdist does.

    A worker for which no such group is left takes claims of the one of which most is left, from its end. What both
    need is trained once: the store has a lock for each run.

    Args:
        config: of the session.
        log: of pytest-xdist.
        told: the group and the seconds of claims' items by their ids, once they are collected. Where nothing is told
            of an item, its group is its file, and it costs nothing.
    """

    def __init__(
        self, config: Any, log: Any = None, told: Callable[[], Mapping[str, tuple[Hashable, float]]] = dict
    ) -> None:
        super().__init__(config, log)
        self._told = told
        self._at: dict[WorkerController, Hashable] = {}
        """The group that each worker began last."""
        self._begun: set[Hashable] = set()

    @cached_property
    def _claims(self) -> dict[int, tuple[Hashable, float]]:
        """The group and the seconds of each claim's item."""
        assert self.collection is not None
        matches = {test: OF_A_CLAIM.match(name) for test, name in enumerate(self.collection)}
        told = self._told() if any(matches.values()) else {}
        return {test: told.get(self.collection[test], (match[1], 0.0)) for test, match in matches.items() if match}

    def _send_tests(self, node: WorkerController, num: int) -> None:
        while num > 0 and (chosen := self._next(node, num)):
            taken = set(chosen)
            self.pending[:] = [test for test in self.pending if test not in taken]
            self.node2pending[node].extend(chosen)
            node.send_runtest_some(chosen)
            num -= len(chosen)

    def _next(self, node: WorkerController, most: int) -> list[int]:
        """One of the claims' items while there are any, unless the worker knows enough; else so many other tests."""
        left: dict[Hashable, list[int]] = {}
        for test in self.pending:
            if test in self._claims:
                left.setdefault(self._claims[test][0], []).append(test)
        if not left:
            return list(self.pending[:most])
        if len(self.node2pending[node]) >= AHEAD:
            return []
        if (new := self._at.get(node)) not in left:
            fresh = [group for group in left if group not in self._begun]
            if not fresh:
                return left[self._dearest(left, left)][-1:]
            new = self._at[node] = self._dearest(fresh, left)
            self._begun.add(new)
        return left[new][:1]

    def _dearest(self, groups: Iterable[Hashable], left: Mapping[Hashable, list[int]]) -> Hashable:
        """The group of which most seconds are left; of equal ones the first."""
        return max(groups, key=lambda group: sum(self._claims[test][1] for test in left[group]))
