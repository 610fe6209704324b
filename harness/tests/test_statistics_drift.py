"""Effects measured twice: what counts as the same, closed forms, symmetries, and how often the answer errs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.statistics.counted import LOWER_BOUNDS
from memorization_claims.statistics.drift import Measured, drift, tolerance
from memorization_claims.statistics.looks import SEQUENTIAL
from memorization_claims.statistics.rates import drift as drift_rates
from memorization_claims.statistics.verdict import Outcome, Verdict
from memorization_claims.tests.test_statistics_calibration import README

SEEDS = 12
SPREAD = np.linspace(-1, 1, SEEDS)
"""Symmetric about 0, so that it can be the scatter of one effect."""


def measured(values: np.ndarray, *, kind: str = "above", margin: float = 1.0, first: int = 0) -> Measured:
    """An effect with these values at the seeds from `first` on."""
    by_seed = {first + place: float(value) for place, value in enumerate(values)}
    estimate = float(np.exp(np.nanmedian(np.log(values))) if kind == "fit" else np.nanmedian(values))
    return Measured(kind, estimate, margin, by_seed)


def outcome(verdict: Verdict) -> str:
    """What it came to, and why: an assertion shows both."""
    return f"{verdict.outcome.value}: {verdict.because}"


@pytest.mark.parametrize(
    ("kind", "estimate", "margin", "expected"),
    [
        ("above", 10.0, 1.0, 1.0),
        ("above", 2.0, 1.0, 0.5),
        ("above", -2.0, 1.0, 1.0),
        ("above", 5.0, 0.0, 2.5),
        ("trend", 1.5, 1.0, 0.25),
        ("bound", 10.0, 1.0, 4.5),
        ("bound", 0.2, 1.0, 0.4),
        ("same", 0.0, 1.0, 0.5),
        ("same", -0.6, 1.0, 0.2),
        ("same", 9.0, 1.0, 1.0),
        ("fit", 1.0, 4.0, math.log(2)),
        ("fit", 0.5, 4.0, math.log(2) / 2),
    ],
)
def test_what_counts_as_the_same(kind: str, estimate: float, margin: float, expected: float) -> None:
    """Half the way to where the verdict turns, and no more than the smallest effect that counts."""
    assert tolerance(Measured(kind, estimate, margin, {})) == pytest.approx(expected)


def test_numbers_that_did_not_change_are_the_same() -> None:
    """Even of too few seeds, without a spread, or that are lower bounds: nothing is inferred."""
    few = Measured("bound", 1.0, 0.99, {0: 1.0, 1: 1.0}, (f"1 of 2 {LOWER_BOUNDS}",))
    assert outcome(drift(few, few)) == "supported: the same numbers at all 2 seeds"


@pytest.mark.parametrize(
    ("change", "expected"), [(0.1, "supported"), (2.0, "refuted"), (-2.0, "refuted"), (1.0, "undecided")]
)
def test_a_change_is_held_against_the_margin(change: float, expected: str) -> None:
    """Far from the margin, a change counts from the smallest effect on that counts."""
    before = 100 + 0.01 * SPREAD
    found = drift(measured(before), measured(before + change + 0.01 * SPREAD[::-1]))
    assert found.outcome.value == expected, found.because
    assert found.effect is not None
    assert found.effect.estimate == pytest.approx(change)
    if expected == "supported":
        assert found.p_support == 2.0**-SEEDS
        said = "12 runs, 12 changed within each end of ±1 (12 decide); median 0.100 [0.094, 0.106]; p = 0.00024"
        assert found.because == said
    if expected == "refuted":
        assert found.p_refute == 2 * 2.0**-SEEDS
        assert found.because.startswith("12 runs, 12 changed beyond one end of ±1 (12 decide); median ")


@pytest.mark.parametrize(("after", "expected"), [(9.0, "supported"), (4.0, "refuted"), (16.0, "refuted"), (5.0, "und")])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_change_is_held_against_half_the_way(after: float, expected: str, sign: int) -> None:
    """With a level of 0 and an effect of 10 or -10, what leaves 5 to 15 of it is the same."""
    before = measured(sign * (10 + 0.1 * SPREAD), kind="bound", margin=0.0)
    later = measured(sign * (after + 0.1 * SPREAD[::-1]), kind="bound", margin=0.0)
    found = drift(before, later)
    assert found.outcome.value.startswith(expected), found.because


def test_ratios_are_compared_as_logarithms() -> None:
    """A dispersion that grows from 1 to 1.1 is the same within a factor of 4, one that grows to 16 is not."""
    before = measured(np.exp(0.01 * SPREAD), kind="fit", margin=4.0)
    near, far = (measured(factor * np.exp(0.01 * SPREAD[::-1]), kind="fit", margin=4.0) for factor in (1.1, 16))
    found = drift(before, near)
    assert found.outcome is Outcome.SUPPORTED
    assert found.effect is not None
    assert found.effect.estimate == pytest.approx(math.log(1.1))
    assert drift(before, far).outcome is Outcome.REFUTED


def test_shared_seeds_are_paired() -> None:
    """What both versions have in common at a seed cancels; side by side it would hide the change."""
    scatter = 30 * SPREAD
    before, after = measured(100 + scatter), measured(102 + scatter + 0.1 * SPREAD[::-1])
    assert drift(before, after).outcome is Outcome.REFUTED
    other = measured(102 + scatter[::-1], first=500)
    found = drift(before, other)
    assert found.outcome is Outcome.UNDECIDED
    assert found.notes == ("no seed is shared: runs are set side by side",)


def test_versions_are_compared_at_the_seeds_that_both_have() -> None:
    """One took 24 seeds to decide and the other 12; of these one is lost in either."""
    before = measured(np.concatenate([100 + SPREAD, 90 + SPREAD]))
    later = 100.1 + SPREAD / 2
    assert drift(before, measured(later)).because.startswith("12 runs, 12 changed within")
    later[3] = math.nan
    found = drift(before, measured(later))
    assert found.because.startswith("12 runs, 11 changed within each end of ±1 and 0 changed beyond")
    assert found.outcome is Outcome.UNDECIDED


def test_what_cannot_be_told_says_why() -> None:
    """Too few shared seeds, and values that are lower bounds."""
    before = measured(100 + SPREAD)
    told = outcome(drift(before, measured(100 + SPREAD[::-1], first=6)))
    assert told == "undecided: 6 runs decide nothing at this level, even where all agree; at alpha = 0.0005, 11 do"
    later = measured(50 + SPREAD)
    bounded = Measured(later.kind, later.estimate, later.margin, later.by_seed, (f"3 of 24 {LOWER_BOUNDS}",))
    assert outcome(drift(before, bounded)).startswith("undecided: how far it changed is not known: some values are")


@given(
    seed=st.integers(0, 2**32),
    way=st.floats(0.5, 9),
    change=st.floats(-9, 9),
    shift=st.floats(-50, 50),
    kind=st.sampled_from(["above", "bound"]),
)
def test_the_answer_does_not_depend_on_the_side(seed: int, way: float, change: float, shift: float, kind: str) -> None:
    """Mirrored about the level, and with a level and effects that are both shifted, a bound comes to the same."""
    drawn = np.random.default_rng(seed).normal(size=(2, SEEDS))
    before, after = way + drawn[0], way + change + drawn[1]
    found = drift(measured(before, kind="bound", margin=0.0), measured(after, kind="bound", margin=0.0))
    mirrored = drift(measured(-before, kind="bound", margin=0.0), measured(-after, kind="bound", margin=0.0))
    assert found.count == mirrored.count
    moved = drift(
        measured(before + shift, kind="bound", margin=shift), measured(after + shift, kind="bound", margin=shift)
    )
    assert moved.outcome is found.outcome


@given(seed=st.integers(0, 2**32), change=st.floats(0.0, 20.0))
def test_never_both(seed: int, change: float) -> None:
    """No change is shown to be both within and outside its tolerance."""
    drawn = np.random.default_rng(seed).normal(size=(2, SEEDS))
    found = drift(measured(10 + drawn[0]), measured(10 + change + drawn[1]))
    assert found.count is not None
    assert not (found.count.beyond >= found.count.needed and found.count.short >= found.count.needed)


@pytest.mark.parametrize("pair", [drift_rates.Pair(0.7, 0.2, 0.9), drift_rates.Pair(3.0, 1.0, 0.5)])
def test_many_pairs_at_once_are_the_comparison_itself(pair: drift_rates.Pair) -> None:
    """Pair by pair, with versions of as many seeds as each took."""
    before, after = drift_rates.simulated(pair, simulations=20, base_seed=1)
    seeds = np.array(SEQUENTIAL.looks)[np.arange(20) % 4]
    others = seeds[::-1]
    found = drift_rates.compared(before, after, seeds, np.minimum(seeds, others))
    for place, (own, other) in enumerate(zip(seeds, others, strict=True)):
        one = drift(measured(before[place, :own], margin=0.0), measured(after[place, :other], margin=0.0))
        assert found[place] == (one.outcome is Outcome.SUPPORTED) - (one.outcome is Outcome.REFUTED)


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_versions_that_are_the_same_raise_no_alarm(correlation: float) -> None:
    """Of 4000 pairs of one truth none has drifted; at the tolerance itself no more than alpha, and chance, allow."""
    made = {"simulations": 4000, "base_seed": 7}
    assert drift_rates.rates(drift_rates.Pair(5.0, 0.0, correlation), **made).drifted == 0
    edge = drift_rates.rates(drift_rates.Pair(8.0, 4.0, correlation), **made)
    # 2 are expected at alpha of either; 9 or more have a chance of 0.0002.
    assert max(edge.drifted, edge.same) < 9


def test_the_table_in_the_readme_is_what_is_computed() -> None:
    """One of its rows, again."""
    text = README.read_text(encoding="utf-8")
    pair = drift_rates.Pair(5.0, 2.5, 0.9)
    found = drift_rates.rates(pair, simulations=10_000, base_seed=0)
    assert drift_rates.row(pair, found) in text
