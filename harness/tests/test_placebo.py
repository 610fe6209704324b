"""The placebo: conditions exchanged within each seed, after which nothing that compares them holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_a_session_of_placebos(pytester: pytest.Pytester) -> None:
    """A strongly true claim is no longer supported, and findings are not expected."""
    toy_project.write(pytester.path, test_trained=toy_project.TRAINED, test_others=toy_project.OTHERS)
    options = ("--placebo", "--report=record", "--store=store", "-q", "-k", "test_supported or finding or exact")
    pytester.inline_run(*toy_project.QUICK, *options, "test_trained.py", "test_others.py")
    record = toy_project.record(pytester.path / "record")
    assert {entry["id"] for entry in record["claims"]} == {"T01", "T11", "T12", "T13"}
    assert record["summary"]["supported"] == 0
    assert record["options"]["placebo"] is True
