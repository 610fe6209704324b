"""Normal noise in the place of images, with the labels of the images or with a class for each."""

from __future__ import annotations

import numpy as np

from memorization_claims.data.corruptions.unique_labels import unique_labels
from memorization_claims.spec.facts import touches


@touches("inputs")
def gaussian_inputs(
    images: np.ndarray, labels: np.ndarray, classes: int, chosen: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """Pixels from a normal distribution with the mean and the variance of all images (Zhang 2017, section 2.1)."""
    # Drawn for as many as are chosen, in the order of choice: a lower fraction sees the same first images.
    noise = generator.standard_normal((len(chosen), *images.shape[1:]), dtype=np.float32)
    out = images.copy()
    out[chosen] = images.mean(dtype=np.float64) + images.std(dtype=np.float64) * noise
    return out, labels, classes


@touches("inputs", "labels", new_classes=True)
def unique_gaussian_inputs(
    images: np.ndarray, labels: np.ndarray, classes: int, chosen: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """The images of `gaussian_inputs`, every one a class of its own."""
    noise, labels, classes = gaussian_inputs(images, labels, classes, chosen, generator)
    return unique_labels(noise, labels, classes, chosen, generator)
