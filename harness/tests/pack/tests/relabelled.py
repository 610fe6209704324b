"""Labels changed at random, as in the code of Toneva et al. 2019: each becomes another one."""

import numpy as np

from memorization_claims import touches


@touches("labels")
def another_label(
    images: np.ndarray, labels: np.ndarray, classes: int, chosen: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """Labels drawn uniformly over all classes but the example's own."""
    # Drawn for all: an example gets the same label at every fraction that touches it.
    steps = generator.integers(1, classes, size=len(labels))
    changed = labels.copy()
    changed[chosen] = (labels[chosen] + steps[chosen]) % classes
    return images, changed, classes
