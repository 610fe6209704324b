"""Data sets as arrays, by name; where they come from is in `data/sources`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from memorization_claims.data.arrays import Arrays, of_mapping, settled
from memorization_claims.data.reading import Range, Reading
from memorization_claims.data.sources.kind import Kind
from memorization_claims.errors import DataError, HarnessError
from memorization_claims.spec import named, names, paths

if TYPE_CHECKING:
    import numpy as np

READING = Reading()
"""Nothing is said of the arrays."""
ROOT_VARIABLE = "MEMORIZATION_CLAIMS_DATA"


def default_root() -> Path:
    """The folder of data sets: the environment variable's, else one in the user's cache, or here without a home."""
    if given := os.environ.get(ROOT_VARIABLE):
        return paths.expanded(ROOT_VARIABLE, given)
    try:
        return Path.home() / ".cache" / "memorization-claims" / "data"
    except RuntimeError:  # a user without HOME and without an entry, as in a container
        return Path.cwd() / ".claims" / "data"


@dataclass(frozen=True, eq=False)
class Source:
    """A data set as it is stored, before any subset, corruption or preprocessing."""

    name: str
    images: np.ndarray
    """Training images (n, channels, height, width), uint8 or float32."""
    labels: np.ndarray
    """Labels, (n,), int64 in [0, classes)."""
    test_images: np.ndarray | None
    """Test images, as `images`; None where the data set has no test set."""
    test_labels: np.ndarray | None
    range: Range
    """The lowest and the highest value that a pixel can have: 0 and 16 for digits, 0 and 255 for bytes."""
    notes: tuple[str, ...] = ()
    """How its arrays were read, where that has to be said, a sentence each."""

    @property
    def classes(self) -> int:
        """Number of classes, at least 2."""
        return int(self.labels.max()) + 1

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all arrays with their shapes and types: what the data are, wherever they lie."""
        digest = hashlib.sha256(str(self.range).encode())
        for array in (self.images, self.labels, self.test_images, self.test_labels):
            if array is not None:
                digest.update(f"{array.shape}{array.dtype}".encode())
                digest.update(array.tobytes())
        return digest.hexdigest()


def check_name(name: str) -> None:
    """Raise SettingError unless the name is a known data set, ends in .npz or is that of a function of the user's."""
    names.dataset(name)


def available(name: str, root: Path) -> bool:
    """Whether the data set can be loaded without the network; that of a user's function counts as there."""
    return _kind(name).available(name, root)


def remedy(name: str, root: Path) -> str:
    """What to do where the data set is missing."""
    return _kind(name).remedy(name, root)


@cache
def load(name: str, root: Path, download: bool = False, reading: Reading = READING) -> Source:
    """Load a data set.

    Args:
        name: digits, mnist, cifar10, the path of an .npz file, or `package.module:function`.
        root: folder that holds mnist.npz, cifar10.npz or torchvision's own files; a user's function gets it.
        download: let torchvision fetch mnist or cifar10 into `root` when it is not there.
        reading: what the user says of its arrays.

    Raises:
        SettingError: for an unknown name.
        DataError: where files are missing or damaged, or arrays have the wrong shape or type.
    """
    kind = _kind(name)
    if not (kind.available(name, root) or (download and kind.fetches)):
        raise DataError(kind.remedy(name, root))
    arrays = settled(kind.load(name, root, download), reading)
    assert arrays.range is not None
    return Source(name, arrays.x_train, arrays.y_train, arrays.x_test, arrays.y_test, arrays.range, notes=arrays.notes)


def _kind(name: str) -> Kind:
    """How a data set is loaded."""
    place = names.dataset(name)
    loader = named.look_up("dataset", place)
    return loader if isinstance(loader, Kind) else _of_function(named.find("dataset", place))


def _of_function(function: Callable[[Path], object]) -> Kind:
    """The data set that a function of the data root returns the arrays of."""

    def arrays(name: str, root: Path, download: bool) -> Arrays:
        try:
            given = function(root)
        except HarnessError:
            raise
        except Exception as error:  # whatever a user's function raises
            raise DataError(f"dataset {name!r} cannot be loaded: {type(error).__name__}: {error}") from error
        return of_mapping(given, name)

    return Kind(load=arrays, available=lambda name, root: True, remedy=lambda name, root: f"{name} needs no file")
