"""Datasets as arrays: scikit-learn's digits, MNIST, CIFAR-10, or any .npz file."""

from __future__ import annotations

import hashlib
import os
import zipfile
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import DataError, SettingError

if TYPE_CHECKING:
    import numpy as np

NAMES = ("digits", "mnist", "cifar10")
ROOT_VARIABLE = "MEMORIZATION_CLAIMS_DATA"


def default_root() -> Path:
    """The folder of data sets: the environment variable's, else one in the user's cache."""
    given = os.environ.get(ROOT_VARIABLE)
    return Path(given) if given else Path.home() / ".cache" / "memorization-claims" / "data"


@dataclass(frozen=True, eq=False)
class Source:
    """A data set as it is stored, before any subset, corruption or preprocessing."""

    name: str
    images: np.ndarray
    """Training images (n, channels, height, width), uint8 or float32 in [0, top]."""
    labels: np.ndarray
    """(n,), int64 in [0, classes)."""
    test_images: np.ndarray | None
    """As `images`; None where the data set has no test set of its own."""
    test_labels: np.ndarray | None
    top: float
    """The highest value that a pixel can have, in grey levels: 16 for digits, 255 for bytes, 1 for scaled floats."""

    @property
    def classes(self) -> int:
        """Number of classes, at least 2."""
        return int(self.labels.max()) + 1

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all arrays with their shapes and types: what the data are, wherever they lie."""
        digest = hashlib.sha256(str(self.top).encode())
        for array in (self.images, self.labels, self.test_images, self.test_labels):
            if array is not None:
                digest.update(f"{array.shape}{array.dtype}".encode())
                digest.update(array.tobytes())
        return digest.hexdigest()


def check_name(name: str) -> None:
    """Raise SettingError unless the name is a known data set or ends in .npz."""
    if name not in NAMES and not name.endswith(".npz"):
        raise SettingError(f"unknown dataset {name!r}; legal are {', '.join(NAMES)}, or the path of an .npz file")


def available(name: str, root: Path) -> bool:
    """Whether the data set can be loaded without the network."""
    return name == "digits" or any(path.exists() for path in _places(name, root))


def _places(name: str, root: Path) -> list[Path]:
    if name.endswith(".npz"):
        return [Path(name)]
    folder = {"mnist": root / "MNIST" / "raw", "cifar10": root / "cifar-10-batches-py"}[name]
    return [root / f"{name}.npz", folder]


def remedy(name: str, root: Path) -> str:
    """What to do where the data set is missing."""
    if name.endswith(".npz"):
        return f"there is no file {name}; give --dataset the path of an .npz file with arrays x_train and y_train"
    return (
        f"{name} is not in {root}: put {name}.npz there (arrays x_train, y_train, x_test, y_test), name another folder "
        f"with --data-root or {ROOT_VARIABLE}, or let torchvision fetch it with --download"
    )


@cache
def load(name: str, root: Path, download: bool = False) -> Source:
    """Load a data set.

    Args:
        name: digits, mnist, cifar10, or the path of an .npz file with x_train (n, height, width), (n, height, width,
            channels) or (n, values), uint8 or floating, y_train (n,) integers, and, both or neither, x_test and y_test.
        root: folder that holds mnist.npz, cifar10.npz or torchvision's own files.
        download: let torchvision fetch mnist or cifar10 into `root` when it is not there.

    Raises:
        SettingError: for an unknown name.
        DataError: where files are missing or damaged, or arrays have the wrong shape or type.
    """
    check_name(name)
    if name == "digits":
        return _digits()
    file = _places(name, root)[0]
    if file.exists():
        return _npz(name, file)
    if name.endswith(".npz") or not (available(name, root) or download):
        raise DataError(remedy(name, root))
    return _torchvision(name, root, download)


def _digits() -> Source:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return _source("digits", bunch.images.astype("float32"), bunch.target, None, None, top=16.0)


def _npz(name: str, file: Path) -> Source:
    import numpy as np

    try:
        with np.load(file, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{file} cannot be read as .npz ({error}); it may be truncated: replace it with a whole copy"
        ) from error
    if missing := {"x_train", "y_train"} - arrays.keys():
        raise DataError(f"{file} lacks {', '.join(sorted(missing))}; it has {', '.join(sorted(arrays)) or 'nothing'}")
    if ("x_test" in arrays) != ("y_test" in arrays):
        raise DataError(f"{file} has only one of x_test and y_test; give both or neither")
    return _source(name, arrays["x_train"], arrays["y_train"], arrays.get("x_test"), arrays.get("y_test"), where=file)


def _torchvision(name: str, root: Path, download: bool) -> Source:
    import numpy as np
    from torchvision import datasets

    kind = {"mnist": datasets.MNIST, "cifar10": datasets.CIFAR10}[name]
    try:
        train, test = (kind(str(root), train=part, download=download) for part in (True, False))
    except Exception as error:  # torchvision raises whatever its readers and the network do
        raise DataError(f"torchvision cannot read {name} in {root} ({error}); {remedy(name, root)}") from error
    arrays = [np.asarray(part) for part in (train.data, train.targets, test.data, test.targets)]
    return _source(name, *arrays, where=root)


def _source(
    name: str,
    images: np.ndarray,
    labels: np.ndarray,
    test_images: np.ndarray | None,
    test_labels: np.ndarray | None,
    *,
    top: float | None = None,
    where: Path | str = "scikit-learn",
) -> Source:
    labels = _labels(labels, f"y_train in {where}", len(images))
    if len(set(labels.tolist())) < 2:
        raise DataError(f"y_train in {where} has {len(set(labels.tolist()))} class; a classifier needs at least 2")
    images, range_top = _images(images, f"x_train in {where}")
    if test_images is not None and test_labels is not None:
        test_labels = _labels(test_labels, f"y_test in {where}", len(test_images))
        test_images, _ = _images(test_images, f"x_test in {where}")
        if test_images.shape[1:] != images.shape[1:]:
            raise DataError(
                f"x_test in {where} has images of shape {test_images.shape[1:]}, x_train of {images.shape[1:]}"
            )
        if test_labels.max() > labels.max():
            raise DataError(f"y_test in {where} goes up to {test_labels.max()}, y_train only to {labels.max()}")
    return Source(name, images, labels, test_images, test_labels, top if top is not None else range_top)


def _images(array: np.ndarray, what: str) -> tuple[np.ndarray, float]:
    """The array as (n, channels, height, width), and the top of its range."""
    import numpy as np

    if array.dtype != np.uint8 and not np.issubdtype(array.dtype, np.floating):
        raise DataError(f"{what} has type {array.dtype}; legal are uint8 and floating types")
    if array.ndim not in (2, 3, 4) or 0 in array.shape:
        raise DataError(
            f"{what} has shape {array.shape}; legal are (n, values), (n, height, width), (n, height, width, channels)"
        )
    if array.ndim == 2:
        array = array[:, None, None, :]
    elif array.ndim == 3:
        array = array[:, None]
    else:
        array = array.transpose(0, 3, 1, 2)
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array), 255.0
    if not np.isfinite(array).all():
        raise DataError(f"{what} has values that are not finite")
    return np.ascontiguousarray(array, dtype=np.float32), float(max(1.0, array.max()))


def _labels(array: np.ndarray, what: str, examples: int) -> np.ndarray:
    import numpy as np

    array = array.reshape(len(array), -1)[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if array.ndim != 1 or len(array) != examples or examples == 0:
        raise DataError(f"{what} has shape {array.shape}; legal is one label for each of the {examples} examples")
    if not np.issubdtype(array.dtype, np.integer) or array.min() < 0:
        raise DataError(f"{what} has type {array.dtype} from {array.min()}; legal are integers from 0")
    return array.astype(np.int64)
