"""Pixels in another order, all channels of a pixel together."""

from __future__ import annotations

import numpy as np

from memorization_claims.spec.facts import touches


@touches("inputs")
def random_pixels(
    images: np.ndarray, labels: np.ndarray, classes: int, chosen: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """Each image's pixels in an order of its own (Zhang 2017, section 2.1)."""
    positions = images.shape[2] * images.shape[3]
    orders = generator.permuted(np.tile(np.arange(positions), (len(chosen), 1)), axis=1)
    flat = images[chosen].reshape(len(chosen), images.shape[1], positions)
    out = images.copy()
    out[chosen] = np.take_along_axis(flat, orders[:, None], axis=2).reshape(-1, *images.shape[1:])
    return out, labels, classes


@touches("inputs", one_draw=True)
def shuffled_pixels(
    images: np.ndarray, labels: np.ndarray, classes: int, chosen: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """All images' pixels in one other order (Zhang 2017, section 2.1)."""
    positions = images.shape[2] * images.shape[3]
    order = generator.permutation(positions)
    flat = images[chosen].reshape(len(chosen), images.shape[1], positions)
    out = images.copy()
    out[chosen] = flat[..., order].reshape(-1, *images.shape[1:])
    return out, labels, classes
