"""A shuffle that must not correlate: through a buffer, which a fault makes smaller than the data set."""

import numpy as np

from memorization_claims import numpy_generator, seeded

LENGTH, SHUFFLES = 100, 4


def correlation(seed: int, buffer: int) -> float:
    """The mean correlation of places before and after, over some shuffles."""
    generator = numpy_generator(seed)
    found = []
    for _ in range(SHUFFLES):
        held, order = list(range(buffer)), []
        for place, draw in enumerate(generator.random(LENGTH).tolist()):
            chosen = int(draw * len(held))
            order.append(held[chosen])
            if (following := buffer + place) < LENGTH:
                held[chosen] = following
            else:
                held[chosen] = held[-1]
                held.pop()
        found.append(np.corrcoef(order, np.arange(LENGTH))[0, 1])
    return float(np.mean(found))


def has_a_small_buffer(seed: int) -> float:
    """The fault: a buffer of two thirds of the data set."""
    return correlation(seed, 66)


@seeded(same=0.0, margin=0.1, because="training is as good up to there", broken=[has_a_small_buffer])
def test_the_shuffle_does_not_correlate(seed: int) -> float:
    """Where an item stood says nothing of where it stands after a shuffle."""
    return correlation(seed, LENGTH)
