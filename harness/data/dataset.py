"""The tensors that one run trains on and is judged on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import torch

from memorization_claims.data.corruption import corrupt
from memorization_claims.data.held_out import HeldOut, held_out
from memorization_claims.data.reading import Range
from memorization_claims.data.source import Source
from memorization_claims.errors import UnfitDataError
from memorization_claims.seed import numpy_generator
from memorization_claims.spec.data import DataSpec, Preprocessing
from memorization_claims.spec.facts import facts_of

Frame = tuple[int | None, int]
"""What is seen of each image: the side of the square kept from its centre, and by how much that is shrunk."""
UNIT: Range = (0.0, 1.0)
"""The range of pixels that are left as they are."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """One run's data, preprocessed, on the CPU."""

    inputs: torch.Tensor
    """(n, channels, height, width), float32. One tensor for all runs that train on a whole, real training set."""
    labels: torch.Tensor
    """(n,), int64 in [0, classes): what is trained on."""
    true_labels: torch.Tensor
    """(n,), int64: what the data set says of the same examples."""
    changed: torch.Tensor
    """(n,), bool: which training examples are corrupted."""
    validation_inputs: torch.Tensor
    """(m, channels, height, width), float32; never corrupted."""
    validation_labels: torch.Tensor
    """(m,), int64; never corrupted."""
    classes: int
    """Number of classes that a net tells apart."""
    span: float | None
    """The whole range of the pixels, in the unit of the inputs; None where it differs from image to image."""
    bordered: torch.Tensor | None = None
    """The training inputs with the border that random crops reach into, whitened as they are, where there is one."""


def prepare(spec: DataSpec, source: Source) -> Dataset:
    """Draw the subset, corrupt it, preprocess it.

    Raises:
        UnfitDataError: where the subset or the crop with its border is larger than the data allow, nothing is left for
            validation, the images cannot be shrunk by a whole number, or images with a border are corrupted.
    """
    frame = (spec.crop, spec.shrink)
    total = len(source.labels)
    if spec.subset is not None and spec.subset > total:
        raise UnfitDataError(
            f"a subset of {spec.subset} was asked of {source.name}, which has {total} training examples"
        )
    # A whole training set keeps its order, so that runs of all seeds can share it in memory.
    order = np.arange(total) if spec.subset is None else numpy_generator(spec.seed, "subset").permutation(total)
    train, left = order[: spec.subset], order[spec.subset :] if spec.subset else order[:0]
    validated = held_out(spec, source, left)

    labels = source.labels[train]
    touched = facts_of(spec.corruption.kind).inputs
    images = _raw(source.images[train], frame, source.range) if touched or spec.subset else None
    corrupted = corrupt(
        np.empty((0, 1, 1, 1)) if images is None else images, labels, source.classes, spec.corruption, spec.seed
    )
    return Dataset(
        inputs=_whole(source, False, frame, spec.preprocessing)
        if images is None
        else _preprocess(corrupted.images, source, frame, spec.preprocessing),
        labels=torch.from_numpy(corrupted.labels),
        true_labels=torch.from_numpy(labels),
        changed=torch.from_numpy(corrupted.changed),
        validation_inputs=_validation_inputs(spec, source, validated),
        validation_labels=torch.from_numpy(validated.of(source.test_labels, source.labels)),
        classes=corrupted.classes,
        span=None if spec.preprocessing == "whiten" else 1.0 / _moments(source, frame)[1],
        bordered=_bordered(spec, source, train),
    )


def _bordered(spec: DataSpec, source: Source, train: np.ndarray) -> torch.Tensor | None:
    if not spec.border:
        return None
    if facts_of(spec.corruption.kind).inputs:
        raise UnfitDataError(f"images have a border of {spec.border} pixels and are {spec.corruption.kind}; legal is 0")
    assert spec.crop is not None
    if spec.subset is None:
        return _whole_bordered(source, spec.crop, spec.border, spec.preprocessing)
    return _with_border(source.images[train], source, spec.crop, spec.border, spec.preprocessing)


def _validation_inputs(spec: DataSpec, source: Source, validated: HeldOut) -> torch.Tensor:
    frame = (spec.crop, spec.shrink)
    if source.test_images is not None and spec.validation is None:
        return _whole(source, True, frame, spec.preprocessing)
    images = validated.of(source.test_images, source.images)
    return _preprocess(_raw(images, frame, source.range), source, frame, spec.preprocessing)


@lru_cache(maxsize=4)
def _whole(source: Source, test: bool, frame: Frame, preprocessing: Preprocessing) -> torch.Tensor:
    images = source.test_images if test else source.images
    assert images is not None
    return _preprocess(_raw(images, frame, source.range), source, frame, preprocessing)


@lru_cache(maxsize=1)
def _whole_bordered(source: Source, crop: int, border: int, preprocessing: Preprocessing) -> torch.Tensor:
    return _with_border(source.images, source, crop, border, preprocessing)


def _with_border(
    images: np.ndarray, source: Source, crop: int, border: int, preprocessing: Preprocessing
) -> torch.Tensor:
    """In the unit of the images without, where that is one for all."""
    return _preprocess(_raw(images, (crop + 2 * border, 1), source.range), source, (crop, 1), preprocessing)


def _raw(images: np.ndarray, frame: Frame, pixels: Range = UNIT) -> np.ndarray:
    """The images, cropped at the centre and shrunk, float32; pixels of this range come to lie in [0, 1]."""
    (crop, shrink), (low, high) = frame, pixels
    images = _crop(images, crop).astype(np.float32)
    if low:
        images -= np.float32(low)
    images /= np.float32(high - low)
    count, channels, height, width = images.shape
    if height % shrink or width % shrink:
        raise UnfitDataError(f"shrink is {shrink} for images of {height} x {width}; legal is a divisor of both sides")
    if shrink == 1:
        return images
    tiles = images.reshape(count, channels, height // shrink, shrink, width // shrink, shrink)
    averaged: np.ndarray = tiles.mean(axis=(3, 5))
    return averaged


def _crop(images: np.ndarray, side: int | None) -> np.ndarray:
    height, width = images.shape[2:]
    if side is None:
        return images
    if side > min(height, width):
        raise UnfitDataError(f"a crop of {side} pixels was asked of images of {height} x {width}")
    top, left = (height - side) // 2, (width - side) // 2
    return images[:, :, top : top + side, left : left + side]


@cache
def _moments(source: Source, frame: Frame) -> tuple[float, float]:
    """Mean and standard deviation of the training images in [0, 1]; the deviation of constant images counts as 1."""
    # By portions: the squares of all of CIFAR-10 at once would take more memory than a worker is given.
    portions = np.array_split(source.images, -(-len(source.images) // 1000))
    sizes, means = zip(
        *((raw.size, raw.mean(dtype=np.float64)) for raw in (_raw(x, frame) for x in portions)), strict=True
    )
    mean = float(np.average(means, weights=sizes))
    squares = sum(((_raw(portion, frame).astype(np.float64) - mean) ** 2).sum() for portion in portions)
    low, high = source.range
    return (mean - low) / (high - low), math.sqrt(squares / sum(sizes)) / (high - low) or 1.0


def _preprocess(images: np.ndarray, source: Source, frame: Frame, preprocessing: Preprocessing) -> torch.Tensor:
    if preprocessing == "standardize":
        mean, deviation = _moments(source, frame)
        return torch.from_numpy((images - np.float32(mean)) / np.float32(deviation))
    # The floor of the deviation is that of TensorFlow's per_image_standardization, which Zhang et al. used.
    flat = images.reshape(len(images), -1)
    scale = np.maximum(flat.std(axis=1, keepdims=True), 1.0 / np.sqrt(flat.shape[1]))
    whitened = (flat - flat.mean(axis=1, keepdims=True)) / scale
    return torch.from_numpy(whitened.astype(np.float32).reshape(images.shape))
