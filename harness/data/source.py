"""Datasets as arrays: scikit-learn's digits, MNIST, CIFAR-10, or any .npz file."""

from __future__ import annotations

import hashlib
import os
import warnings
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from memorization_claims.errors import DataError, SettingError

if TYPE_CHECKING:
    import numpy as np

NAMES = ("digits", "mnist", "cifar10")
ARRAYS = ("x_train", "y_train", "x_test", "y_test")
# The file that torchvision unpacks last: what an interrupted download left does not count as data.
TORCHVISION_FILES = {"mnist": "MNIST/raw/t10k-labels-idx1-ubyte", "cifar10": "cifar-10-batches-py/data_batch_1"}
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
    """Training images (n, channels, height, width), uint8 or float32, none above top."""
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
    return [root / f"{name}.npz", root / TORCHVISION_FILES[name]]


def remedy(name: str, root: Path) -> str:
    """What to do where the data set is missing."""
    if name.endswith(".npz"):
        return f"there is no file {name}; give --claims-dataset the path of an .npz file with x_train and y_train"
    return f"{name} is not in {root}: {_supply(name)}"


def _supply(name: str) -> str:
    return (
        f"put {name}.npz there (arrays {', '.join(ARRAYS)}), name another folder with --claims-data-root or "
        f"{ROOT_VARIABLE}, or let torchvision fetch it with --claims-download"
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
        # Given a path of a damaged file, NumPy would leave it open.
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            held = archive.files
            arrays = {key: np.asarray(archive[key]) for key in ARRAYS if key in held}
    except Exception as error:  # a damaged file raises whatever numpy, zipfile and zlib trip over
        raise DataError(
            f"{file} cannot be read as .npz ({error}); replace it with a whole copy that holds plain arrays"
        ) from error
    if missing := {"x_train", "y_train"} - arrays.keys():
        raise DataError(f"{file} lacks {', '.join(sorted(missing))}; it has {', '.join(sorted(held)) or 'nothing'}")
    if ("x_test" in arrays) != ("y_test" in arrays):
        raise DataError(f"{file} has only one of x_test and y_test; give both or neither")
    return _source(name, arrays["x_train"], arrays["y_train"], arrays.get("x_test"), arrays.get("y_test"), where=file)


def _torchvision(name: str, root: Path, download: bool) -> Source:
    import numpy as np
    from filelock import FileLock
    from torchvision import datasets

    kind = {"mnist": datasets.MNIST, "cifar10": datasets.CIFAR10}[name]
    try:
        if download:
            root.mkdir(parents=True, exist_ok=True)
        # NumPy 2.4.0 to 2.4.4 warn of CIFAR-10's pickles (numpy/numpy#31177), and pytest makes errors of warnings.
        with FileLock(root / f".{name}.lock") if download else nullcontext(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            train, test = (kind(str(root), train=part, download=download) for part in (True, False))
    except Exception as error:  # torchvision raises whatever its readers and the network do
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise DataError(
            f"torchvision cannot {'fetch' if download else 'read'} {name} in {root} ({reason}): "
            f"remove {(root / TORCHVISION_FILES[name]).parent} where its files are damaged, and {_supply(name)}"
        ) from error
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
    images, range_top = _images(images, f"x_train in {where}")
    labels = _labels(labels, f"y_train in {where}", len(images))
    if len(set(labels.tolist())) < 2:
        raise DataError(f"y_train in {where} has {len(set(labels.tolist()))} class; a classifier needs at least 2")
    if absent := sorted(set(range(int(labels.max()))) - set(labels.tolist())):
        raise DataError(f"y_train in {where} has no example of class {absent[0]}; legal are classes from 0 on, no gaps")
    if test_images is not None and test_labels is not None:
        test_images, _ = _images(test_images, f"x_test in {where}")
        test_labels = _labels(test_labels, f"y_test in {where}", len(test_images))
        if (test_images.shape[1:], test_images.dtype) != (images.shape[1:], images.dtype):
            raise DataError(
                f"x_test in {where} has images of shape {test_images.shape[1:]} and type {test_images.dtype}, "
                f"x_train of {images.shape[1:]} and {images.dtype}"
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
    elif array.shape[1] in (1, 3) and array.shape[3] > 4:
        raise DataError(
            f"{what} has shape {array.shape}, channels first; legal is (n, height, width, channels): transpose it"
        )
    else:
        array = array.transpose(0, 3, 1, 2)
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array), 255.0
    with np.errstate(over="ignore"):
        array = np.ascontiguousarray(array, dtype=np.float32)
    if not np.isfinite(array).all():
        raise DataError(f"{what} has values that are not finite as float32")
    return array, float(max(1.0, array.max()))


def _labels(array: np.ndarray, what: str, examples: int) -> np.ndarray:
    import numpy as np

    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != (examples,):
        raise DataError(f"{what} has shape {array.shape}; legal is one label for each of the {examples} examples")
    if not np.issubdtype(array.dtype, np.integer):
        raise DataError(f"{what} has type {array.dtype}; legal are integer types")
    if array.min() < 0:
        raise DataError(f"{what} goes down to {array.min()}; legal are integers from 0")
    return array.astype(np.int64)
