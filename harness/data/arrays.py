"""The arrays of a data set in any legal layout, checked and put into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memorization_claims.data import labels, layout, pixels
from memorization_claims.data.reading import Layout, Range, Reading, as_range
from memorization_claims.data.spellings import NAMES, named
from memorization_claims.errors import DataError

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, eq=False, kw_only=True)
class Arrays:
    """The arrays of a data set as they were read."""

    x_train: np.ndarray
    """Training images: (n, values), (n, height, width) or four axes; bool, integers or floats."""
    y_train: np.ndarray
    """Training labels: (n,) or (n, 1) of integers, bool, whole floats or strings, or one-hot (n, classes)."""
    x_test: np.ndarray | None = None
    """Test images, as `x_train`; None, with `y_test`, where the data set has no test set."""
    y_test: np.ndarray | None = None
    range: Range | None = None
    """The lowest and the highest value that a pixel can have; None where it has to be found."""
    where: object = ""
    """The place that they were read from, for messages."""
    notes: tuple[str, ...] = ()
    """How they were read, where that has to be said, a sentence each."""

    @property
    def short(self) -> str:
        """The place without its folder, for notes."""
        return self.where.name if isinstance(self.where, Path) else str(self.where)


def of_mapping(given: object, where: str) -> Arrays:
    """The arrays that a user's function returned.

    Raises:
        DataError: if it is no mapping of these names, or lacks one that is needed.
    """
    legal = ", ".join((*NAMES, "range"))
    if not isinstance(given, Mapping):
        raise DataError(f"{where} returned {type(given).__name__}; legal is a mapping with {legal}")
    there = {str(name): value for name, value in given.items() if value is not None}
    low_high = there.pop("range", None)
    if low_high is not None and as_range(low_high) is None:
        raise DataError(f"{where} returned {low_high!r} as range; legal is (low, high), the lower number first")
    found = named(there, where, where)
    if unknown := sorted(there.keys() - set(found.keys.values()) - found.unused):
        raise DataError(f"{where} returned {unknown[0]!r} too; legal are {legal}")
    arrays = {name: there[key] for name, key in found.keys.items()}
    return Arrays(**arrays, range=low_high and as_range(low_high), where=where, notes=found.notes)


def settled(arrays: Arrays, reading: Reading) -> Arrays:
    """The same images as (n, channels, height, width), uint8 or float32, labels as (n,), int64, and the range.

    Args:
        arrays: as they were read.
        reading: what the user says of them.

    Raises:
        DataError: where an array has the wrong shape, type or range, or they do not fit together.
    """
    images, (low, high), said = _images(arrays, reading)
    classes = _labels(arrays, images)
    notes = [*arrays.notes, classes.note]
    if said:
        notes.append(f"pixels are taken to go from {low:g} to {high:g}, {said}")
    return Arrays(
        x_train=images[0],
        y_train=classes.train,
        x_test=images[1] if len(images) > 1 else None,
        y_test=classes.test,
        range=(low, high),
        where=arrays.where,
        notes=tuple(filter(None, notes)),
    )


def _images(arrays: Arrays, reading: Reading) -> tuple[list[np.ndarray], Range, str]:
    """Training and test images, their range, and what has to be said of it."""
    given = {"x_train": arrays.x_train, "x_test": arrays.x_test}
    each = {f"{name} in {arrays.where}": array for name, array in given.items() if array is not None}
    each = {what: _plain(array, what) for what, array in each.items()}
    images = pixels.as_numbers(_placed(each, reading.layout))
    if len(images) > 1 and images[0].shape[1:] != images[1].shape[1:]:
        raise DataError(
            f"x_test in {arrays.where} has images of shape {images[1].shape[1:]}, x_train of {images[0].shape[1:]}"
        )
    found, own = pixels.range_of(dict(zip(each, images, strict=True)), reading.range or arrays.range, arrays.where)
    if reading.range:
        return images, found, "as --claims-pixel-range says"
    said = f"the lowest and the highest value in {arrays.short}; {pixels.OPTION} gives another" if own else ""
    return images, found, said


def _placed(each: Mapping[str, np.ndarray], said: Layout | None) -> dict[str, np.ndarray]:
    """The images as (n, channels, height, width); test images stand as training images of as many axes do."""
    first: dict[int, bool] = {}
    for what, array in each.items():
        layout.check(array.shape, what)
        if array.ndim not in first:
            first[array.ndim] = layout.channels_first(array.shape, what, said)
    return {what: layout.as_images(array, first[array.ndim]) for what, array in each.items()}


def _labels(arrays: Arrays, images: list[np.ndarray]) -> labels.Labels:
    """Training and test labels as classes."""
    where, test = arrays.where, None
    train = labels.column(_plain(arrays.y_train, f"y_train in {where}"), f"y_train in {where}", len(images[0]))
    if len(images) > 1:
        test = labels.column(_plain(arrays.y_test, f"y_test in {where}"), f"y_test in {where}", len(images[1]))
    return labels.as_classes(train, test, where, arrays.short)


def _plain(given: object, what: str) -> np.ndarray:
    """What was given as an array of NumPy's."""
    import numpy as np

    if isinstance(given, np.ma.MaskedArray):
        raise DataError(f"{what} is a masked array; legal is a plain one: fill what is masked, or leave it out")
    try:
        return np.asarray(given)
    except Exception as error:  # whatever a tensor, a frame or a ragged list raises
        reason = " ".join(str(error).split())
        raise DataError(f"{what} cannot be made an array ({reason}); legal are arrays of numbers") from error
