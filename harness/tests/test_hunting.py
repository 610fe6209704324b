"""The share of the time to fit that is spent at chance: worked examples, and that no speed of training enters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.measures.courses.hunting import off_chance, share_at_chance
from memorization_claims.measures.courses.paths import time_to


def test_off_chance_is_twice_chance_for_ten_classes() -> None:
    """And a ninth of the way to 1 for any other number."""
    assert off_chance(0.1) == pytest.approx(0.2)
    assert off_chance(0.5) == pytest.approx(5 / 9)


def test_a_plateau_and_a_straight_course() -> None:
    """At chance for 8 of 10 epochs and a quick rise; straight from 0 to 1; and a net that never fits."""
    plateau = np.r_[np.full(9, 0.1), 0.9, 1.0]
    straight, never = np.arange(11.0) / 10, np.full(11, 0.3)
    share = share_at_chance(np.stack([plateau, straight, never])[None], np.arange(11.0), chance=0.1)
    np.testing.assert_allclose(share, [[8.125 / 9, 2 / 9, math.nan]])


def test_a_net_that_starts_fitted_has_no_share() -> None:
    """No time is spent at all: not a number rather than a division by zero."""
    assert np.isnan(share_at_chance(np.ones((1, 1, 3)), np.arange(3.0), chance=0.1)).all()


@given(seed=st.integers(0, 2**32), stretch=st.floats(0.1, 100))
def test_no_speed_enters(seed: int, stretch: float) -> None:
    """All epochs a factor longer give the same share, between 0 and 1: the quotient of the two times."""
    paths = np.sort(np.random.default_rng(seed).uniform(0, 1, (2, 3, 7)))
    paths[..., 0], paths[..., -1] = 0.05, 1.0
    epochs = np.arange(7.0)
    share = share_at_chance(paths, epochs, chance=0.1)
    np.testing.assert_allclose(share_at_chance(paths, stretch * epochs, chance=0.1), share)
    np.testing.assert_allclose(share, time_to(0.2, paths, epochs) / time_to(0.9, paths, epochs))
    assert ((0 <= share) & (share <= 1)).all()


@given(seed=st.integers(0, 2**32), evaluations=st.integers(2, 8))
def test_a_walk_along_the_course_meets_both_levels(seed: int, evaluations: int) -> None:
    """From one evaluation to the next, along the straight line between them; without a fit there is no share."""
    generator = np.random.default_rng(seed)
    paths, epochs = generator.uniform(0, 1, (1, 3, evaluations)), np.cumsum(generator.uniform(0.5, 2, evaluations))

    def reached(path: list[float], level: float) -> float:
        if path[0] >= level:
            return float(epochs[0])
        for k in range(1, evaluations):
            if path[k] >= level:
                share = (level - path[k - 1]) / (path[k] - path[k - 1])
                return float(epochs[k - 1] + share * (epochs[k] - epochs[k - 1]))
        return math.inf

    for path, found in zip(paths[0].tolist(), share_at_chance(paths, epochs, chance=0.1)[0], strict=True):
        start, end = reached(path, 0.2), reached(path, 0.9)
        assert found == pytest.approx(start / end if math.isfinite(end) else math.nan, nan_ok=True)
