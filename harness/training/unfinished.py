"""Runs that are not finished: where their states are kept, so that what is interrupted goes on and not from the start.

A state is all that a run goes on from after an epoch: its nets with what optimizer and generators remember, and all
that was recorded. Since a run's numbers are its own, each has a state of its own, whatever it is trained beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from memorization_claims.spec.run import RunSpec

State = Mapping[str, np.ndarray]
"""Arrays by name; `epoch` is the last that was trained, `seconds` what training has taken so far."""


class Unfinished(Protocol):
    """Keeps the states of runs."""

    def load(self, spec: RunSpec) -> State | None:
        """The state of a run, if there is one."""
        ...

    def due(self) -> bool:
        """Whether it is time to save again; asked after every epoch."""
        ...

    def save(self, spec: RunSpec, state: State) -> None:
        """Keep a state in the place of an earlier one; it is not looked at later."""
        ...


def abreast(runs: Sequence[int], states: Mapping[int, State]) -> list[list[int]]:
    """The runs that can be trained side by side: those after the same epoch; those without a state have not begun."""
    groups: dict[int, list[int]] = {}
    for run in runs:
        groups.setdefault(int(states[run]["epoch"]) if run in states else 0, []).append(run)
    return list(groups.values())
