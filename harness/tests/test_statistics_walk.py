"""The chances of a count that stops at a boundary."""

import math
from itertools import product

import numpy as np
import pytest
from scipy.stats import beta, binom

from memorization_claims.statistics.walk import SHARES, Walk, one_more, tail, weights

WALK = Walk((4, 7, 9), (4, 6, 7))


def by_hand(share: float) -> list[float]:
    """The chances of stopping at each look of `WALK`, over all the sequences of nine runs."""
    stops = [0.0, 0.0, 0.0]
    for runs in product((0, 1), repeat=9):
        chance = math.prod(share if run else 1 - share for run in runs)
        reached = [sum(runs[:look]) >= needed for look, needed in zip(WALK.looks, WALK.needed, strict=True)]
        if any(reached):
            stops[reached.index(True)] += chance
    return stops


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_chances_are_sums_over_all_sequences(share: float) -> None:
    """At each look, those that stop there and not earlier."""
    assert WALK.stops([share])[:, 0] == pytest.approx(by_hand(share), abs=1e-12)


def test_shares_are_taken_each_by_itself() -> None:
    """A column for each."""
    both = WALK.stops([0.2, 0.7])
    assert both.shape == (3, 2)
    assert both[:, 1] == pytest.approx(WALK.stops([0.7])[:, 0])


def test_reaching_a_count_takes_in_all_that_stopped_before() -> None:
    """From the count that is needed on it adds up to what has stopped; a count of 0 is reached by all."""
    stopped = np.cumsum(by_hand(0.5))
    for place, needed in enumerate(WALK.needed):
        assert WALK.reaches(place, needed) == pytest.approx(stopped[place])
        assert WALK.reaches(place, 0) == pytest.approx(1)


def test_one_more_run_is_another_trial_of_the_binomial() -> None:
    """After seven runs, for two shares at once."""
    law, shares = np.ones((1, 2)), np.array([0.3, 0.8])
    for _ in range(7):
        law = one_more(law, shares)
    assert law == pytest.approx(binom.pmf(np.arange(8)[:, None], 7, shares))


@pytest.mark.parametrize("runs", [1, 12, 192])
def test_the_tail_is_scipys(runs: int) -> None:
    """The chance of at least so many where each counts as likely as not."""
    assert tail(runs) == pytest.approx(binom.sf(np.arange(runs + 1) - 1, runs, 0.5), rel=1e-9)


@pytest.mark.parametrize(("count", "runs"), [(0, 12), (12, 12), (40, 64), (123, 192)])
def test_what_a_count_leaves_open_is_jeffreys_posterior(count: int, runs: int) -> None:
    """The weights of shares have the mean and the quantiles of a beta law with a half added to both counts."""
    found, law = weights(count, runs), beta(count + 0.5, runs - count + 0.5)
    assert found.sum() == pytest.approx(1)
    assert found @ SHARES == pytest.approx(law.mean(), abs=1e-6)
    below = float(law.ppf(0.3))
    assert found[below > SHARES].sum() == pytest.approx(0.3, abs=0.02)


def test_stopping_again_is_a_mean_over_that() -> None:
    """Against an integral on a fine grid."""
    shares = np.linspace(0.0005, 0.9995, 1000)
    density = beta.pdf(shares, 6.5, 1.5)
    expected = (density * WALK.stops(shares).sum(axis=0)).sum() / density.sum()
    assert WALK.stops_again(6, 7) == pytest.approx(expected, abs=1e-3)
