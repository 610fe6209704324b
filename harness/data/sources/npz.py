"""Any .npz file with arrays `x_train`, `y_train` and, both or neither, `x_test`, `y_test`, or as others call them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from zipfile import ZipFile

from memorization_claims.data.arrays import Arrays
from memorization_claims.data.sources.kind import Kind
from memorization_claims.data.spellings import named
from memorization_claims.errors import DataError, HarnessError

LARGEST = 2**33
"""Bytes that the arrays of a file may have unpacked; a thousandth of them can be enough on the disk."""


def read(file: Path) -> Arrays:
    """The arrays of a file; what it holds besides is not even read.

    Raises:
        DataError: where it is damaged, lacks an array, or is too large.
    """
    import numpy as np

    try:
        # Given a path of a damaged file, NumPy would leave it open.
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            found = named(archive.files, file, file.name)
            _check_size(archive.zip, found.keys.values(), file)
            arrays = {name: np.asarray(archive[key]) for name, key in found.keys.items()}
    except HarnessError:
        raise
    except Exception as error:  # a damaged file raises whatever numpy, zipfile and zlib trip over
        raise DataError(
            f"{file} cannot be read as .npz ({error}); replace it with a whole copy that holds plain arrays"
        ) from error
    return Arrays(
        x_train=arrays["x_train"],
        y_train=arrays["y_train"],
        x_test=arrays.get("x_test"),
        y_test=arrays.get("y_test"),
        where=file,
        notes=found.notes,
    )


def _check_size(archive: ZipFile, names: Iterable[str], file: Path) -> None:
    """Refuse what would fill the memory before it is unpacked: no more than the sizes told here is ever read."""
    sizes = {each.filename.removesuffix(".npy"): each.file_size for each in archive.infolist()}
    if (total := sum(sizes[name.removesuffix(".npy")] for name in names)) > LARGEST:
        raise DataError(f"the arrays of {file} have {total} bytes unpacked; legal are {LARGEST}: leave out examples")


def _remedy(name: str, root: Path) -> str:
    return f"there is no file {name}; give --claims-dataset the path of an .npz file with x_train and y_train"


NPZ = Kind(
    load=lambda name, root, download: read(Path(name)),
    available=lambda name, root: Path(name).exists(),
    remedy=_remedy,
)
"""The data set whose name is the path of an .npz file."""
