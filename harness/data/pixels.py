"""The values of pixels: the type that they are kept in, and the range that they are a share of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from memorization_claims.data.reading import Range
from memorization_claims.errors import DataError

if TYPE_CHECKING:
    import numpy as np

CONVENTIONAL: tuple[Range, ...] = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
"""The ranges that pixels are given in, from the narrowest on."""
MOST_SPANS = 4
"""How many times as wide as the other training or test images may be."""
EXACT = 2**24
"""The integers up to which float32 holds all."""
ROUNDING = 1e-6
"""How far values may lie beyond a range that was given, as a share of it."""
OPTION = "--claims-pixel-range LOW,HIGH"

Arrays = Mapping[str, "np.ndarray"]
"""Training images and, if there are any, test images, by what they are in messages."""


def as_numbers(arrays: Arrays) -> list[np.ndarray]:
    """The images in one type: bytes where all are whole numbers from 0 to 255 by their types, else float32.

    Raises:
        DataError: for a type that has no certain meaning as pixels, or values that float32 does not hold.
    """
    import numpy as np

    for what, array in arrays.items():
        if array.dtype.kind not in "buif":
            raise DataError(f"{what} has type {array.dtype}; legal are bool, integers and floats")
    if all(array.dtype.kind in "bui" and 0 <= array.min() and array.max() <= 255 for array in arrays.values()):
        return [np.ascontiguousarray(array, dtype=np.uint8) for array in arrays.values()]
    return [_as_float32(array, what) for what, array in arrays.items()]


def _as_float32(array: np.ndarray, what: str) -> np.ndarray:
    import numpy as np

    if array.dtype.kind in "ui" and (array.max() > EXACT or array.min() < -EXACT):
        raise DataError(
            f"{what} has integers from {array.min()} to {array.max()}, which float32 does not hold exactly; legal are "
            f"{-EXACT} to {EXACT}: scale them"
        )
    with np.errstate(over="ignore"):
        converted = np.ascontiguousarray(array, dtype=np.float32)
    if not np.isfinite(converted).all():
        raise DataError(f"{what} has values that are not finite as float32; replace or scale them")
    return converted


def range_of(arrays: Arrays, given: Range | None, where: object) -> tuple[Range, bool]:
    """The range of the pixels, and whether it is that of the values that there are, which has to be said.

    Of the conventional ranges it is the narrowest that holds all values, if these span more than half of it; else it
    goes from the lowest to the highest value.

    Args:
        arrays: the images.
        given: the range that they are said to have.
        where: the place that they were read from, for messages.

    Raises:
        DataError: where all pixels are alike, values lie outside the range that was given, or training and test images
            are not scaled alike.
    """
    spans = {what: (float(array.min()), float(array.max())) for what, array in arrays.items()}
    low, high = min(low for low, _ in spans.values()), max(high for _, high in spans.values())
    if low == high:
        raise DataError(f"all pixels in {where} are {low:g}; legal are images that differ")
    if given:
        beyond = ROUNDING * (given[1] - given[0])
        if low < given[0] - beyond or high > given[1] + beyond:
            raise DataError(
                f"pixels in {where} go from {low:g} to {high:g}, beyond the range {given[0]:g} to {given[1]:g} that is "
                "given for them; give a range that holds them all"
            )
        return given, False
    _check_alike(spans)
    found = _conventional(low, high)
    return found or (low, high), found is None


def _conventional(low: float, high: float) -> Range | None:
    """The narrowest conventional range that holds the values, if they span more than half of it."""
    narrowest = next((each for each in CONVENTIONAL if each[0] <= low and high <= each[1]), None)
    return narrowest if narrowest and high - low > (narrowest[1] - narrowest[0]) / 2 else None


def _check_alike(spans: Mapping[str, Range]) -> None:
    """Refuse training and test images that are not in one unit."""
    if len(spans) < 2:
        return
    (train, (low, high)), (test, (lowest, highest)) = spans.items()
    by_width = sorted([high - low, highest - lowest])
    ranges = {_conventional(low, high), _conventional(lowest, highest)} - {None}
    if by_width[1] > MOST_SPANS * by_width[0] or len(ranges) > 1:
        raise DataError(
            f"{train} goes from {low:g} to {high:g} and {test.partition(' ')[0]} from {lowest:g} to {highest:g}; scale "
            f"both alike, or give {OPTION} where they are in one unit"
        )
