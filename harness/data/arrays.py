"""The arrays of a data set in any legal layout, checked and put into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from memorization_claims.errors import DataError

if TYPE_CHECKING:
    import numpy as np

NAMES = ("x_train", "y_train", "x_test", "y_test")
"""What the arrays are called, in files too."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Arrays:
    """The arrays of a data set as they were read."""

    x_train: np.ndarray
    """Training images: (n, height, width), (n, height, width, channels) or (n, values), uint8 or floating."""
    y_train: np.ndarray
    """Training labels, (n,) or (n, 1), integers from 0 on without gaps."""
    x_test: np.ndarray | None = None
    """Test images, as `x_train`; None, with `y_test`, where the data set has no test set."""
    y_test: np.ndarray | None = None
    top: float | None = None
    """The highest value that a pixel can have; None takes 255 for bytes, else 1 or the highest value there is."""
    where: object = ""
    """The place that they were read from, for messages."""


def of_mapping(given: object, where: str) -> Arrays:
    """The arrays that a user's function returned.

    Raises:
        DataError: if it is no mapping of these names, or lacks one that is needed.
    """
    legal = [each.name for each in fields(Arrays) if each.name != "where"]
    if not isinstance(given, Mapping):
        raise DataError(f"{where} returned {type(given).__name__}; legal is a mapping with {', '.join(legal)}")
    if unknown := sorted(set(map(str, given)) - set(legal)):
        raise DataError(f"{where} returned {unknown[0]!r} too; legal are {', '.join(legal)}")
    check_present(given, where)
    return Arrays(**given, where=where)


def check_present(given: Mapping[str, Any], where: object) -> None:
    """Refuse a data set without training images or labels, or with half a test set."""
    if missing := {"x_train", "y_train"} - given.keys():
        raise DataError(f"{where} lacks {', '.join(sorted(missing))}; it has {', '.join(sorted(given)) or 'nothing'}")
    if (given.get("x_test") is None) != (given.get("y_test") is None):
        raise DataError(f"{where} has only one of x_test and y_test; give both or neither")


def settled(arrays: Arrays) -> Arrays:
    """The same images as (n, channels, height, width), uint8 or float32, labels as (n,), int64, and the top.

    Raises:
        DataError: where an array has the wrong shape, type or range, or they do not fit together.
    """
    where = arrays.where
    images, top = _images(arrays.x_train, f"x_train in {where}")
    labels = _labels(arrays.y_train, f"y_train in {where}", len(images))
    if len(set(labels.tolist())) < 2:
        raise DataError(f"y_train in {where} has {len(set(labels.tolist()))} class; a classifier needs at least 2")
    if absent := sorted(set(range(int(labels.max()))) - set(labels.tolist())):
        raise DataError(f"y_train in {where} has no example of class {absent[0]}; legal are classes from 0 on, no gaps")
    test_images, test_labels = _test_set(arrays, images, labels)
    top = top if arrays.top is None else arrays.top
    return Arrays(x_train=images, y_train=labels, x_test=test_images, y_test=test_labels, top=top, where=where)


def _test_set(arrays: Arrays, images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None]:
    where = arrays.where
    if arrays.x_test is None or arrays.y_test is None:
        return None, None
    test_images, _ = _images(arrays.x_test, f"x_test in {where}")
    test_labels = _labels(arrays.y_test, f"y_test in {where}", len(test_images))
    if (test_images.shape[1:], test_images.dtype) != (images.shape[1:], images.dtype):
        raise DataError(
            f"x_test in {where} has images of shape {test_images.shape[1:]} and type {test_images.dtype}, "
            f"x_train of {images.shape[1:]} and {images.dtype}"
        )
    if test_labels.max() > labels.max():
        raise DataError(f"y_test in {where} goes up to {test_labels.max()}, y_train only to {labels.max()}")
    return test_images, test_labels


def _images(array: np.ndarray, what: str) -> tuple[np.ndarray, float]:
    """The array as (n, channels, height, width), and the top of its range."""
    import numpy as np

    array = np.asarray(array)
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

    array = np.asarray(array)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != (examples,):
        raise DataError(f"{what} has shape {array.shape}; legal is one label for each of the {examples} examples")
    if not np.issubdtype(array.dtype, np.integer):
        raise DataError(f"{what} has type {array.dtype}; legal are integer types")
    if array.min() < 0:
        raise DataError(f"{what} goes down to {array.min()}; legal are integers from 0")
    return array.astype(np.int64)
