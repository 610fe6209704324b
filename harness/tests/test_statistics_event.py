"""Events with a stated rate: the exact binomial, look by look."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from memorization_claims.errors import SettingError
from memorization_claims.statistics.event import event, interval
from memorization_claims.statistics.rated import Rated, RateLook, fewest, looks
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import ALPHA, Outcome

NINE_OF_TEN = Rated(0.9, looks(192))


def happened(count: int, runs: int) -> Samples:
    """An event in so many runs."""
    return Samples("it ends", "", {"number": np.where(np.arange(runs) < count, 1.0, 0.0)}, tuple(range(runs)))


def at(runs: int) -> RateLook:
    """The look at so many runs."""
    return RateLook(NINE_OF_TEN, NINE_OF_TEN.looks.index(runs))


def test_a_single_look_is_scipys_binomial_test() -> None:
    """By its p-values the verdict is decided, on either side, for `at_least` and `at_most`."""
    for count in (10, 25, 30, 36, 40):
        for rising in (True, False):
            samples = happened(count, 40)
            found = event(samples, "number", at_least=0.6) if rising else event(samples, "number", at_most=0.6)
            greater, less = (binomtest(count, 40, 0.6, tail).pvalue for tail in ("greater", "less"))
            support, refute = (greater, less) if rising else (less, greater)
            assert (found.p_support, found.p_refute) == pytest.approx((support, refute))
            assert (found.outcome is Outcome.SUPPORTED) == (support <= ALPHA)
            assert (found.outcome is Outcome.REFUTED) == (refute <= ALPHA)


def test_the_interval_is_clopper_and_pearsons() -> None:
    """To SciPy's, also where all or none happened."""
    for count, runs in ((0, 12), (12, 12), (3, 20), (95, 96)):
        expected = binomtest(count, runs).proportion_ci(0.99)
        assert interval(count, runs, miss=0.01) == pytest.approx(tuple(expected), abs=1e-6)


def test_nine_of_ten() -> None:
    """What always happens is supported at 96 runs, what happens half the time refuted at 12, and between it goes on."""
    early = event(happened(12, 12), "number", at_least=0.9, look=at(12))
    assert early.because == "12 runs, the event in 12 (5 or fewer decide); rate 1 [0.625, 1] against 0.9"
    assert early.count is not None
    assert (early.outcome, early.count.more) == (Outcome.UNDECIDED, 24)
    assert event(happened(96, 96), "number", at_least=0.9, look=at(96)).outcome is Outcome.SUPPORTED
    refuted = event(happened(5, 12), "number", at_least=0.9, look=at(12))
    assert (refuted.outcome, refuted.because.rpartition("; ")[2]) == (Outcome.REFUTED, "p = 5e-05")
    near = event(happened(173, 192), "number", at_least=0.9, look=at(192))
    assert near.count is not None
    assert (near.outcome, near.count.more) == (Outcome.UNDECIDED, None)


def test_at_most_is_at_least_of_what_does_not_happen() -> None:
    """The same counts, the other way round."""
    look = RateLook(Rated(0.9, NINE_OF_TEN.looks), 4)
    rare = event(happened(1, 96), "number", at_most=0.1, look=look)
    often = event(happened(95, 96), "number", at_least=0.9, look=look)
    assert (rare.outcome, rare.count, rare.p_support) == (often.outcome, often.count, often.p_support)
    assert "95 or more" in often.because
    assert "1 or fewer" in rare.because


def test_a_barely_false_claim_is_supported_no_more_often_than_stated() -> None:
    """Over all paths of nine runs in three looks, either side."""
    rated = Rated(0.6, (3, 6, 9), 0.05)
    supported = refuted = 0.0
    for runs in product((0, 1), repeat=9):
        chance = float(np.prod([0.6 if run else 0.4 for run in runs]))
        for place, look in enumerate(rated.looks):
            found = RateLook(rated, place)
            if sum(runs[:look]) >= found.supports:
                supported += chance
                break
        for place, look in enumerate(rated.looks):
            if look - sum(runs[:look]) >= RateLook(rated, place).refutes:
                refuted += chance
                break
    assert 0 < supported <= 0.05
    assert 0 < refuted <= 0.05


@settings(max_examples=20)
@given(st.integers(0, 40), st.floats(0.05, 0.95))
def test_never_both(count: int, rate: float) -> None:
    """At no count are both sides reached, and the effect is the share."""
    found = event(happened(count, 40), "number", at_least=rate)
    assert found.effect is not None
    assert found.effect.estimate == count / 40
    look = RateLook(Rated(rate, (40,)))
    assert not (count >= look.supports and 40 - count >= look.refutes)


def test_how_many_seeds_a_rate_takes() -> None:
    """The cap is named where a rate cannot be shown below it."""
    assert [fewest(rate) for rate in (0.9, 0.95)] == [96, 192]
    assert looks(300) == (12, 24, 40, 64, 96, 144, 192, 288)
    assert event(happened(3, 3), "number", at_least=0.9).because == "3 runs decide nothing at alpha = 0.0005"


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ({}, "at_least = None, at_most = None: exactly one of them must be given"),
        ({"at_least": 1.0}, "rate = 1.0: must lie between 0 and 1"),
    ],
)
def test_illegal_settings_are_named(rates: dict[str, Any], message: str) -> None:
    """In one line."""
    with pytest.raises(SettingError, match=f"^{re.escape(message)}$"):
        event(happened(3, 12), "number", **rates)


def test_a_number_is_no_event() -> None:
    """Values other than 0 and 1."""
    with pytest.raises(SettingError, match=r"^'number' has values other than 0 and 1: an event happens or does not$"):
        event(Samples("it ends", "", {"number": [0.5]}, (0,)), "number", at_least=0.5)  # type: ignore[dict-item]
