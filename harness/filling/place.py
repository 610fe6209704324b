"""Where a worker trains: the store, the data and the device of the session that will judge."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorization_claims.errors import HarnessError
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic

if TYPE_CHECKING:
    from memorization_claims.lab.laboratory import Laboratory
    from memorization_claims.spec.data import DataSpec


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


def fill(place: Place, specs: Sequence[DataSpec]) -> str:
    """Make those of some runs, fits or generators of one kind that the store lacks.

    Returns:
        Empty, or in a line why they cannot be made.
    """
    try:
        _laboratory(place).fill(specs)
    except HarnessError as error:
        return f"{specs[0].name} cannot be made: {error}"
    return ""


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
