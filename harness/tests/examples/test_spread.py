"""A sampler's spread: normal numbers by the polar method, from which a fault leaves out the tails."""

import numpy as np

from memorization_claims import numpy_generator, seeded

DRAWS = 400


def spread(seed: int, least: float) -> float:
    """The variance of the draws, which is 1, where no uniform number is less than `least`."""
    generator = numpy_generator(seed)
    radius = np.sqrt(-2 * np.log(generator.uniform(least, 1, size=DRAWS)))
    draws = radius * np.cos(2 * np.pi * generator.random(DRAWS))
    return float(draws.var())


def has_no_tails(seed: int) -> float:
    """The fault: uniform numbers in eight bits that begin at 16."""
    return spread(seed, 16 / 256)


@seeded(fit=1.15, because="what a test of 5 % with 400 draws would just see", broken=[has_no_tails])
def test_the_sampler_spreads_as_its_law(seed: int) -> float:
    """The variance of 400 draws is that of the law, within 15 %."""
    return spread(seed, 0.0)
