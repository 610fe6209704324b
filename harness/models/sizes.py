"""Sizes of images that networks can take."""

from __future__ import annotations

from memorization_claims.errors import UnfitDataError


def at_least(side: int, shape: tuple[int, int, int]) -> None:
    """Refuse images (channels, height, width) that are smaller, of which pools would leave nothing.

    Raises:
        UnfitDataError: where the height or the width is below `side`.
    """
    if min(shape[1:]) < side:
        raise UnfitDataError(f"legal are images of {side} x {side} pixels or more")
