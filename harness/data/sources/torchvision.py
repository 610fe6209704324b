"""MNIST and CIFAR-10: an .npz file of that name in the data root, else torchvision's own files there."""

from __future__ import annotations

import hashlib
import os
import warnings
from pathlib import Path
from typing import Any

from memorization_claims.data.arrays import Arrays
from memorization_claims.data.sources import npz
from memorization_claims.data.sources.kind import Kind
from memorization_claims.data.spellings import NAMES
from memorization_claims.errors import DataError


def _kind(name: str, last: str) -> Kind:
    """One of torchvision's data sets.

    Args:
        name: the class in `torchvision.datasets`.
        last: the file that torchvision unpacks last: what an interrupted download left does not count as data.
    """

    def load(short: str, root: Path, download: bool) -> Arrays:
        if (file := root / f"{short}.npz").exists():
            return npz.read(file)
        return _read(name, short, root, (root / last).parent, download)

    def available(short: str, root: Path) -> bool:
        return (root / f"{short}.npz").exists() or (root / last).exists()

    def remedy(short: str, root: Path) -> str:
        return f"{short} is not in {root}: {_supply(short)}"

    return Kind(load, available, remedy, fetches=True)


MNIST = _kind("MNIST", "MNIST/raw/t10k-labels-idx1-ubyte")
CIFAR10 = _kind("CIFAR10", "cifar-10-batches-py/data_batch_1")
UNPACKED = {
    "MNIST": {
        "MNIST/raw/train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "MNIST/raw/train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "MNIST/raw/t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "MNIST/raw/t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    }
}
"""MD5 of files that torchvision reads unchecked: of MNIST it checks the archives alone, and when it fetches them."""


def _supply(short: str) -> str:
    return (
        f"put {short}.npz there (arrays {', '.join(NAMES)}), name another folder with --claims-data-root or "
        "MEMORIZATION_CLAIMS_DATA, or let torchvision fetch it with --claims-download"
    )


def _read(name: str, short: str, root: Path, folder: Path, download: bool) -> Arrays:
    """Read a data set, and fetch it where that is allowed and it cannot be read: what is there is never written to."""
    import numpy as np
    from filelock import FileLock
    from torchvision import datasets

    kind = getattr(datasets, name)
    try:
        try:
            train, test = _both(kind, root, fetch=False)
        except Exception:
            if not download:
                raise
            root.mkdir(parents=True, exist_ok=True)
            if not os.access(root, os.W_OK | os.X_OK):
                raise PermissionError("the folder cannot be written: fetch it once from where it can") from None
            # One process fetches; those that waited for it find the files.
            with FileLock(root / f".{short}.lock"):
                train, test = _both(kind, root, fetch=True)
    except Exception as error:  # torchvision raises whatever its readers and the network do
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise DataError(
            f"torchvision cannot {'fetch' if download else 'read'} {short} in {root} ({reason}): "
            f"remove {folder} where its files are damaged, and {_supply(short)}"
        ) from error
    x_train, y_train, x_test, y_test = map(np.asarray, (train.data, train.targets, test.data, test.targets))
    return Arrays(x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test, where=root)


def _both(kind: Any, root: Path, *, fetch: bool) -> tuple[Any, Any]:
    """The training and the test set, with files that have their checksums."""
    damaged = [file for file, digest in UNPACKED.get(kind.__name__, {}).items() if _differs(root / file, digest)]
    if fetch:
        for file in damaged:  # torchvision unpacks where a file is missing
            (root / file).unlink(missing_ok=True)
    elif damaged:
        raise ValueError(f"{damaged[0]} is missing or does not have its checksum")
    # NumPy 2.4.0 to 2.4.4 warn of CIFAR-10's pickles (numpy/numpy#31177), and pytest makes errors of warnings.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        train, test = (kind(str(root), train=part, download=fetch) for part in (True, False))
    return train, test


def _differs(file: Path, digest: str) -> bool:
    """Whether a file is missing, or is not what has this MD5."""
    return not file.is_file() or hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest() != digest
