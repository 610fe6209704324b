"""Corruptions of a training set, and what each of them changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memorization_claims.seed import numpy_generator
from memorization_claims.spec.data import Corruption


@dataclass(frozen=True, eq=False)
class Corrupted:
    """A training set after its corruption."""

    images: np.ndarray
    """(n, channels, height, width), float32."""
    labels: np.ndarray
    """(n,), int64 in [0, classes)."""
    classes: int
    changed: np.ndarray
    """(n,), bool: which examples the corruption was applied to. Of random labels one in `classes` keeps its value."""
    pixel_order: np.ndarray | None = None
    """(height * width,), for shuffled-pixels only: output position p shows input position pixel_order[p]."""


def corrupt(images: np.ndarray, labels: np.ndarray, classes: int, corruption: Corruption, seed: int) -> Corrupted:
    """Corrupt a training set; the arguments are left as they are.

    For one seed, the examples touched by a lower fraction are among those of a higher one and, except of permuted
    labels, get the same values.

    Args:
        images: (n, channels, height, width), float32.
        labels: (n,), int64 in [0, classes).
        classes: number of classes.
        corruption: kind and fraction.
        seed: the run's seed; draws from its streams "labels" and "pixels".
    """
    labels_too = corruption.kind.endswith("-labels")
    generator = numpy_generator(seed, "labels" if labels_too else "pixels")
    count = 0 if corruption.kind == "none" else round(corruption.fraction * len(labels))
    chosen = generator.permutation(len(labels))[:count]
    changed = np.zeros(len(labels), dtype=bool)
    changed[chosen] = True
    if corruption.kind == "binary-labels":
        return Corrupted(images, generator.integers(2, size=len(labels)), 2, changed)
    if corruption.kind == "random-labels":
        drawn = generator.integers(classes, size=len(labels))
        return Corrupted(images, np.where(changed, drawn, labels), classes, changed)
    if corruption.kind == "permuted-labels":
        exchanged = labels.copy()
        exchanged[chosen] = labels[generator.permutation(chosen)]
        return Corrupted(images, exchanged, classes, changed)
    images, order = _pixels(images, chosen, corruption, generator)
    if corruption.kind.startswith("unique-"):
        labels, classes = np.arange(len(labels)), len(labels)
    return Corrupted(images, labels, classes, changed, order)


def _pixels(
    images: np.ndarray, chosen: np.ndarray, corruption: Corruption, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray | None]:
    if corruption.kind in ("none", "unique-labels"):
        return images, None
    out, order = images.copy(), None
    positions = images.shape[2] * images.shape[3]
    if corruption.kind.endswith("gaussian-inputs"):
        # Drawn for as many as are chosen, in the order of choice: a lower fraction sees the same first images.
        noise = generator.standard_normal((len(chosen), *images.shape[1:]), dtype=np.float32)
        out[chosen] = images.mean(dtype=np.float64) + images.std(dtype=np.float64) * noise
    elif corruption.kind == "random-pixels":
        orders = generator.permuted(np.tile(np.arange(positions), (len(chosen), 1)), axis=1)
        flat = out[chosen].reshape(len(chosen), images.shape[1], positions)
        out[chosen] = np.take_along_axis(flat, orders[:, None], axis=2).reshape(-1, *images.shape[1:])
    else:
        order = generator.permutation(positions)
        out[chosen] = (
            out[chosen].reshape(len(chosen), images.shape[1], positions)[..., order].reshape(-1, *images.shape[1:])
        )
    return out, order
