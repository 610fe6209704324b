"""What a user says of the arrays of a data set where these do not tell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Range = tuple[float, float]
"""The lowest and the highest value that a pixel can have."""
Layout = Literal["channels-first", "channels-last"]


@dataclass(frozen=True)
class Reading:
    """How arrays are read; None leaves it to them."""

    range: Range | None = None
    """The range of the pixels."""
    layout: Layout | None = None
    """Where the channels of arrays with four axes stand."""


def as_range(given: object) -> Range | None:
    """Two finite numbers, the lower one first, as a range; None where that is not what was given."""
    try:
        low, high = (float(value) for value in given)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return None
    return (low, high) if math.isfinite(low) and math.isfinite(high) and low < high else None
