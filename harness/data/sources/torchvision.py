"""MNIST and CIFAR-10: an .npz file of that name in the data root, else torchvision's own files there."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from pathlib import Path

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


def _supply(short: str) -> str:
    return (
        f"put {short}.npz there (arrays {', '.join(NAMES)}), name another folder with --claims-data-root or "
        "MEMORIZATION_CLAIMS_DATA, or let torchvision fetch it with --claims-download"
    )


def _read(name: str, short: str, root: Path, folder: Path, download: bool) -> Arrays:
    import numpy as np
    from filelock import FileLock
    from torchvision import datasets

    kind = getattr(datasets, name)
    try:
        if download:
            root.mkdir(parents=True, exist_ok=True)
        # NumPy 2.4.0 to 2.4.4 warn of CIFAR-10's pickles (numpy/numpy#31177), and pytest makes errors of warnings.
        with FileLock(root / f".{short}.lock") if download else nullcontext(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            train, test = (kind(str(root), train=part, download=download) for part in (True, False))
    except Exception as error:  # torchvision raises whatever its readers and the network do
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise DataError(
            f"torchvision cannot {'fetch' if download else 'read'} {short} in {root} ({reason}): "
            f"remove {folder} where its files are damaged, and {_supply(short)}"
        ) from error
    x_train, y_train, x_test, y_test = map(np.asarray, (train.data, train.targets, test.data, test.targets))
    return Arrays(x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test, where=root)
