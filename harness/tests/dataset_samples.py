"""A source with a test set and one without, whose images can be told apart, and a run's tensors made of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from memorization_claims.data.dataset import Dataset, prepare
from memorization_claims.data.source import Source
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec

RANDOM = np.random.default_rng(7)
SPEC = RunSpec(data="some", model="mlp-1x512", recipe=Recipe(rate=0.1, batch=8, epochs=1))
PIXEL_KINDS = ("gaussian-inputs", "random-pixels", "shuffled-pixels")
KINDS = ("random-labels", "permuted-labels", "unique-labels", *PIXEL_KINDS)


def numbered(count: int, first: int = 0) -> np.ndarray:
    """Images of 2 x 4 x 6 bytes; the numbers of the image are its first row, so that each can be told."""
    images = RANDOM.integers(0, 256, (count, 2, 4, 6), dtype=np.uint8)
    images[:, 0, 0, 0], images[:, 0, 0, 1] = np.divmod(np.arange(first, first + count), 256)
    return images


WITHOUT = Source("without", numbered(100), np.arange(100) % 5, None, None, (0.0, 255.0))
"""A source without a test set."""
WITH = replace(WITHOUT, name="with", test_images=numbered(40, 100), test_labels=np.arange(40) % 5)
"""A source with one."""


def raw_bytes(inputs: torch.Tensor, source: Source) -> np.ndarray:
    """The stored pixels, from standardised inputs."""
    raw = inputs.double() * float(source.images.std()) + float(source.images.mean())
    return raw.round().long().numpy()


def numbers_of(inputs: torch.Tensor, source: Source) -> list[int]:
    """The numbers of standardised images."""
    pixels = raw_bytes(inputs, source)
    numbers: list[int] = (256 * pixels[:, 0, 0, 0] + pixels[:, 0, 0, 1]).tolist()
    return numbers


def spec_of(**changes: Any) -> RunSpec:
    """A run's spec, some of it changed."""
    return replace(SPEC, **changes)


def prepared(source: Source, **changes: Any) -> Dataset:
    """The tensors of a run of a source."""
    return prepare(spec_of(**changes), source)
