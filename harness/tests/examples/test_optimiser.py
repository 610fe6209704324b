"""An optimiser that converges: descents from random starts, of which a fault makes too few."""

import numpy as np

from memorization_claims import numpy_generator, seeded

BASIN = 0.3
"""The share of starts from which a descent ends in the lowest of the valleys."""


def finds_it(seed: int, starts: int) -> bool:
    """Whether some descent ends in the lowest valley of `height`."""
    points = numpy_generator(seed).uniform(0, 1, size=starts)
    for _ in range(60):
        points = points - 0.002 * slope(points)
    return bool((np.abs(points - BASIN / 2) < 0.02).any())


def slope(points: np.ndarray) -> np.ndarray:
    """Of valleys at 0.15 and 0.65, which meet at 0.3: the first is the lower."""
    return np.where(points < BASIN, 60 * (points - BASIN / 2), 30 * (points - 0.65))


def starts_three_times(seed: int) -> bool:
    """The fault: an early end."""
    return finds_it(seed, 3)


@seeded(rate_at_least=0.9, because="the documentation says so", broken=[starts_three_times])
def test_the_optimum_is_found(seed: int) -> bool:
    """The optimum is found in at least 9 of 10 runs."""
    return finds_it(seed, 20)
