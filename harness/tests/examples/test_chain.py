"""A sampler's mean: a Markov chain that starts far out, where a fault keeps what it draws on its way in."""

from memorization_claims import numpy_generator, seeded

START, STEPS, CORRELATION = 30.0, 500, 0.9
BURNED = 60
"""What is dropped: after that, 0.05 is left of the start."""


def mean(seed: int, dropped: int) -> float:
    """Of the chain, whose law has mean 0 and standard deviation 1."""
    noise = numpy_generator(seed).normal(scale=(1 - CORRELATION**2) ** 0.5, size=dropped + STEPS).tolist()
    state, total = START, 0.0
    for step, each in enumerate(noise):
        state = CORRELATION * state + each
        total += state if step >= dropped else 0.0
    return total / STEPS


def keeps_the_way_in(seed: int) -> float:
    """The fault: nothing is dropped."""
    return mean(seed, 0)


@seeded(same=0.0, margin=0.33, because="a third of the law's deviation", broken=[keeps_the_way_in])
def test_the_chain_has_the_mean_of_its_law(seed: int) -> float:
    """The mean of 500 steps is that of the law."""
    return mean(seed, BURNED)
