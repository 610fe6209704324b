"""Gabor features: how strongly each place of an image answers to waves of some directions and lengths."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, conv2d, pad

from memorization_claims.errors import UnfitDataError

DIRECTIONS = 8
"""Directions of the waves, evenly over half a turn."""
LENGTHS = (0.25, 0.35)
"""Wavelengths, as shares of the image's side: 2 and 2.8 pixels of 8, 7 and 10 of 28."""
PLACES = 14
"""Places a side at which an image is asked, at least, where it has as many pixels: every second pixel of 28."""
GRID = 7
"""Cells a side over which answers are averaged."""
IMAGES = 1000
"""Images that are transformed at a time."""


def gabor_filters(wavelength: float) -> Tensor:
    """Make a bank of Gabor wavelets: waves under a Gaussian of half a wavelength's standard deviation.

    The mean is taken off the cosine waves, so that no wavelet answers to an even grey.

    Args:
        wavelength: in pixels, at least 2.

    Returns:
        Shape (2, directions, size, size), float64: cosine and sine waves, each of unit norm before the mean is taken
        off; size is odd and covers two and a half standard deviations on each side.
    """
    deviation = wavelength / 2
    radius = math.ceil(2.5 * deviation)
    axis = torch.arange(-radius, radius + 1, dtype=torch.float64)
    down, across = torch.meshgrid(axis, axis, indexing="ij")
    angles = torch.arange(DIRECTIONS, dtype=torch.float64)[:, None, None] * (math.pi / DIRECTIONS)
    phase = (across * angles.cos() + down * angles.sin()) * (2 * math.pi / wavelength)
    envelope = torch.exp(-(across**2 + down**2) / (2 * deviation**2))
    waves = torch.stack([phase.cos(), phase.sin()]) * envelope
    waves /= waves.square().sum(dim=(2, 3), keepdim=True).sqrt()
    return waves - envelope * (waves.sum(dim=(2, 3), keepdim=True) / envelope.sum())


def gabor_features(images: Tensor) -> Tensor:
    """Give the magnitudes of an image's answers to Gabor wavelets, averaged over the cells of a grid.

    Edges are continued outwards. Channels are transformed one by one.

    Args:
        images: shape (n, channels, height, width), floating.

    Returns:
        Shape (n, channels * lengths * directions * cells), float32, at least 0, in the unit of the images.

    Raises:
        UnfitDataError: for images of fewer than 8 pixels a side, in which the shortest wave would alias.

    Source:
        Zhang et al. 2017, section 5, "a Gabor wavelet transform", of which they say no more: the bank is ours.
    """
    count, channels, height, width = images.shape
    if (side := min(height, width)) < 8:
        raise UnfitDataError(
            f"Gabor features were asked of images of {height} x {width}; legal is 8 pixels a side or more"
        )
    features = []
    for some in torch.split(images.float().reshape(count * channels, 1, height, width), IMAGES):
        features.append(torch.cat([_answers(some, share * side) for share in LENGTHS], dim=1))
    return torch.cat(features).reshape(count, -1)


def _answers(images: Tensor, wavelength: float) -> Tensor:
    """Magnitudes for one wavelength, (images, directions * cells)."""
    filters = gabor_filters(wavelength).to(images)
    radius = filters.shape[-1] // 2
    # Replicated: zeros outside would put an edge around every image whose background is not zero.
    around = pad(images, (radius,) * 4, mode="replicate")
    stride = max(1, min(images.shape[2:]) // PLACES)
    answers = conv2d(around, filters.flatten(0, 1)[:, None], stride=stride)
    magnitude = (answers[:, :DIRECTIONS].square() + answers[:, DIRECTIONS:].square()).sqrt()
    return adaptive_avg_pool2d(magnitude, GRID).flatten(1)
