"""An approximate counter: distinct items from the k smallest of their hashes, where a fault is one off."""

import numpy as np

from memorization_claims import numpy_generator, seeded

ITEMS, SKETCHES, KEPT = 300, 100, 8


def counted(seed: int, numerator: int) -> float:
    """The mean of estimates, as a ratio to the number of items."""
    hashes = numpy_generator(seed).random((SKETCHES, ITEMS), dtype=np.float32)
    largest = np.partition(hashes, KEPT - 1, axis=1)[:, KEPT - 1]
    return float((numerator / largest).mean() / ITEMS)


def one_off(seed: int) -> float:
    """The fault: k instead of k - 1, which is right for most purposes and has a bias of a seventh."""
    return counted(seed, KEPT)


@seeded(same=1.0, margin=0.08, because="the documentation says 8 %", broken=[one_off])
def test_the_counter_is_unbiased(seed: int) -> float:
    """A hundred estimates of the number of distinct items are right on average."""
    return counted(seed, KEPT - 1)
