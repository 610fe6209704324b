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
from memorization_claims.tests.reported import REFERENCE, entry, unmeasured

NOISE = np.array([-1.5, -1.2, -0.8, -0.5, -0.2, 0.0, 0.1, 0.3, 0.6, 0.8, 1.1, 1.3])
SAMPLES = Samples(
    "number",
    "points",
    {"a": 5 + NOISE, "b": NOISE[::-1], "c": 10 + NOISE, "one": np.exp(NOISE / 10)},
    tuple(range(12)),
)


def of(verdict: Verdict) -> dict[str, Any]:
    """The entry of a verdict."""
    return {**entry(), **verdict.to_dict()}


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


def test_a_bound_of_unknown_side() -> None:
    """Where no test was reached, the record does not tell from which side a bound is one."""
    undecided = entry(kind="bound", p_support=None, p_refute=None)
    assert effects.claimed(undecided) is None
    assert effects.margin(undecided) == "1"
    assert (effects.claimed(unmeasured()), effects.margin(unmeasured())) == (None, "")


def test_labels() -> None:
    """The fast scale is the rule; another is named."""
    assert effects.label(entry("T01[x]")) == "T01[x]"
    assert effects.label(entry("T01[x]", scale="fullscale")) == "T01[x] fullscale"


def test_numbers() -> None:
    """Three digits, the interval and the unit, as far as there are any."""
    assert effects.numbers(entry(effect={"estimate": 12.3456, "unit": "epochs"})) == "12.3 [2, 4] epochs"
    assert effects.numbers(entry(effect={"low": None})) == "3"
    assert effects.numbers(entry(effect={"estimate": None})) == effects.numbers(unmeasured()) == "not measured"


@pytest.mark.parametrize(
    ("verdict", "expected", "ending"),
    [
        ("supported", "supported", "supported"),
        ("refuted", "refuted", "refuted, as expected"),
        ("refuted", "supported", "refuted, not expected"),
        ("supported", "refuted", "supported, not expected"),
        ("undecided", "supported", "undecided"),
    ],
)
def test_endings(verdict: str, expected: str, ending: str) -> None:
    """A surprise is told, and so is a refutation that is none."""
    assert effects.ending(entry(verdict=verdict, expected=expected)) == ending


def test_distances_in_closed_form() -> None:
    """From 3 [2, 4] to a margin of 1 at a standard deviation of 2, which is 3 over 1.5; the nearer limit counts."""
    assert effects.beyond_margin(entry()) == (1, 0.5, 1.5)
    assert effects.beyond_margin(entry(kind="same", effect={"margin": 10.0})) == (3.5, 3, 4)
    around = {"estimate": -1.0, "low": -2.0, "high": 2.0, "margin": 4.0, "standardized": -0.5}
    assert effects.beyond_margin(entry(kind="same", effect=around)) == (1.5, 1, 2)
    beside = {"estimate": 3.0, "standardized": 1.0, "margin": 1.0}
    assert effects.beyond_margin(entry(kind="bound", effect=beside)) == (1, 0.5, 1.5)
    below = entry(kind="bound", p_support=1.0, p_refute=0.00024, effect=beside)
    assert effects.beyond_margin(below) == (-1, -1.5, -0.5)


def test_a_mean_of_zero_has_a_distance() -> None:
    """Nothing over a standard deviation tells nothing of it: the seeds do."""
    samples = {"a": [1.0, 2.0, 3.0], "b": [2.0, 2.0, 2.0]}
    zero = entry(kind="same", samples=samples, effect={"estimate": 0.0, "low": -1.0, "high": 1.0, "standardized": 0.0})
    assert effects.beyond_margin(zero) == (1, 0, 1)


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


@pytest.mark.parametrize("found", REFERENCE["claims"], ids=lambda found: str(found["id"]))
def test_the_parts_of_an_effect(found: dict[str, Any]) -> None:
    """In the reference record the seeds' parts average to the effect wherever they can be told."""
    each = effects.differences(found)
    if each is None:
        assert found["kind"] in ("exact", "trend") or len(found["samples"]) > 2
    else:
        mean = np.exp(np.log(each).mean()) if found["kind"] == "fit" else each.mean()  # a ratio's is the geometric one
        assert mean == pytest.approx(found["effect"]["estimate"], abs=1e-9)


def test_parts_that_cannot_be_told() -> None:
    """Two conditions whose difference is not the effect are not taken for its parts."""
    assert effects.differences(entry(effect={"estimate": 2.0})) is None
    assert effects.differences(unmeasured()) is None
    assert effects.differences(entry()).tolist() == [1, 4, 4]  # type: ignore[union-attr]
    against = entry(kind="same", samples={"a": [1.0, 2.0]}, effect={"estimate": 0.5})
    assert effects.differences(against).tolist() == [0, 1]  # type: ignore[union-attr]
