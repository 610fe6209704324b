"""One of two classes by a fair coin."""

from __future__ import annotations

import numpy as np

from memorization_claims.spec.facts import touches


@touches("labels", new_classes=True)
def binary_labels(
    images: np.ndarray, labels: np.ndarray, classes: int, chosen: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """Labels 0 and 1 with probability one half each (Zhang 2017, equation 1)."""
    return images, generator.integers(2, size=len(labels)), 2
