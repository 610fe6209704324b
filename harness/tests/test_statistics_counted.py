"""What all kinds of verdict share: which runs count, when they decide, and the interval of the median."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import ArrayLike

from memorization_claims.statistics import Outcome, Samples, Verdict, above, bound, interaction, same, trend
from memorization_claims.statistics.looks import FIRST, SEQUENTIAL, Look, one_look

SUPPORTED, REFUTED, UNDECIDED = Outcome
PLACES = range(len(SEQUENTIAL.looks))
Judge = Callable[[Samples, Look | None], Verdict]
PAIRED: dict[str, Judge] = {
    "above": lambda samples, look: above(samples, "a", "b", margin=0.1, look=look),
    "same": lambda samples, look: same(samples, "a", "b", margin=0.1, look=look),
    "trend": lambda samples, look: trend(samples, {"a": 2, "b": 1, "c": 0}, margin=0.1, look=look),
    "interaction": lambda samples, look: interaction(samples, ("a", "b"), ("c", "d"), margin=0.1, look=look),
}
ALL: dict[str, Judge] = {**PAIRED, "bound": lambda samples, look: bound(samples, "a", at_least=0.1, look=look)}


def measured(**values: ArrayLike) -> Samples:
    """Numbers of these conditions at seeds 100, 101, ..."""
    arrays = {condition: np.asarray(array, dtype=np.float64) for condition, array in values.items()}
    return Samples("x", "", arrays, tuple(range(100, 100 + len(next(iter(arrays.values()))))))


def runs(beyond: int, short: int, ties: int = 0) -> Samples:
    """So many runs on either side of a margin of 1, and on it; on their own side no two are alike."""
    high, low = 2 + np.arange(beyond) / 512, -np.arange(short) / 512
    return measured(a=np.concatenate([high, low, np.ones(ties)]), b=np.zeros(beyond + short + ties))


def judged(samples: Samples, look: Look | None = None) -> Verdict:
    """Whether more runs than not lie beyond a margin of 1."""
    return above(samples, "a", "b", margin=1.0, look=look)


@pytest.mark.parametrize("place", PLACES)
def test_each_look_decides_with_the_runs_that_it_needs(place: int) -> None:
    """So many on one side are enough, whether the others lie on the other side or on none; one less is not."""
    look = Look(SEQUENTIAL, place)
    needed, rest = look.needed, look.runs - look.needed
    for short, ties in ((rest, 0), (0, rest)):
        assert judged(runs(needed, short, ties), look).outcome is SUPPORTED
        assert judged(runs(short, needed, ties), look).outcome is REFUTED
        assert judged(runs(needed - 1, short + 1, ties), look).outcome is UNDECIDED
        assert judged(runs(needed - 1, short, ties + 1), look).outcome is UNDECIDED


def test_an_undecided_claim_is_looked_at_again() -> None:
    """With the runs of the next look, unless it is decided, or there are no more, or they could not decide it."""
    cases = {
        (8, 4, FIRST): 24,
        (12, 0, FIRST): None,
        (12, 12, FIRST.next): 40,
        (32, 32, FIRST.next.next.next): None,
        (8, 4, Look(SEQUENTIAL.capped(12))): None,
        (8, 4, Look(one_look(12))): None,
    }
    for (beyond, short, look), more in cases.items():
        count = judged(runs(beyond, short), look).count
        assert count is not None
        assert (count.runs, count.beyond, count.short, count.more) == (beyond + short, beyond, short, more)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_run_without_a_number_counts_for_neither(kind: str, value: float) -> None:
    """It is as if it lay on the margin, in whichever condition it is lost."""
    levels = {"a": 0.9, "b": 0.6, "c": 0.2, "d": 0.1}
    scatter = np.random.default_rng(1).uniform(0, 0.01, size=(4, 24))
    whole = measured(**{name: level + scatter[at] for at, (name, level) in enumerate(levels.items())})
    first = whole["a"].copy()
    first[3] = value
    before = ALL[kind](whole, Look(SEQUENTIAL, 1)).count
    after = ALL[kind](replace(whole, values={**whole.values, "a": first}), Look(SEQUENTIAL, 1)).count
    assert before is not None
    assert after is not None
    assert 24 in (before.beyond, before.short)
    assert (after.beyond, after.short) == (before.beyond - (before.beyond > 0), before.short - (before.short > 0))


def test_a_run_that_did_not_fit_counts_for_neither() -> None:
    """Whatever its effect: up to two of 24 are survived, a third is not."""
    samples = runs(24, 0)
    for fails, outcome in ((2, SUPPORTED), (3, UNDECIDED)):
        verdict = judged(samples, Look(SEQUENTIAL, 1, frozenset(samples.seeds[:fails])))
        assert verdict.outcome is outcome
        assert verdict.count is not None
        assert (verdict.count.runs, verdict.count.beyond, verdict.count.short) == (24, 24 - fails, 0)
        assert verdict.effect is not None
        assert np.isnan(verdict.effect.by_seed).sum() == fails


def test_a_run_that_is_missing_counts_for_neither() -> None:
    """Fewer samples than runs were looked at."""
    for missing, outcome in ((2, SUPPORTED), (3, UNDECIDED)):
        verdict = judged(runs(24 - missing, 0), Look(SEQUENTIAL, 1))
        assert verdict.outcome is outcome
        assert verdict.because.startswith(f"24 runs, {24 - missing} beyond the margin 1")


@pytest.mark.parametrize("kind", ALL)
def test_too_few_seeds_decide_nothing(kind: str) -> None:
    """Ten cannot reach alpha: undecided, saying how many can, with the effect but no p-value."""
    values = np.random.default_rng(1).normal(size=(4, 10))
    verdict = ALL[kind](measured(**dict(zip("abcd", values, strict=True))), None)
    assert verdict.because == "10 runs decide nothing at this level, even where all agree; at alpha = 0.0005, 11 do"
    assert verdict.effect is not None
    assert (verdict.outcome, verdict.p_support, verdict.p_refute, verdict.count) == (UNDECIDED, None, None, None)


def test_eleven_seeds_decide() -> None:
    """If all of them agree, at one chance in 2048."""
    verdict = judged(runs(11, 0))
    assert (verdict.outcome, verdict.p_support) == (SUPPORTED, 2.0**-11)
    assert judged(runs(10, 1)).outcome is UNDECIDED


@pytest.mark.parametrize("kind", PAIRED)
def test_no_spread_decides_nothing(kind: str) -> None:
    """Differences that are the same in every seed, but for rounding, are no independent replications."""
    base = np.random.default_rng(1).uniform(size=12)
    samples = measured(a=base + 0.7, b=base + 0.4, c=base + 0.1, d=base)
    expected = "no spread: every seed gives the same difference, so the seeds are not independent replications"
    verdict = PAIRED[kind](samples, Look(SEQUENTIAL.capped(12)))
    assert (verdict.outcome, verdict.because, verdict.count) == (UNDECIDED, expected, None)
    verdict = PAIRED[kind](samples, FIRST)
    assert (verdict.outcome, verdict.because.startswith(expected)) == (UNDECIDED, True)
    assert verdict.count is not None
    assert verdict.count.more == 24
    verdict = PAIRED[kind](measured(a=base, b=base, c=base, d=base), FIRST)
    assert (verdict.outcome, verdict.because, verdict.count) == (UNDECIDED, expected, None)


@pytest.mark.parametrize("low", range(0, 190, 7))
@pytest.mark.parametrize("sign", [1, -1])
def test_what_lies_on_the_margin_but_for_rounding_counts_for_neither(low: int, sign: int) -> None:
    """As accuracies on 200 images that differ by two of them, which some doubles take for more than 0.01."""
    images = np.array([2] * 6 + [2 + sign * more for more in (1, 1, 1, 2, 2, 2)])
    samples = measured(a=(low + images) / 200, b=np.full(12, low / 200))
    for verdict in (
        above(samples, "a", "b", margin=0.01, look=FIRST),
        bound(samples, "a", less="b", at_least=0.01, look=FIRST),
        interaction(measured(a=samples["a"], b=samples["b"], c=samples["b"]), ("a", "b"), ("c", "b"), margin=0.01),
    ):
        assert verdict.count is not None
        assert (verdict.count.beyond, verdict.count.short) == ((6, 0) if sign == 1 else (0, 6))
    verdict = same(samples, "a", "b", margin=0.01, look=FIRST)
    assert verdict.count is not None
    assert (verdict.count.beyond, verdict.count.short) == ((0, 6) if sign == 1 else (6, 0))


@pytest.mark.parametrize("levels", [(1.0, 2.0, 4.0), (0.1, 0.2, 0.3), (0.0, 0.25, 0.5)])
@pytest.mark.parametrize("value", [1.0, 0.9, 0.1])
def test_a_saturated_run_neither_rises_nor_falls(levels: tuple[float, ...], value: float) -> None:
    """Though the weights of a slope sum to zero but for rounding."""
    rises = np.concatenate([np.full(6, value), value + np.arange(1, 7)])
    samples = measured(a=np.full(12, value), b=np.full(12, value), c=rises)
    verdict = trend(samples, dict(zip("abc", levels, strict=True)), margin=0.0)
    assert verdict.count is not None
    assert (verdict.count.beyond, verdict.count.short) == (6, 0)


def test_spread_of_rounding_errors_standardises_nothing() -> None:
    """Values that differ in the last digit alone have no standardised effect."""
    values = [0.1 + 0.2] * 6 + [0.3] * 6
    verdict = bound(measured(a=values), "a", at_least=0.2)
    assert len(set(values)) == 2
    assert verdict.effect is not None
    assert verdict.effect.standardized is None


@pytest.mark.parametrize("place", PLACES)
def test_the_interval_stands_at_the_ranks_of_its_look(place: int) -> None:
    """From either end."""
    look = Look(SEQUENTIAL, place)
    effect = bound(measured(a=np.arange(look.runs)), "a", at_least=-1, look=look).effect
    assert effect is not None
    assert (effect.low, effect.high) == (look.rank - 1, look.runs - look.rank)


@pytest.mark.parametrize("lost", ["unfit", "missing", "nan"])
def test_the_interval_holds_wherever_lost_runs_would_have_lain(lost: str) -> None:
    """Both ends give way by as many ranks as runs are lost; with too many of these there is none."""
    for fails in (0, 2, 5, 6, 24):
        values = np.arange(24.0) + 10
        look = Look(SEQUENTIAL, 1)
        kept = {"unfit": values, "missing": values[fails:], "nan": np.where(np.arange(24) < fails, np.nan, values)}[
            lost
        ]
        if not kept.size:
            continue
        samples = measured(a=kept)
        if lost == "unfit":
            look = replace(look, unfit=frozenset(samples.seeds[:fails]))
        effect = bound(samples, "a", at_least=0, look=look).effect
        assert effect is not None
        ends = (10 + fails + 5 - fails, 33 - 5 + fails) if fails < 6 else (None, None)
        assert (effect.low, effect.high) == ends
