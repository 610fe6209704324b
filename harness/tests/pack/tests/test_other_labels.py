"""How evenly the corruption draws: a number of a seed, judged over as many seeds as it takes."""

import numpy as np
from relabelled import another_label

from memorization_claims import numpy_generator, seeded

CLASSES, EXAMPLES = 10, 9000


def dispersion(labels: np.ndarray, changed: np.ndarray) -> float:
    """The variance of how often each label becomes each other one, as a ratio to that of even draws."""
    counts = np.zeros((CLASSES, CLASSES))
    np.add.at(counts, (labels, (changed - labels) % CLASSES), 1)
    expected = EXAMPLES / CLASSES / (CLASSES - 1)
    return float((((counts[:, 1:] - expected) ** 2).sum() / expected) / (CLASSES * (CLASSES - 2)))


def never_the_last(seed: int) -> float:
    """One class short, as by a bound that is taken for inclusive."""
    labels = np.arange(EXAMPLES) % CLASSES
    return dispersion(labels, (labels + numpy_generator(seed).integers(1, CLASSES - 1, size=EXAMPLES)) % CLASSES)


@seeded(fit=1.6, because="a corruption is as good up to there", broken=[never_the_last])
def test_other_labels_are_drawn_evenly(seed: int) -> float:
    """Every label becomes every other one as often as by even draws."""
    labels, chosen = np.arange(EXAMPLES) % CLASSES, np.arange(EXAMPLES)
    _, changed, _ = another_label(np.empty(0), labels, CLASSES, chosen, numpy_generator(seed))
    return dispersion(labels, changed)
