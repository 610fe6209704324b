"""The conditions that papers compare, as the fields of a run's spec that they replace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memorization_claims.spec.data import Corruption

TRUE: Mapping[str, Any] = {}
"""The data as they are."""


def random_labels(fraction: float = 1.0) -> Mapping[str, Any]:
    """Labels redrawn uniformly over all classes for a share of the examples: `randY` in Arpit et al. 2017."""
    return {"corruption": Corruption(kind="random-labels", fraction=fraction)}


def permuted_labels() -> Mapping[str, Any]:
    """Labels exchanged at random among the examples: `randY` with the classes as large as in the real data."""
    return {"corruption": Corruption(kind="permuted-labels")}


def gaussian_inputs(fraction: float = 1.0) -> Mapping[str, Any]:
    """Inputs replaced by normal noise for a share of the examples: `randX` in Arpit et al. 2017."""
    return {"corruption": Corruption(kind="gaussian-inputs", fraction=fraction)}


def random_pixels() -> Mapping[str, Any]:
    """The pixels of each image in a random order of its own."""
    return {"corruption": Corruption(kind="random-pixels")}


def shuffled_pixels() -> Mapping[str, Any]:
    """The pixels of all images in one random order."""
    return {"corruption": Corruption(kind="shuffled-pixels")}


def unique_labels() -> Mapping[str, Any]:
    """Every example a class of its own."""
    return {"corruption": Corruption(kind="unique-labels")}


def unique_gaussian_inputs() -> Mapping[str, Any]:
    """Normal noise, every example a class of its own."""
    return {"corruption": Corruption(kind="unique-gaussian-inputs")}


def binary_labels() -> Mapping[str, Any]:
    """Each label one of two classes by a fair coin: the random signs of empirical Rademacher complexity."""
    return {"corruption": Corruption(kind="binary-labels")}
