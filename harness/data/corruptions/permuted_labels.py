"""Labels exchanged at random."""

from __future__ import annotations

import numpy as np

from memorization_claims.spec.facts import touches


@touches("labels")
def permuted_labels(
    images: np.ndarray, labels: np.ndarray, classes: int, chosen: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """Labels exchanged among the examples touched, so that every class keeps its size."""
    exchanged = labels.copy()
    exchanged[chosen] = labels[generator.permutation(chosen)]
    return images, exchanged, classes
