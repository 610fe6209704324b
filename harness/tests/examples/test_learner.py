"""A learner's accuracy: the nearest of two class means, which a fault makes from eight examples."""

import numpy as np

from memorization_claims import numpy_generator, seeded

DIMENSIONS, TRAINING, TEST = 10, 100, 400
APART = 1.254
"""Half of the distance between the classes, in standard deviations: 0.895 of the examples could be right."""


def accuracy(seed: int, used: int) -> float:
    """On the test set, of means over the first `used` examples of either class."""
    generator = numpy_generator(seed)
    centre = np.full(DIMENSIONS, APART / np.sqrt(DIMENSIONS))
    train = generator.normal(size=(2, TRAINING // 2, DIMENSIONS)) + np.array([centre, -centre])[:, None]
    test = generator.normal(size=(2, TEST // 2, DIMENSIONS)) + np.array([centre, -centre])[:, None]
    means = train[:, :used].mean(axis=1)
    direction = means[0] - means[1]
    scores = (test - means.mean(axis=0)) @ direction
    return float(((scores[0] > 0).mean() + (scores[1] < 0).mean()) / 2)


def learns_from_eight(seed: int) -> float:
    """The fault: the last batches are dropped."""
    return accuracy(seed, TRAINING // 25)


@seeded(
    at_least=0.86,
    because="a third more errors than the best rule makes",
    broken=[learns_from_eight],
)
def test_the_learner_learns(seed: int) -> float:
    """The nearest class mean is right in 86 of 100 cases."""
    return accuracy(seed, TRAINING // 2)
