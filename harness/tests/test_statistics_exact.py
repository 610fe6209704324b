"""The verdict on a theorem's numerical errors."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from memorization_claims.errors import SettingError
from memorization_claims.statistics import Outcome, Samples, exact


def residuals(values: ArrayLike) -> Samples:
    """The errors of one condition in cases 0, 1, ..."""
    array = np.asarray(values, dtype=np.float64)
    return Samples("residual", "", {"interpolant": array}, tuple(range(array.size)))


def test_errors_within_tolerance_support() -> None:
    """An error on its tolerance is within it, and the worst case is the one of the largest ratio."""
    verdict = exact(residuals([1e-9, 2e-6, 0]), "interpolant", tolerance=[1e-9, 1e-5, 1e-12])
    assert verdict.outcome is Outcome.SUPPORTED
    assert verdict.because == (
        "all 3 errors are within tolerance; the largest is error 1e-09 against tolerance 1e-09 at seed 0"
    )
    assert verdict.effect is not None
    assert (verdict.effect.estimate, verdict.effect.margin, verdict.effect.unit) == (1.0, 1.0, "of tolerance")
    assert (verdict.p_support, verdict.p_refute) == (None, None)


def test_one_error_beyond_its_tolerance_refutes() -> None:
    """The case that is worst beside its own tolerance is named, not the one with the largest error."""
    verdict = exact(residuals([1e-3, 4e-9, 2e-9]), "interpolant", tolerance=[1e-2, 1e-9, 1e-9])
    assert verdict.outcome is Outcome.REFUTED
    assert verdict.because == (
        "2 of 3 errors exceed their tolerance; the worst is error 4e-09 against tolerance 1e-09 at seed 1"
    )


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_error_that_is_not_finite_refutes(value: float) -> None:
    """A solution that came out as no number is no solution; the report stays free of NaN."""
    verdict = exact(residuals([0, value]), "interpolant", tolerance=1.0)
    assert verdict.outcome is Outcome.REFUTED
    assert f"error {value:.3g} against tolerance 1 at seed 1" in verdict.because
    assert verdict.effect is not None
    assert verdict.effect.estimate is None


@given(
    st.lists(st.tuples(st.floats(0, 1e9), st.floats(1e-9, 1e9)), min_size=1, max_size=60),
)
def test_it_is_the_plain_comparison_case_by_case(cases: list[tuple[float, float]]) -> None:
    """Supported means that no case breaks its tolerance, for any number of cases."""
    errors, tolerances = zip(*cases, strict=True)
    verdict = exact(residuals(errors), "interpolant", tolerance=tolerances)
    expected = all(error <= tolerance for error, tolerance in cases)
    assert (verdict.outcome is Outcome.SUPPORTED) == expected


def test_illegal_errors_and_tolerances_say_what_is_legal() -> None:
    """Negative errors, and tolerances that are none or too few, are named."""
    with pytest.raises(SettingError, match="errors of 'interpolant' reach -1: an error is never negative"):
        exact(residuals([0, -1]), "interpolant", tolerance=1)
    with pytest.raises(SettingError, match=r"shape \(3,\): must be one number, or one for each of 2 cases"):
        exact(residuals([0, 1]), "interpolant", tolerance=[1, 1, 1])
    with pytest.raises(SettingError, match="every tolerance must be positive and finite"):
        exact(residuals([0, 1]), "interpolant", tolerance=0)
