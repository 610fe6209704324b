"""Labels redrawn at random."""

from __future__ import annotations

import numpy as np

from memorization_claims.spec.facts import touches


@touches("labels")
def random_labels(
    images: np.ndarray, labels: np.ndarray, classes: int, chosen: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """Labels drawn uniformly over all classes, so that a label may keep its value (Zhang 2017, section 2.1)."""
    # Drawn for all: an example gets the same label at every fraction that touches it.
    drawn = generator.integers(classes, size=len(labels))
    redrawn = labels.copy()
    redrawn[chosen] = drawn[chosen]
    return images, redrawn, classes
