"""Where a worker trains: the store, the data and the device of the session that will judge."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from memorization_claims.errors import HarnessError
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic

if TYPE_CHECKING:
    from memorization_claims.lab.laboratory import Laboratory
    from memorization_claims.spec.data import DataSpec

Fault = Literal["", "memory", "device"]


@dataclass(frozen=True)
class Place:
    """What a worker is told."""

    store: str
    data_root: str
    device: str
    """cpu, cuda or cuda:N."""
    readings: tuple[tuple[str, Any, Any], ...]
    """Of the user's data set, if there is one: its name, the range of its pixels, its layout."""
    paths: tuple[str, ...]
    """Where modules are imported from, those of the user's among them."""
    arithmetic: Arithmetic = PLAIN

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Place:
        """From plain values, as JSON has them."""
        readings = tuple((name, tuple(pixels) if pixels else None, layout) for name, pixels, layout in told["readings"])
        how = Arithmetic(**told["arithmetic"])
        return cls(told["store"], told["data_root"], told["device"], readings, tuple(told["paths"]), how)


@dataclass(frozen=True)
class Outcome:
    """What became of a task."""

    failure: str = ""
    """In a line why it cannot be done, if it cannot."""
    notes: tuple[str, ...] = ()
    """What is worth a line besides: steps that could not be compiled."""
    fault: Fault = ""
    """Whether it failed for the device's sake: "memory", its memory was full, or "device", it failed."""


def fill(place: Place, specs: Sequence[DataSpec]) -> Outcome:
    """Make those of some runs, fits or generators of one kind that the store lacks."""
    laboratory = _laboratory(place)
    try:
        laboratory.fill(specs)
    except HarnessError as error:
        return Outcome(f"{specs[0].name} cannot be made: {error}")
    return Outcome(notes=tuple(laboratory.uncompiled.values()))


def went_wrong(specs: Sequence[DataSpec], error: BaseException) -> Outcome:
    """A task of which there came another error than those that the project raises."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    # By name: who drives workers does without torch.
    fault: Fault = "memory" if "OutOfMemoryError" in kinds else "device" if "AcceleratorError" in kinds else ""
    return Outcome(f"{specs[0].name} went wrong: {type(error).__name__}: {error}", fault=fault)


@cache
def _laboratory(place: Place) -> Laboratory:
    """Of this process, once: its data are read and its code is imported by then."""
    from memorization_claims.data.reading import Reading
    from memorization_claims.lab.laboratory import Laboratory
    from memorization_claims.session.compute import set_up

    sys.path += [path for path in place.paths if path not in sys.path]
    readings = {name: Reading(pixels, layout) for name, pixels, layout in place.readings}
    device = set_up(place.device, place.arithmetic)
    return Laboratory(Path(place.store), Path(place.data_root), device, readings=readings, arithmetic=place.arithmetic)
