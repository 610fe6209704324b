"""From arrays of images in any layout to (n, channels, height, width), by a rule that refuses where it cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorization_claims.data.reading import Layout
from memorization_claims.errors import DataError

if TYPE_CHECKING:
    import numpy as np

FEW = 4
"""Channels of an ordinary image at most: grey, with transparency, in colour, in colour with transparency."""
LEGAL = "legal are (n, values), (n, height, width), (n, height, width, channels), (n, channels, height, width)"


def as_images(array: np.ndarray, first: bool) -> np.ndarray:
    """The array as (n, channels, height, width).

    Args:
        array: (n, values), which become images of one row, (n, height, width) of one channel, or four axes.
        first: of four axes, whether the channels come before height and width.
    """
    if array.ndim == 2:
        return array[:, None, None, :]
    if array.ndim == 3:
        return array[:, None]
    return array if first else array.transpose(0, 3, 1, 2)


def check(shape: tuple[int, ...], what: str) -> None:
    """Refuse arrays that are empty or of another number of axes than images, or rows of values, have."""
    if len(shape) > 4:
        raise DataError(f"{what} has shape {shape}; {LEGAL}: reshape volumes or films to (n, values)")
    if len(shape) < 2 or 0 in shape:
        raise DataError(f"{what} has shape {shape}; {LEGAL}")


def channels_first(shape: tuple[int, ...], what: str, layout: Layout | None) -> bool:
    """Whether channels come before height and width; False too where there are none.

    Of four axes, two equal sides that differ from the third are height and width; and an end of 1 to 4 is the channels
    where the other end is more than that.

    Args:
        shape: of the whole array.
        what: the array, for messages.
        layout: what the user says.

    Raises:
        DataError: where the two rules say different things, or neither says anything and the user does not either.
    """
    if len(shape) < 4:
        if layout:
            raise DataError(f"{what} has shape {shape}, in which there are no channels; leave out --claims-layout")
        return False
    if layout:
        return layout == "channels-first"
    said = {_by_sides(*shape[1:]), _by_end(*shape[1:])} - {None}
    if len(said) != 1:
        raise DataError(
            f"{what} has shape {shape}, which does not tell where its channels stand; say it with --claims-layout "
            "channels-first or --claims-layout channels-last"
        )
    return said == {True}


def _by_sides(one: int, two: int, three: int) -> bool | None:
    """Whether the channels come first, by square images; None where these do not tell."""
    return None if (one == two) == (two == three) else two == three


def _by_end(one: int, two: int, three: int) -> bool | None:
    """Whether the channels come first, by there being few; None where that does not tell."""
    return None if (one <= FEW) == (three <= FEW) else one <= FEW
