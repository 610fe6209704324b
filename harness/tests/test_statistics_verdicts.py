"""Verdicts on differences: above, same, bound, trend, interaction, contested."""

import math
from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from memorization_claims.errors import SettingError
from memorization_claims.statistics import (
    Outcome,
    Samples,
    Verdict,
    above,
    bound,
    contested,
    interaction,
    same,
    trend,
    undecided,
)

SUPPORTED, REFUTED, UNDECIDED = Outcome
# Twelve differences with mean 0 and standard deviation 1.
SCATTER = (np.arange(12) - 5.5) / math.sqrt(13)
LEVELS = {"none": 0.0, "half": 0.5, "full": 1.0}
Judge = Callable[[Samples], Verdict]
PAIRED: dict[str, Judge] = {
    "above": lambda samples: above(samples, "a", "b", margin=0.1),
    "same": lambda samples: same(samples, "a", "b", margin=0.1),
    "trend": lambda samples: trend(samples, {"a": 2, "b": 1, "c": 0}, margin=0.1),
    "interaction": lambda samples: interaction(samples, ("a", "b"), ("c", "d"), margin=0.1),
}
ALL: dict[str, Judge] = {**PAIRED, "bound": lambda samples: bound(samples, "a", at_least=0.1)}


def measured(**values: ArrayLike) -> Samples:
    """Accuracies of these conditions at seeds 100, 101, ..."""
    arrays = {condition: np.asarray(array, dtype=np.float64) for condition, array in values.items()}
    return Samples("accuracy", "", arrays, tuple(range(100, 100 + len(next(iter(arrays.values()))))))


def apart(mean: float, sd: float = 0.01) -> Samples:
    """Two conditions whose differences have this mean and standard deviation over twelve seeds."""
    b = np.random.default_rng(0).uniform(size=12)
    return measured(a=b + mean + sd * SCATTER, b=b)


def sloped(slope: float, sd: float = 0.01) -> Samples:
    """Three levels on lines whose slopes have this mean and standard deviation over twelve seeds."""
    slopes = slope + sd * SCATTER
    return measured(**{condition: 0.3 + slopes * level for condition, level in LEVELS.items()})


@pytest.mark.parametrize(
    ("mean", "outcome", "because"),
    [
        (0.3, SUPPORTED, "mean difference 0.300 [0.294, 0.306] exceeds the margin 0.1; p = 0.00024"),
        (0.05, REFUTED, "mean difference 0.050 [0.044, 0.056] falls short of the margin 0.1; p = 0.00024"),
        (
            0.1,
            UNDECIDED,
            "mean difference 0.100 [0.094, 0.106] is shown neither to exceed nor to fall short of the margin 0.1; "
            "p = 0.52 to support, 0.52 to refute",
        ),
    ],
)
def test_above_says_what_it_found(mean: float, outcome: Outcome, because: str) -> None:
    """A difference beyond the margin is supported, one short of it refuted, one on it neither."""
    verdict = above(apart(mean), "a", "b", margin=0.1)
    assert (verdict.kind, verdict.outcome, verdict.because) == ("above", outcome, because)
    assert verdict.notes == ()


def test_above_sizes_the_effect() -> None:
    """The effect is the mean of the paired differences, standardised by their deviation, with an interval about it."""
    verdict = above(apart(0.3, sd=0.05), "a", "b", margin=0.1)
    assert verdict.effect is not None
    name, unit, estimate, low, high, margin, standardized, by_seed = astuple(verdict.effect)
    assert (name, unit, margin) == ("accuracy: a - b", "", 0.1)
    assert estimate == pytest.approx(0.3)
    assert standardized == pytest.approx(6.0)
    assert low < estimate < high
    assert np.mean(by_seed) == estimate


@given(st.lists(st.floats(-3, 3), min_size=12, max_size=12, unique=True), st.floats(0, 1))
def test_above_never_supports_both_directions(differences: list[float], margin: float) -> None:
    """Of a contested pair at most one is supported, and then the other is refuted."""
    samples = measured(a=differences, b=np.zeros(12))
    first, second = contested(samples, "a", "b", margin=margin)
    for one, other in ((first, second), (second, first)):
        assert one.kind == "contested"
        assert one.outcome is not SUPPORTED or other.outcome is REFUTED


@pytest.mark.parametrize(("mean", "outcomes"), [(0.3, (SUPPORTED, REFUTED)), (0.0, (REFUTED, REFUTED))])
def test_contested_judges_both_directions(mean: float, outcomes: tuple[Outcome, Outcome]) -> None:
    """A clear difference decides for one source, a difference below the margin against both."""
    assert tuple(verdict.outcome for verdict in contested(apart(mean), "a", "b", margin=0.1)) == outcomes


@pytest.mark.parametrize(
    ("mean", "outcome", "because"),
    [
        (0.02, SUPPORTED, "mean difference 0.020 [0.014, 0.026] lies within ±0.1; p = 0.00024"),
        (0.3, REFUTED, "mean difference 0.300 [0.294, 0.306] lies outside ±0.1; p = 0.00049"),
        (-0.3, REFUTED, "mean difference -0.300 [-0.306, -0.294] lies outside ±0.1; p = 0.00049"),
        (
            0.1,
            UNDECIDED,
            "mean difference 0.100 [0.094, 0.106] is shown to lie neither within nor outside ±0.1; "
            "p = 0.52 to support, 1 to refute",
        ),
    ],
)
def test_same_says_what_it_found(mean: float, outcome: Outcome, because: str) -> None:
    """Agreement can be supported, disagreement on either side refutes it at twice the one-sided p-value."""
    verdict = same(apart(mean), "a", "b", margin=0.1)
    assert (verdict.kind, verdict.outcome, verdict.because) == ("same", outcome, because)


def test_same_as_a_constant_needs_no_spread() -> None:
    """Values that are chance in every seed agree with chance, and the other conditions are left out."""
    verdict = same(measured(a=[0.1] * 12, b=[0.9] * 12), "a", 0.1, margin=0.02)
    assert verdict.outcome is SUPPORTED
    assert verdict.effect is not None
    assert verdict.effect.name == "accuracy: a - 0.1"
    assert verdict.effect.standardized is None
    assert verdict.samples is not None
    assert list(verdict.samples.values) == ["a"]


def test_same_is_two_sided_so_eleven_seeds_cannot_refute() -> None:
    """An equivalence asks for one seed more, since with eleven it could be supported and never refuted."""
    samples = measured(a=SCATTER[:11], b=np.zeros(11))
    assert same(samples, "a", "b", margin=9).because == "12 seeds are needed to reach alpha = 0.0005; there are 11"
    assert above(samples, "a", "b", margin=9).outcome is REFUTED


@pytest.mark.parametrize(
    ("value", "levels", "outcome", "because"),
    [
        (1.0, {"at_least": 0.99}, SUPPORTED, "mean 1.000 [1.000, 1.000] lies above 0.99; p = 0.00024"),
        (0.9, {"at_least": 0.99}, REFUTED, "mean 0.900 [0.900, 0.900] lies below 0.99; p = 0.00024"),
        (0.9, {"at_most": 0.99}, SUPPORTED, "mean 0.900 [0.900, 0.900] lies below 0.99; p = 0.00024"),
        (1.0, {"at_most": 0.99}, REFUTED, "mean 1.000 [1.000, 1.000] lies above 0.99; p = 0.00024"),
        (
            1.0,
            {"at_least": 1.0},
            UNDECIDED,
            "mean 1.0 [1.0, 1.0] is shown to lie neither above nor below 1; p = 1 to support, 1 to refute",
        ),
    ],
)
def test_bound_says_what_it_found(value: float, levels: dict[str, Any], outcome: Outcome, because: str) -> None:
    """Values that are the same in every seed are decided by the side of the level that they lie on."""
    verdict = bound(measured(a=[value] * 12), "a", **levels)
    assert (verdict.kind, verdict.outcome, verdict.because) == ("bound", outcome, because)


def test_bound_keeps_the_mean_and_standardises_the_distance() -> None:
    """The effect of a bound is the mean itself, and its standardised size the distance to the level."""
    verdict = bound(measured(a=0.5 + 0.1 * SCATTER), "a", at_most=0.8)
    assert verdict.effect is not None
    assert verdict.effect.estimate == pytest.approx(0.5)
    assert verdict.effect.standardized == pytest.approx(-3.0)
    assert verdict.effect.margin == 0.8


@pytest.mark.parametrize(
    ("slope", "rising", "outcome", "because"),
    [
        (0.4, True, SUPPORTED, "mean rise 0.400 [0.394, 0.406] exceeds the margin 0.2 per unit of level; p = 0.00024"),
        (
            -0.4,
            False,
            SUPPORTED,
            "mean fall 0.400 [0.394, 0.406] exceeds the margin 0.2 per unit of level; p = 0.00024",
        ),
        (
            -0.4,
            True,
            REFUTED,
            "mean rise -0.400 [-0.406, -0.394] falls short of the margin 0.2 per unit of level; p = 0.00024",
        ),
        (
            0.1,
            True,
            REFUTED,
            "mean rise 0.100 [0.094, 0.106] falls short of the margin 0.2 per unit of level; p = 0.00024",
        ),
    ],
)
def test_trend_says_what_it_found(slope: float, rising: bool, outcome: Outcome, because: str) -> None:
    """A slope beyond the margin in the claimed direction is supported, a flatter or opposite one refuted."""
    verdict = trend(sloped(slope), LEVELS, margin=0.2, rising=rising)
    assert (verdict.kind, verdict.outcome, verdict.because) == ("trend", outcome, because)


def test_trend_takes_order_as_well_as_slope() -> None:
    """A steep mean slope with levels out of order in half the seeds is not supported, and Page's p-value is told."""
    none, half = np.full(12, 0.1), np.tile([0.0, 0.9], 6)
    verdict = trend(measured(none=none, half=half, full=0.8 + 0.01 * SCATTER), LEVELS, margin=0.2)
    assert verdict.outcome is UNDECIDED
    assert verdict.p_support is not None
    assert verdict.p_support > 0.0005
    assert verdict.notes == (f"Page's test of the order: p = {verdict.p_support:.2g}",)


def test_trend_slopes_are_numpys() -> None:
    """The mean slope is that of a straight line fitted to each seed, whatever the order and spacing of the levels."""
    levels = {"c": 3.0, "a": -1.0, "d": 7.5, "b": 0.5}
    values = {
        condition: np.random.default_rng(len(condition)).normal(size=12) + level for condition, level in levels.items()
    }
    table = np.stack(list(values.values()))
    verdict = trend(measured(**values), levels, margin=0)
    assert verdict.effect is not None
    assert verdict.effect.estimate == pytest.approx(np.polyfit(list(levels.values()), table, 1)[0].mean())


def test_interaction_is_above_on_differences_of_differences() -> None:
    """The p-values are those of `above` between the two differences, seed by seed."""
    generator = np.random.default_rng(5)
    a1, b1, a2, b2 = generator.normal(size=(4, 12)) + np.array([[2.0], [0], [0.5], [0]])
    verdict = interaction(measured(a1=a1, b1=b1, a2=a2, b2=b2), ("a1", "b1"), ("a2", "b2"), margin=0.3)
    reference = above(measured(a=a1 - b1, b=a2 - b2), "a", "b", margin=0.3)
    assert (verdict.p_support, verdict.p_refute) == (reference.p_support, reference.p_refute)
    assert verdict.effect is not None
    assert verdict.effect.name == "accuracy: (a1 - b1) - (a2 - b2)"


@pytest.mark.parametrize("kind", ALL)
def test_too_few_seeds_decide_nothing(kind: str) -> None:
    """Five seeds cannot reach alpha: undecided, saying how many can, with the effect but no p-value."""
    values = np.random.default_rng(1).normal(size=(4, 5))
    verdict = ALL[kind](measured(**dict(zip("abcd", values, strict=True))))
    needed = 12 if kind == "same" else 11
    assert verdict.because == f"{needed} seeds are needed to reach alpha = 0.0005; there are 5"
    assert verdict.effect is not None
    assert verdict.effect.low is None
    assert (verdict.outcome, verdict.p_support, verdict.p_refute) == (UNDECIDED, None, None)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_diverged_run_decides_nothing(kind: str, value: float) -> None:
    """A value that is not finite makes the verdict undecided, names condition and seed, and is no exception."""
    values = np.random.default_rng(1).normal(size=(4, 12))
    values[:, 3] = value
    verdict = ALL[kind](measured(**dict(zip("abcd", values, strict=True))))
    first = "c" if kind == "trend" else "a"
    assert verdict.because == f"{first!r} has no finite value at seed 103"
    assert (verdict.outcome, verdict.effect) == (UNDECIDED, None)


@pytest.mark.parametrize("kind", PAIRED)
def test_no_spread_decides_nothing(kind: str) -> None:
    """Differences that are the same in every seed, but for rounding, are no independent replications."""
    base = np.random.default_rng(1).uniform(size=12)
    verdict = PAIRED[kind](measured(a=base + 0.7, b=base + 0.4, c=base + 0.1, d=base))
    expected = "no spread: every seed gives the same difference, so the seeds are not independent replications"
    assert (verdict.outcome, verdict.because) == (UNDECIDED, expected)


@pytest.mark.parametrize(("sign", "tail"), [(1, "low"), (-1, "high")])
def test_tail_on_the_liberal_side_is_noted(sign: int, tail: str) -> None:
    """A long tail towards the margin is noted beside support as beside refutation, and not on the other side."""
    skewed = np.array([0.0] * 11 + [-0.5]) + 0.01 * SCATTER
    near = above(measured(a=sign * (skewed + 1), b=np.zeros(12)), "a", "b", margin=0.0)
    assert near.outcome is (SUPPORTED if sign > 0 else REFUTED)
    assert near.notes == (
        f"the differences have a tail towards {tail} values (skewness {-sign * 3.0:.1f}): "
        "the sign-flip test errs more often than alpha on that side",
    )
    assert above(measured(a=sign * (1 - skewed), b=np.zeros(12)), "a", "b", margin=0.0).notes == ()


@pytest.mark.parametrize("mean", [0.3, -0.3])
def test_tail_beside_disagreement_is_noted_on_its_own_side(mean: float) -> None:
    """When `same` is refuted, only a tail that points back at the margin is noted."""
    skewed = math.copysign(1, mean) * (np.array([0.0] * 11 + [0.1]) + 0.001 * SCATTER)
    away = same(measured(a=mean + skewed, b=np.zeros(12)), "a", "b", margin=0.1)
    back = same(measured(a=mean - skewed, b=np.zeros(12)), "a", "b", margin=0.1)
    assert (away.outcome, away.notes) == (REFUTED, ())
    assert back.outcome is REFUTED
    assert f"towards {'low' if mean > 0 else 'high'} values" in back.notes[0]


@pytest.mark.parametrize(("mean", "outcome"), [(0.3, SUPPORTED), (0.05, REFUTED)])
def test_p_value_equal_to_alpha_decides(mean: float, outcome: Outcome) -> None:
    """Twelve seeds reach alpha = 2^-12 and not less."""
    assert above(apart(mean), "a", "b", margin=0.1, alpha=2.0**-12).outcome is outcome
    assert above(apart(mean), "a", "b", margin=0.1, alpha=2.0**-12.1).because.startswith("13 seeds are needed")


def test_spread_of_rounding_errors_standardises_nothing() -> None:
    """Values that differ in the last digit alone have no standardised effect."""
    values = [0.1 + 0.2] * 6 + [0.3] * 6
    verdict = bound(measured(a=values), "a", at_least=0.2)
    assert len(set(values)) == 2
    assert verdict.effect is not None
    assert verdict.effect.standardized is None


def test_precondition_that_failed_is_undecided() -> None:
    """What the caller found wrong before measuring becomes the reason."""
    verdict = undecided("bound", "the net did not fit", None)
    assert (verdict.outcome, verdict.because, verdict.samples) == (UNDECIDED, "the net did not fit", None)


@pytest.mark.parametrize(
    ("judge", "message"),
    [
        (lambda s: above(s, "a", "b", margin=-0.1), r"margin = -0.1: must be a finite number >= 0"),
        (lambda s: above(s, "a", "b", margin=math.nan), r"margin = nan: must be a finite number >= 0"),
        (lambda s: above(s, "a", "z", margin=0), r"no condition 'z'; there are 'a', 'b'"),
        (lambda s: above(s, "a", "b", margin=0, alpha=0.7), r"alpha = 0.7: must lie between 0 and 0.5"),
        (lambda s: same(s, "a", "b", margin=0), r"margin = 0: must be a finite number > 0"),
        (lambda s: same(s, "a", math.inf, margin=1), r"b = inf: must be a condition or a finite number"),
        (lambda s: bound(s, "a"), r"at_least = None, at_most = None: exactly one of them must be given"),
        (lambda s: bound(s, "a", at_least=0, at_most=1), r"at_least = 0, at_most = 1: exactly one"),
        (lambda s: bound(s, "a", at_least=math.nan), r"level = nan: must be finite"),
        (lambda s: trend(s, {"a": 0, "b": 1}, margin=0), r"2 levels: a trend takes 3 to 10"),
        (lambda s: trend(s, {"a": 0, "b": 1, "c": 1}, margin=0), r"levels = .*: must be finite and all different"),
    ],
)
def test_illegal_settings_say_what_is_legal(judge: Judge, message: str) -> None:
    """A setting that no verdict can have is an error, not a verdict."""
    with pytest.raises(SettingError, match=message):
        judge(apart(0.1))


def test_more_seeds_than_the_exact_test_takes_are_an_error() -> None:
    """Forty seeds are judged, forty-one are refused."""
    values = np.linspace(1, 2, 41)
    assert bound(measured(a=values[:40]), "a", at_least=0.5).p_support == 2.0**-40
    with pytest.raises(SettingError, match="the exact test takes 1 to 40 seeds"):
        bound(measured(a=values), "a", at_least=0.5)
