"""What the scatter of effects says of a fresh run."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from memorization_claims.statistics import Samples, above
from memorization_claims.statistics.looks import FIRST, SEQUENTIAL, Look
from memorization_claims.statistics.scatter import distance, shares_beyond
from memorization_claims.statistics.verdict import Outcome


def test_a_distance_is_that_to_the_nearest_end() -> None:
    """In standard deviations; an end that there is not has none, and effects that do not scatter are infinitely far."""
    values = np.array([1.0, 2.0, 3.0])
    assert distance(values, (0.5, math.inf)) == 1.5
    assert distance(values, (-math.inf, 0.5)) == 1.5
    assert distance(values, (0.5, 2.5)) == 0.5
    assert distance(np.ones(3), (0.5, math.inf)) == math.inf


def test_plausible_shares_lie_about_that_of_the_distance() -> None:
    """Their median is the share of a normal; more runs leave less open, and effects that do not scatter nothing."""
    few, many = shares_beyond(1.5, 12), shares_beyond(1.5, 192)
    assert np.median(few) == pytest.approx(norm.cdf(1.5), abs=0.01)
    assert np.ptp(many) < np.ptp(few)
    assert shares_beyond(math.inf, 12).min() > 1 - 1e-12


def test_runs_on_one_side_are_told_apart_by_their_distance() -> None:
    """Where looks are few, twelve of twelve say little; twelve that lie far off say more, twelve that lie near less."""
    dear = Look(SEQUENTIAL.capped(40))
    counted = dear.replicates(Outcome.SUPPORTED, 12, 0)
    far, near = (dear.replicates(Outcome.SUPPORTED, 12, 0, away) for away in (4.0, 1.0))
    assert far > 0.999 > 0.99 > counted > near
    assert dear.replicates(Outcome.REFUTED, 0, 12, 4.0) == far
    assert dear.replicates(Outcome.UNDECIDED, 6, 6, 4.0) == dear.replicates(Outcome.UNDECIDED, 6, 6)
    assert FIRST.next.replicates(Outcome.SUPPORTED, 23, 1, 4.0) == FIRST.next.replicates(Outcome.SUPPORTED, 23, 1)


def test_a_verdict_knows_how_far_its_runs_lie() -> None:
    """The same counts with effects further off are likelier to come again."""
    dear = Look(SEQUENTIAL.capped(40))
    spread = np.linspace(-1.0, 1.0, 12)
    near, far = (
        above(Samples("n", "", {"a": level + spread, "b": 0 * spread}, tuple(range(12))), "a", "b", margin=0, look=dear)
        for level in (1.1, 5.0)
    )
    assert near.count is not None
    assert far.count is not None
    assert (near.count.beyond, far.count.beyond) == (12, 12)
    assert near.count.replicates < 0.99 < far.count.replicates


def test_scatter_tells_nothing_of_effects_that_repeat_themselves() -> None:
    """Twelve of two values, but for rounding, leave open how many others fall far below them."""
    dear = Look(SEQUENTIAL.capped(12))
    images = np.arange(2, 182, 15)
    low, high = images / 200, (images + np.where(images < 90, 3, 2)) / 200
    assert np.unique(high - low).size > 6
    verdict = above(Samples("n", "", {"a": high, "b": low}, tuple(range(12))), "a", "b", margin=0, look=dear)
    assert verdict.count is not None
    assert verdict.count.replicates == dear.replicates(Outcome.SUPPORTED, 12, 0) < 0.8


def test_scatter_of_an_effect_tells_nothing_of_a_control() -> None:
    """That nothing is there also takes the runs in which it is seen, and these are counted alone."""
    spread = np.linspace(-1.0, 1.0, 12)
    samples = Samples("n", "", {"a": spread, "b": 0 * spread}, tuple(range(12)))
    dear = Look(SEQUENTIAL.capped(40))
    plain, controlled = (
        above(samples, "a", "b", margin=5, look=look) for look in (dear, replace(dear, unseen=frozenset()))
    )
    assert plain.count is not None
    assert controlled.count is not None
    assert controlled.count.replicates == dear.replicates(Outcome.REFUTED, 0, 12) < plain.count.replicates
