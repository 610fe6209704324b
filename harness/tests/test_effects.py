"""What a report says of an effect: words, numbers, and the distance from the margin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from memorization_claims.reports import effects
from memorization_claims.statistics import Samples, above, bound, fit, same, trend
from memorization_claims.statistics.verdict import Verdict
from memorization_claims.tests.reported import NOISE, SAMPLES, WHOLE, count, entry, of, unmeasured


@pytest.mark.parametrize(
    ("verdict", "claimed", "margin"),
    [
        (above(SAMPLES, "a", "b", margin=2), (2, math.inf), "> 2"),
        (above(SAMPLES, "b", "a", margin=2), (2, math.inf), "> 2"),
        (trend(SAMPLES, {"b": 0, "a": 1, "c": 2}, margin=1), (1, math.inf), "> 1"),
        (same(SAMPLES, "a", "c", margin=9), (-9, 9), "within ±9"),
        (bound(SAMPLES, "a", at_least=2), (2, math.inf), "> 2"),
        (bound(SAMPLES, "a", at_least=9), (9, math.inf), "> 9"),
        (bound(SAMPLES, "a", at_most=9), (-math.inf, 9), "< 9"),
        (bound(SAMPLES, "a", at_most=2), (-math.inf, 2), "< 2"),
        (fit(SAMPLES, "one", margin=2), (0.5, 2), "1/2 to 2"),
    ],
)
def test_what_is_claimed(verdict: Verdict, claimed: effects.Range, margin: str) -> None:
    """The range of values that each kind claims, supported or refuted, and how it is written."""
    assert effects.claimed(of(verdict)) == claimed
    assert effects.margin(of(verdict)) == margin


def test_a_theorem_claims_that_errors_are_within_tolerance() -> None:
    """And what was not measured is held against nothing."""
    assert effects.claimed(entry(kind="exact")) == (-math.inf, 1)
    assert effects.margin(entry(kind="exact")) == "≤ 1"
    assert (effects.claimed(unmeasured()), effects.margin(unmeasured())) == (None, "")


def test_labels() -> None:
    """The fast scale is the rule; another is named."""
    assert effects.label(entry("T01[x]")) == "T01[x]"
    assert effects.label(entry("T01[x]", scale="fullscale")) == "T01[x] fullscale"


def test_numbers() -> None:
    """Three digits, the interval and the unit, as far as there are any; an end that is not known is open."""
    assert effects.numbers(entry(effect={"estimate": 12.3456, "unit": "epochs"})) == "12.3 [2, 4] epochs"
    assert effects.numbers(entry(effect={"low": None})) == "3 [open, 4]"
    assert effects.numbers(entry(effect={"low": None, "high": None})) == "3"
    assert effects.numbers(entry(effect={"estimate": None})) == effects.numbers(unmeasured()) == "not measured"


@pytest.mark.parametrize(
    ("verdict", "expected", "ending"),
    [
        ("supported", "supported", "supported"),
        ("refuted", "refuted", "refuted, known"),
        ("refuted", "supported", "refuted, not expected"),
        ("supported", "refuted", "supported, not expected"),
        ("undecided", "supported", "undecided"),
        ("undecided", "refuted", "undecided"),
        ("leaning", "supported", "undecided, leaning"),
        ("leaning", "refuted", "undecided, leaning"),
        ("undecided", "undecided", "undecided, known"),
        ("supported", "undecided", "supported, was undecided"),
        ("refuted", "undecided", "refuted, was undecided"),
    ],
)
def test_endings(verdict: str, expected: str, ending: str) -> None:
    """A surprise is told, and so is what is none: what was known, and what leans to what was expected."""
    found = entry(verdict=verdict.replace("leaning", "undecided"), expected=expected, leans=verdict == "leaning")
    assert effects.ending(found) == ending
    assert effects.surprises(found) == (ending == "undecided" or ending.endswith("not expected"))


def test_what_is_undecided_leans_by_its_runs() -> None:
    """To either verdict, where more than half show it."""
    short, beyond = (count(runs=12, beyond=number, short=12 - number) for number in (5, 7))
    assert effects.leans_to(entry(verdict="undecided", count=short), "refuted")
    assert effects.leans_to(entry(verdict="undecided", count=beyond), "supported")
    assert not effects.leans_to(entry(verdict="undecided", count=beyond), "refuted")
    assert not effects.leans_to(entry(verdict="undecided", count=count(runs=12, beyond=6, short=6)), "supported")


def test_what_cannot_lean() -> None:
    """What is decided, what counted nothing, and what is known to be undecided; old records do not tell."""
    beyond = count(runs=12, beyond=7, short=5)
    assert not effects.leans_to(entry(verdict="refuted", count=beyond), "supported")
    assert not effects.leans_to(unmeasured(), "supported")
    assert not effects.leans_to(entry(verdict="undecided", count=beyond), "undecided")
    assert not effects.leans(entry(verdict="undecided", count=beyond))


def test_distances_in_closed_form() -> None:
    """From 3 [2, 4] to a margin of 1 at a standard deviation of 2, that of 1, 3, 5; the nearer limit counts."""
    assert effects.beyond_margin(entry()) == (1, 0.5, 1.5)
    assert effects.beyond_margin(entry(kind="same", effect={"margin": 10.0})) == (3.5, 3, 4)
    around = {"estimate": -1.0, "low": -2.0, "high": 2.0, "margin": 4.0}
    assert effects.beyond_margin(entry(kind="same", effect=around)) == (1.5, 1, 2)
    assert effects.beyond_margin(entry(kind="bound")) == (1, 0.5, 1.5)
    below = entry(kind="bound", effect={"claimed": [None, 1.0]})
    assert effects.beyond_margin(below) == (-1, -1.5, -0.5)
    ratios = {"estimate": 1.0, "low": 0.5, "high": 2.0, "margin": 4.0, "by_seed": [0.5, 1.0, 2.0]}
    assert effects.beyond_margin(entry(kind="fit", effect=ratios)) == pytest.approx((2, 1, 2))


@pytest.mark.parametrize(
    "without", [unmeasured(), entry(kind="exact"), entry(effect={"standardized": None}), entry(effect={"low": None})]
)
def test_what_has_no_distance(without: dict[str, Any]) -> None:
    """Theorems, equal seeds and what was not measured have no place on a scale of standard deviations."""
    assert effects.beyond_margin(without) is None


@given(st.floats(-20, 20), st.floats(0.1, 5), st.sampled_from(["above", "same", "at_least", "at_most"]))
def test_distances_agree_with_the_verdict(shift: float, margin: float, kind: str) -> None:
    """What is supported lies beyond its margin with all of its interval, what is refuted short of it."""
    samples = Samples("number", "", {"a": shift + NOISE, "b": 0.1 * NOISE[::-1]}, tuple(range(12)))
    found = of(
        {
            "above": lambda: above(samples, "a", "b", margin=margin),
            "same": lambda: same(samples, "a", "b", margin=margin),
            "at_least": lambda: bound(samples, "a", at_least=margin),
            "at_most": lambda: bound(samples, "a", at_most=margin),
        }[kind]()
    )
    assume(found["effect"]["estimate"] != margin)
    distance = effects.beyond_margin(found)
    assert distance
    estimate, low, high = distance
    assert low <= estimate + 1e-9
    assert estimate <= high + 1e-9
    if found["verdict"] != "undecided":
        assert (low > 0) if found["verdict"] == "supported" else (high < 0)


@pytest.mark.parametrize("found", WHOLE["claims"], ids=lambda found: str(found["id"]))
def test_the_parts_of_an_effect(found: dict[str, Any]) -> None:
    """The effect is the median of what runs have, each of those that count."""
    each = effects.differences(found)
    if each is None:
        assert found["kind"] == "exact" or found["effect"] is None
    else:
        assert len(each) == len(found["seeds"])
        middle = np.exp(np.nanmedian(np.log(each))) if found["kind"] == "fit" else np.nanmedian(each)
        assert middle == pytest.approx(found["effect"]["estimate"])


def test_a_run_that_does_not_count_has_no_part() -> None:
    """It is no number, and widens nothing."""
    lost = entry(effect={"by_seed": [1.0, None, 3.0, 5.0]}, seeds=[0, 1, 2, 3])
    assert np.isnan(effects.differences(lost)).tolist() == [False, True, False, False]  # type: ignore[arg-type]
    assert effects.beyond_margin(lost) == effects.beyond_margin(entry())


def test_runs() -> None:
    """Those looked at, whether or not they gave a number; of a theorem its cases."""
    assert effects.runs(entry(count=count(runs=24))) == 24
    assert effects.runs(entry(kind="exact")) == 3
    assert effects.runs(unmeasured()) == 0


@pytest.mark.parametrize(
    ("chance", "told"),
    [(1.0, ">99 %"), (0.99, ">99 %"), (0.9899, "98 %, fragile"), (0.5, "50 %, fragile"), (0.001, "<1 %, fragile")],
)
def test_the_chance_of_the_same_verdict(chance: float, told: str) -> None:
    """Never rounded up; what a fresh base seed may well change is fragile, and a theorem is not."""
    found = entry(count=count(replicates=chance))
    assert effects.again(found) == told
    assert effects.fragile(found) == told.endswith("fragile")
    assert effects.again(entry(kind="exact")) == ""
    assert not effects.fragile(entry(kind="exact"))
