"""The exact sign-flip test and its interval."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.statistics.sign_flip import (
    interval,
    p_mean_below,
    p_mean_exceeds,
    p_mean_exceeds_each,
    seeds_needed,
)

# Sixteenths: sums and ties are exact, so that the reference needs no tolerance.
SIXTEENTHS = st.integers(-64, 64).map(lambda n: n / 16)
DIFFERENCES = st.lists(SIXTEENTHS, min_size=1, max_size=9)
# Crossed minus self-fertilised height of Darwin's fifteen pairs of maize plants, in eighths of an inch: Fisher 1935.
DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]


def by_enumeration(differences: list[float], level: float) -> float:
    """The share of sign assignments whose sum is at least the observed one, written out."""
    shifted = [d - level for d in differences]
    signs = itertools.product((1, -1), repeat=len(shifted))
    sums = [sum(s * x for s, x in zip(assignment, shifted, strict=True)) for assignment in signs]
    return sum(total >= sum(shifted) for total in sums) / len(sums)


def test_darwins_plants_give_fishers_count() -> None:
    """Fisher 1935, section 21: 863 of the 2^15 assignments give Darwin's plants a sum as large as theirs."""
    assert p_mean_exceeds(DARWIN, 0) == 863 / 2**15


@given(DIFFERENCES, SIXTEENTHS)
def test_meet_in_the_middle_equals_enumeration(differences: list[float], level: float) -> None:
    """Both one-sided p-values equal those of all sign assignments written out, ties included."""
    assert p_mean_exceeds(differences, level) == by_enumeration(differences, level)
    assert p_mean_below(differences, level) == by_enumeration([-d for d in differences], -level)


@given(st.lists(st.lists(SIXTEENTHS, min_size=7, max_size=7), min_size=1, max_size=4), SIXTEENTHS)
def test_batch_equals_one_by_one(sets: list[list[float]], level: float) -> None:
    """The batched path gives each set the p-value it has alone."""
    assert p_mean_exceeds_each(sets, level).tolist() == [p_mean_exceeds(one, level) for one in sets]


@given(DIFFERENCES, SIXTEENTHS, SIXTEENTHS)
def test_p_value_rises_with_the_level(differences: list[float], level: float, other: float) -> None:
    """A higher level is never easier to exceed."""
    low, high = sorted((level, other))
    assert p_mean_exceeds(differences, low) <= p_mean_exceeds(differences, high)


@given(DIFFERENCES, SIXTEENTHS)
def test_both_sides_never_reject_together(differences: list[float], level: float) -> None:
    """One of the two one-sided p-values is at least a half."""
    assert max(p_mean_exceeds(differences, level), p_mean_below(differences, level)) >= 0.5


@pytest.mark.parametrize("seeds", [1, 2, 11, 12, 39, 40])
def test_smallest_p_value_is_two_to_the_minus_n(seeds: int) -> None:
    """Differences all beyond the level leave the identity alone, and differences all short of it leave everything."""
    differences = np.linspace(1.0, 2.0, seeds)
    assert p_mean_exceeds(differences, 0.5) == 2.0**-seeds
    assert p_mean_below(differences, 0.5) == 1.0


def test_forty_seeds_on_the_level_count_the_binomial_half() -> None:
    """At 40 seeds half one above and half one below, the sums at most 0 are the central tail of a binomial, exactly."""
    differences = np.repeat([1.0, -1.0], 20)
    assert p_mean_exceeds(differences, 0.0) == sum(math.comb(40, k) for k in range(21)) / 2**40


def test_rounding_never_makes_a_p_value_smaller() -> None:
    """Differences equal to the level but for rounding tie with it, whichever way they were rounded."""
    differences = [0.93 - 0.88, 0.95 - 0.9, 0.55 - 0.5, 0.15 - 0.1]
    assert len(set(differences)) > 1
    assert p_mean_exceeds(differences, 0.05) == p_mean_below(differences, 0.05) == 1.0
    assert p_mean_exceeds_each([differences], 0.05).tolist() == [1.0]


@pytest.mark.parametrize(("alpha", "seeds"), [(0.0005, 11), (0.00025, 12), (0.05, 5), (0.25, 2), (0.4, 2)])
def test_seeds_needed_is_the_first_power_below_alpha(alpha: float, seeds: int) -> None:
    """The number of seeds is the first whose smallest p-value reaches alpha."""
    assert seeds_needed(alpha) == seeds
    assert 2.0**-seeds <= alpha < 2.0 ** -(seeds - 1)


def test_interval_of_six_is_the_range() -> None:
    """At 95 % and six seeds k = floor(64 x 0.025) = 1, and the extreme subset means are the extreme differences."""
    assert interval([3.0, 1.0, 4.0, 1.5, 9.0, 2.0]) == pytest.approx((1.0, 9.0))


def test_five_seeds_bound_nothing() -> None:
    """Below six seeds no level can be rejected at 2.5 %, so the interval is the whole line."""
    assert interval([1.0, 2.0, 3.0, 4.0, 5.0]) == (-math.inf, math.inf)


@given(st.lists(SIXTEENTHS, min_size=6, max_size=10))
def test_interval_ends_are_where_the_test_turns(differences: list[float]) -> None:
    """Just outside each end the test rejects at 2.5 %, just inside it does not."""
    low, high = interval(differences)
    step = 1e-6
    assert p_mean_exceeds(differences, low - step) <= 0.025 < p_mean_exceeds(differences, low + step)
    assert p_mean_below(differences, high + step) <= 0.025 < p_mean_below(differences, high - step)


def test_interval_ends_are_order_statistics_of_subset_means() -> None:
    """At nine seeds the ends are the 12th smallest and the 12th largest of the 511 subset means (Hartigan 1969)."""
    differences = np.random.default_rng(3).normal(size=9)
    subsets = [list(s) for size in range(1, 10) for s in itertools.combinations(differences, size)]
    means = sorted(np.mean(subset) for subset in subsets)
    assert interval(differences) == pytest.approx((means[11], means[-12]))


def test_bisection_agrees_with_writing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The path for many seeds brackets the same ends, from outside."""
    differences = 1e4 + np.random.default_rng(1).normal(size=14)
    low, high = interval(differences)
    monkeypatch.setattr("memorization_claims.statistics.sign_flip._MOST_SEEDS_WRITTEN_OUT", 0)
    wide_low, wide_high = interval(differences)
    assert low - 1e-5 <= wide_low <= low + 1e-8
    assert high - 1e-8 <= wide_high <= high + 1e-5


def test_interval_covers_as_it_says() -> None:
    """Over 2000 normal sets of eight, the 95 % interval misses the mean in 2 x 6/256 of them, within four sigma."""
    sets = np.random.default_rng(0).normal(size=(2000, 8))
    missed = sum(not low <= 0 <= high for low, high in map(interval, sets))
    expected = 2 * 6 / 256
    assert abs(missed / 2000 - expected) < 4 * math.sqrt(expected * (1 - expected) / 2000)


def test_illegal_settings_say_what_is_legal() -> None:
    """Too many seeds, values that are not finite, and levels of confidence out of range are named."""
    with pytest.raises(SettingError, match=r"differences have shape \(41,\): the exact test takes 1 to 40 seeds"):
        p_mean_exceeds(np.ones(41), 0)
    with pytest.raises(SettingError, match=r"all must be finite"):
        p_mean_exceeds([1.0, math.nan], 0)
    with pytest.raises(SettingError, match=r"shape \(2, 17\): \(sets, 1 to 16 seeds\) is needed"):
        p_mean_exceeds_each(np.ones((2, 17)), 0)
    with pytest.raises(SettingError, match=r"alpha = 0.5: must lie between 0 and 0.5, both excluded"):
        seeds_needed(0.5)
    with pytest.raises(SettingError, match=r"confidence = 1: must lie between 0 and 1, both excluded"):
        interval([1.0, 2.0], 1)
