"""How many examples of which shape a spec takes of its data, whether or not these are here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memorization_claims.data.corruption import corrupt
from memorization_claims.data.source import Source
from memorization_claims.errors import UnfitDataError
from memorization_claims.spec.data import DataSpec
from memorization_claims.spec.facts import facts_of

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Size:
    """What a run sees of its data."""

    examples: int
    """Training examples."""
    validation: int
    """Validation examples."""
    shape: Shape
    """(channels, height, width) of an input."""
    classes: int


PUBLISHED = {
    "mnist": Size(60_000, 10_000, (1, 28, 28), 10),
    "cifar10": Size(50_000, 10_000, (3, 32, 32), 10),
}
"""Whole data sets that may be missing, with their test sets. Source: LeCun et al. 1998; Krizhevsky 2009."""


def whole(source: Source) -> Size:
    """A data set that is here; the validation examples are those of its test set."""
    channels, height, width = source.images.shape[1:]
    tests = 0 if source.test_labels is None else len(source.test_labels)
    return Size(len(source.labels), tests, (channels, height, width), source.classes)


def size(spec: DataSpec, data: Size) -> Size:
    """What a spec takes of a whole data set, as `data.dataset.prepare` does.

    Raises:
        UnfitDataError: where it takes more than there is.
    """
    channels, height, width = data.shape
    if spec.crop:
        height = width = spec.crop
    examples = spec.subset or data.examples
    left = data.examples - examples
    wanted = spec.validation or data.validation or left
    validation = min(wanted, data.validation + left) if data.validation else min(wanted, left)
    if examples > data.examples or max(height, width) > max(data.shape[1:]) or validation < 1:
        raise UnfitDataError(f"{spec.data} has too few examples or pixels for {spec.name}")
    shape = (channels, height // spec.shrink, width // spec.shrink)
    return Size(examples, validation, shape, _classes(spec, examples, data.classes))


def _classes(spec: DataSpec, examples: int, classes: int) -> int:
    """The classes that a net tells apart; a corruption may have its own."""
    if not facts_of(spec.corruption.kind).new_classes:
        return classes
    labels = np.arange(examples) % classes
    return corrupt(np.zeros((examples, 1, 1, 1), np.float32), labels, classes, spec.corruption, spec.seed).classes
