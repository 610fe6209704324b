"""What is known of a data set before it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from memorization_claims.data.arrays import Arrays


class Kind(NamedTuple):
    """How a data set is loaded, and whether it can be; each function gets the data set's name and the data root."""

    load: Callable[[str, Path, bool], Arrays]
    """Read it; the third argument allows to fetch it. Raises DataError where it is damaged."""
    available: Callable[[str, Path], bool]
    """Whether it can be loaded without the network."""
    remedy: Callable[[str, Path], str]
    """What to do where it is missing, in one line."""
    fetches: bool = False
    """Whether it can be fetched."""
