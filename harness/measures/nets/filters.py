"""Whether the filters of a net's first layer have structure or are noise (Arpit et al. 2017, figure 2).

The paper shows them and measures nothing. Independent weights vary as much between neighbouring pixels as between any
two, and have the same energy at all spatial frequencies; filters that look like edges or blobs do neither.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from memorization_claims.errors import SettingError, UndecidableError

Array = NDArray[np.float64]
LOW = 0.25
"""Cycles a pixel, along either axis, up to which a frequency is low: half of the highest that pixels can show."""


def first_filters(model: nn.Module, shape: tuple[int, int, int]) -> Tensor:
    """The weights of the first layer that sees the image, as images.

    Args:
        model: its first linear or convolutional layer, in the order of calls, takes the image.
        shape: (channels, height, width) of one input.

    Returns:
        (filters, channels, height, width) of the whole image for a linear layer, of the kernel for a convolution.

    Raises:
        UndecidableError: for a net without such a layer, or whose first one does not take the image itself.
    """
    layer, given = _first_called(model, shape)
    if isinstance(layer, nn.Conv2d) and given[-2:] == shape[1:]:
        return layer.weight
    if not isinstance(layer, nn.Linear) or math.prod(given) != math.prod(shape):
        raise UndecidableError(
            f"the net's first layer is {layer}; legal is a Conv2d, or a Linear of the {shape[0]} x {shape[1]} x "
            f"{shape[2]} values of an image"
        )
    return layer.weight.view(-1, *shape)


@torch.no_grad()
def _first_called(model: nn.Module, shape: tuple[int, int, int]) -> tuple[nn.Module | None, tuple[int, ...]]:
    """The first linear or convolutional layer that a forward calls, and the shape of what it is given."""
    met: list[tuple[nn.Module, tuple[int, ...]]] = []
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    hooks = [layer.register_forward_pre_hook(lambda one, given: met.append((one, given[0].shape))) for layer in layers]
    before = model.training
    model.eval()(torch.zeros(1, *shape))
    model.train(before)
    for hook in hooks:
        hook.remove()
    return met[0] if met else (None, ())


def smoothness(filters: Array) -> Array:
    """Give the logarithm of how many times less neighbouring weights differ than independent ones would.

    Args:
        filters: (..., filters, channels, height, width), at least 2 pixels high or wide.

    Returns:
        (...): minus the logarithm of the mean over filters of the mean absolute difference between neighbours along
        either axis, within a channel, over the root mean square of the filter's weights and over 2/sqrt(pi), which is
        expected of independent normal weights: 0 is expected of these, more of smooth filters, and inf of constant
        ones. A filter of zeros counts as constant.

    Raises:
        SettingError: for filters of one pixel.
    """
    _check(filters)
    pairs = [np.abs(np.diff(filters, axis=axis)) for axis in (-1, -2)]
    total = sum(differences.sum(axis=(-3, -2, -1)) for differences in pairs)
    number = sum(math.prod(differences.shape[-3:]) for differences in pairs)
    size = np.sqrt((filters**2).mean(axis=(-3, -2, -1)))
    variation = np.divide(total / number, size, out=np.zeros_like(size), where=size > 0).mean(axis=-1)
    with np.errstate(divide="ignore"):
        smooth: Array = math.log(2 / math.sqrt(math.pi)) - np.log(variation)
    return smooth


def low_frequencies(filters: Array) -> Array:
    """Give the share of the filters' energy that is at low spatial frequencies, beyond that of independent weights.

    Args:
        filters: (..., filters, channels, height, width).

    Returns:
        (...), above -1 and below 1: the mean over filters of the energy of the frequencies up to a quarter of a cycle a
        pixel along both axes, over that of all, less the share of such frequencies among all. 0 is expected of
        independent weights; a filter of zeros counts as having no energy there.

    Raises:
        SettingError: for filters of one pixel.
    """
    _check(filters)
    energy = np.abs(np.fft.fft2(filters)) ** 2
    low = np.logical_and.outer(*(np.abs(np.fft.fftfreq(side)) <= LOW for side in filters.shape[-2:]))
    kept, whole = (energy * low).sum(axis=(-3, -2, -1)), energy.sum(axis=(-3, -2, -1))
    share: Array = np.divide(kept, whole, out=np.zeros_like(whole), where=whole > 0).mean(axis=-1) - low.mean()
    return share


def _check(filters: Array) -> None:
    if filters.ndim < 4 or filters.shape[-1] * filters.shape[-2] < 2:
        raise SettingError(
            f"filters of shape {filters.shape}: need (..., filters, channels, height, width), of 2 pixels or more"
        )
