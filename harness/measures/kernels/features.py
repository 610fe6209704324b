"""Features of images, whose distances a kernel takes."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from memorization_claims.measures.kernels.convolution import convolutional_features, random_filters
from memorization_claims.measures.kernels.gabor import gabor_features
from memorization_claims.seed import torch_generator
from memorization_claims.spec.kernel import KernelSpec


def feature_blocks(spec: KernelSpec, images: Tensor, training: slice) -> Iterator[Tensor]:
    """Transform images, some features at a time.

    Args:
        spec: says which features, how many filters and from which seed.
        images: shape (n, channels, height, width), float32.
        training: which of them filters may learn from.

    Yields:
        Blocks of shape (n, some), float32; side by side they are the features of every image.
    """
    if spec.features == "pixels":
        yield images.flatten(1)
    elif spec.features == "gabor":
        yield gabor_features(images)
    else:
        generator = torch_generator(spec.seed, "init", "filters")
        yield from convolutional_features(images, random_filters(images[training], spec.filters, generator))
