"""The placebo: conditions exchanged within each seed, after which nothing that compares them holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.judging import placebo
from memorization_claims.statistics.above import above
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import Outcome
from memorization_claims.tests import toy_project


@given(seeds=st.integers(1, 20), conditions=st.integers(2, 4))
def test_a_placebo_exchanges_within_each_seed(seeds: int, conditions: int) -> None:
    """Every seed keeps its values; which condition has which is drawn anew, and the same each time."""
    values = {str(row): 10 * np.arange(seeds, dtype=np.float64) + row for row in range(conditions)}
    samples = Samples("number", "unit", values, tuple(range(seeds)))
    exchanged = placebo.exchange(samples, "T01")
    assert (exchanged.name, exchanged.unit, exchanged.seeds) == ("number", "unit", samples.seeds)
    np.testing.assert_array_equal(
        np.sort(np.stack(list(exchanged.values.values())), 0), np.stack(list(values.values()))
    )
    again = placebo.exchange(samples, "T01")
    for name in values:
        np.testing.assert_array_equal(exchanged[name], again[name])


def test_a_placebo_supports_nothing() -> None:
    """Of 300 claims that are all true beyond doubt, none is supported once the conditions are exchanged."""
    spread = np.arange(12) % 5 / 10
    samples = Samples("number", "", {"high": 5 + spread, "low": 0 * spread}, tuple(range(12)))
    assert above(samples, "high", "low", margin=1.0).outcome is Outcome.SUPPORTED
    exchanged = [placebo.exchange(samples, f"T{number}") for number in range(300)]
    assert not any(above(each, "high", "low", margin=1.0).outcome is Outcome.SUPPORTED for each in exchanged)
    # Each claim has an order of its own, and each condition comes first half of the time.
    swapped = np.stack([each["high"] < each["low"] for each in exchanged])
    assert len(np.unique(swapped, axis=0)) > 200
    np.testing.assert_allclose(swapped.mean(axis=0), 0.5, atol=0.15)


@given(seeds=st.integers(2, 25), arms=st.sampled_from([("a", "b"), ("a1", "b1", "a2", "b2")]))
def test_the_arms_of_an_aa_test_are_one_condition(seeds: int, arms: tuple[str, ...]) -> None:
    """At different seeds, each of them once; marks of censoring go with their values."""
    half = len(arms) // 2
    values = {name: 100 * place + np.arange(seeds, dtype=np.float64) for place, name in enumerate(arms)}
    marks = {arms[0]: np.arange(seeds) % 3 == 0}
    samples = Samples("number", "unit", values, tuple(range(50, 50 + seeds)), marks)
    same, beside = placebo.apart(samples, "T01", 3)
    assert same.seeds == tuple(beside)
    assert len(same.seeds) == seeds // 2
    assert len({*beside, *beside.values()}) == 2 * (seeds // 2)
    for place, name in enumerate(arms):
        there = beside.values() if place >= half else beside
        np.testing.assert_array_equal(same[name], 100 * (place % half) + np.array([*there]) - 50)
        if place % half == 0:
            censored = same.censored.get(name, np.zeros(seeds // 2, dtype=bool))
            np.testing.assert_array_equal(censored, same[name] % 3 == 0)
    assert placebo.apart(samples, "T01", 3)[1] == beside


def test_an_aa_test_needs_two_arms() -> None:
    """Of as many conditions, and two seeds."""
    three = Samples("number", "", dict.fromkeys("abc", np.zeros(4)), tuple(range(4)))
    for samples in (three, Samples("number", "", dict.fromkeys("ab", np.zeros(1)), (0,))):
        with pytest.raises(SettingError, match=r"^T01 compares [23] conditions at [41] seeds; legal for an A/A test"):
            placebo.apart(samples, "T01")


@pytest.mark.parametrize("same", [False, True])
def test_a_support_is_as_rare_as_twelve_tosses_that_agree(same: bool) -> None:
    """Of 4000 controls of a difference with no margin about one is supported, each number with draws of its own."""
    generator = np.random.default_rng(0)
    arms = {"high": generator.normal(size=24), "low": generator.normal(size=24)}
    samples = Samples("number", "", arms, tuple(range(24)))
    first = Samples("number", "", {name: values[:12] for name, values in arms.items()}, tuple(range(12)))
    supported, drawn = 0, set()
    for number in range(4000):
        control = placebo.apart(samples, "T01", number)[0] if same else placebo.exchange(first, "T01", number)
        effects = control["high"] - control["low"]
        supported += bool((effects > 0).all())
        drawn.add(tuple(effects.tolist()))
    assert supported <= 7
    assert len(drawn) > 2400


def test_a_session_of_placebos(pytester: pytest.Pytester) -> None:
    """A strongly true claim is no longer supported, and findings are not expected."""
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED, test_others=toy_project.OTHERS)
    options = (
        "--claims-placebo",
        "--claims-report=record",
        "--claims-store=store",
        "-q",
        "-k",
        "test_supported or finding or exact",
    )
    pytester.inline_run(*toy_project.QUICK, *options, "test_trained.py", "test_others.py")
    record = toy_project.record(pytester.path / "record")
    assert {entry["id"] for entry in record["claims"]} == {"T01", "T11", "T12", "T13"}
    assert record["summary"]["supported"] == 0
    assert record["options"]["placebo"] is True
    by_seed = [entry["effect"]["by_seed"] for entry in record["claims"] if entry["id"] == "T01"]
    others = ("--claims-placebo-seed=1", "--claims-report=other")
    pytester.inline_run(*toy_project.QUICK, *options, *others, "test_trained.py", "test_others.py")
    other = toy_project.record(pytester.path / "other")
    assert other["summary"]["supported"] == 0
    assert [entry["effect"]["by_seed"] for entry in other["claims"] if entry["id"] == "T01"] != by_seed


def test_a_session_of_aa_tests(pytester: pytest.Pytester) -> None:
    """A strongly true claim is refuted: an arm does not exceed itself at other seeds."""
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED, test_others=toy_project.OTHERS)
    options = ("--claims-aa", "--claims-report=record", "--claims-store=store", "-q", "-k", "test_supported or exact")
    pytester.inline_run(*toy_project.QUICK, *options, "test_trained.py", "test_others.py")
    record = toy_project.record(pytester.path / "record")
    (entry,) = record["claims"]
    assert (entry["id"], entry["expected"]) == ("T01", "supported")
    assert entry["verdict"] != "supported"
    assert (entry["count"]["runs"], len(entry["seeds"])) == (12, 12)
    assert record["options"]["aa"] is True
