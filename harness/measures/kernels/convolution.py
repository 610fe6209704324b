"""Features of a convolutional net with random filters (Coates & Ng 2012, without their k-means)."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, conv2d

from memorization_claims.errors import UnfitDataError

SIDE = 6
"""Pixels a side of the patches."""
POOLS = 2
"""Cells a side over which answers are summed."""
CONTRAST = 0.01
"""Added to a patch's variance before it divides, in the square of the images' unit."""
FLOOR = 0.1
"""Added to the eigenvalues of the patches' covariance before whitening."""
THRESHOLD = 0.5
"""What an answer must exceed, in about its standard deviations."""
PATCHES = 20_000
"""Patches from which the whitening is taken, at most."""
IMAGES = 500
"""Images that are transformed at a time."""
FILTERS = 500
"""Filters in a block of features."""


def random_filters(images: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Draw normal filters for whitened patches, written as filters for the patches themselves.

    Whitening is that of patches of mean 0 and contrast 1: z = W p with W = (C + 0.1)^(-1/2), C their covariance. An
    answer <u, W p> = <W u, p>, for u of unit norm, has a variance of about 1.

    Args:
        images: shape (n, channels, height, width), floating: what the patches are drawn from.
        count: number of filters, at least 1.
        generator: on the CPU, for patches and filters.

    Returns:
        Shape (count, channels, 6, 6), float32, on the images' device; each sums to 0.

    Raises:
        UnfitDataError: for images smaller than a patch, or a count below 1.

    Source:
        Coates & Ng 2012 for contrast and whitening; normal filters in the place of those of k-means.
    """
    channels, height, width = images.shape[1:]
    if min(height, width) < SIDE + POOLS - 1 or count < 1:
        raise UnfitDataError(
            f"{count} random filters were asked of images of {height} x {width}; "
            f"legal is 1 or more, of {SIDE + POOLS - 1} pixels a side or more"
        )
    values = channels * SIDE * SIDE
    patches = _patches(images, generator).double()
    patches -= patches.mean(dim=1, keepdim=True)
    patches /= (patches.var(dim=1, correction=0, keepdim=True) + CONTRAST).sqrt()
    eigenvalues, vectors = torch.linalg.eigh(patches.mT.cpu() @ patches.cpu() / len(patches))
    whitening = vectors * (eigenvalues.clamp(min=0) + FLOOR).rsqrt() @ vectors.mT
    drawn = torch.randn(count, values, generator=generator, dtype=torch.float64)
    filters = drawn / drawn.norm(dim=1, keepdim=True) @ whitening
    filters -= filters.mean(dim=1, keepdim=True)
    shaped: Tensor = filters.reshape(count, channels, SIDE, SIDE)
    return shaped.to(images.device, torch.float32)


def _patches(images: Tensor, generator: torch.Generator) -> Tensor:
    """Patches at random places, one an image, of as many images as are needed, evenly spaced; (patches, values)."""
    few = images[:: -(-len(images) // PATCHES)]
    windows = few.unfold(2, SIDE, 1).unfold(3, SIDE, 1)
    places = [torch.randint(size, (PATCHES,), generator=generator) for size in windows.shape[2:4]]
    which = torch.arange(PATCHES) % len(few)
    patches: Tensor = windows[which, :, places[0], places[1]]
    return patches.flatten(1)


def convolutional_features(images: Tensor, filters: Tensor) -> Iterator[Tensor]:
    """Give what every filter answers above a threshold, to patches of equal contrast, averaged over quadrants.

    Args:
        images: shape (n, channels, height, width), floating, in the unit in which the filters' images were.
        filters: as `random_filters` gives them.

    Yields:
        Blocks of shape (n, up to 500 filters * 4), float32, at least 0: features of some filters.

    Source:
        Coates & Ng 2012: max(0, answer - threshold), and their sums over quadrants up to a factor. A filter's opposite
        is as likely as the filter, so answers below minus the threshold are not taken besides.
    """
    for some in torch.split(filters, FILTERS):
        yield torch.cat([_answers(few, some) for few in torch.split(images.float(), IMAGES)])


def _answers(images: Tensor, filters: Tensor) -> Tensor:
    """Features of a few images and filters, (images, filters * 4)."""
    mean = avg_pool2d(images, SIDE, stride=1).mean(dim=1, keepdim=True)
    squares = avg_pool2d(images.square(), SIDE, stride=1).mean(dim=1, keepdim=True)
    contrast = (squares - mean.square()).clamp(min=0).add(CONTRAST).sqrt()
    # A filter sums to 0, so that a patch's mean need not be taken off it.
    answers = conv2d(images, filters) / contrast
    return adaptive_avg_pool2d(answers.sub_(THRESHOLD).relu_(), POOLS).flatten(1)
