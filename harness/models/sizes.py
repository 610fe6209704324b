"""Sizes of images that networks can take."""

from __future__ import annotations

from memorization_claims.errors import SettingError


def at_least(side: int, shape: tuple[int, int, int]) -> None:
    """Refuse images (channels, height, width) that are smaller, of which pools would leave nothing.

    Raises:
        SettingError: where the height or the width is below `side`.
    """
    if min(shape[1:]) < side:
        raise SettingError(f"legal are images of {side} x {side} pixels or more")
