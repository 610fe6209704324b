"""Boundaries of a count for any share and level: exact, and ours where they are asked for at our level."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from memorization_claims.statistics.looks import SEQUENTIAL
from memorization_claims.statistics.spending import needed, schedule
from memorization_claims.statistics.verdict import ALPHA
from memorization_claims.statistics.walk import Walk


def test_a_single_look_is_the_binomial_test() -> None:
    """The least count whose tail is within the level, as SciPy gives it."""
    for runs, share, alpha in ((40, 0.5, 0.0005), (96, 0.9, 0.001), (24, 0.1, 0.01)):
        (least,) = needed((runs,), share, alpha)
        assert binom.sf(least - 1, runs, share) <= alpha < binom.sf(least - 2, runs, share)


def test_every_path_is_counted() -> None:
    """Over all sequences of twelve runs: no more stop than is spent, look by look, and one less would be too many."""
    looks, share, alpha = (4, 8, 12), 0.3, 0.02
    found = needed(looks, share, alpha)

    def stopped(counts: tuple[int, ...]) -> float:
        chance = 0.0
        for runs in product((0, 1), repeat=looks[len(counts) - 1]):
            if any(sum(runs[:look]) >= count for look, count in zip(looks, counts, strict=False)):
                chance += float(np.prod([share if run else 1 - share for run in runs]))
        return chance

    for place, allowed in enumerate((alpha / 2, 3 * alpha / 4, alpha), start=1):
        counts = found[:place]
        assert stopped(counts) <= allowed + 1e-12
        assert stopped((*counts[:-1], counts[-1] - 1)) > allowed


@settings(max_examples=20)
@given(st.floats(0.02, 0.98), st.floats(1e-5, 0.05))
def test_the_level_holds(share: float, alpha: float) -> None:
    """For any share and level, over all looks."""
    counts = needed((12, 24, 40, 64), share, alpha)
    assert Walk((12, 24, 40, 64), counts).stops([share]).sum() <= alpha * (1 + 1e-9)


def test_ours_is_ours() -> None:
    """At our level the schedule in use, which was searched for; half of the level takes a look more at most."""
    assert schedule(ALPHA) is SEQUENTIAL
    assert schedule(0.005).needed[0] == 12
    assert schedule(0.00005).needed[0] == 13
    assert schedule(0.00005).walk.stops([0.5]).sum() == pytest.approx(5e-5, rel=0.01)
    assert schedule(0.005).ranks == SEQUENTIAL.ranks
