"""The cases of theorems: what they hold whole, and what each mutant makes of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from memorization_claims.controls.find import find
from memorization_claims.errors import UndecidableError
from memorization_claims.measures.constructions import Interpolant, curvature, deep, linear, two_layers
from memorization_claims.measures.theorems import (
    deep_interpolation,
    degeneracy,
    interpolation,
    least_eigenvalue,
    least_squares,
    same_curvature,
    triangularity,
)

Case = Callable[..., tuple[float, float]]
SAMPLE: dict[str, Any] = {"points": 60, "dimensions": 8, "closest": 1e-3}
DEEP = {**SAMPLE, "depth": 5}
MATRIX = {"points": 40}
MODEL: dict[str, Any] = {"points": 12, "dimensions": 20, "width": 30}
VECTORS = {**MODEL, "outputs": 3}
HOLD: list[tuple[Case, dict[str, Any]]] = [
    (interpolation, SAMPLE),
    (deep_interpolation, DEEP),
    (triangularity, MATRIX),
    (least_eigenvalue, MATRIX),
    (same_curvature, MODEL),
    (degeneracy, MODEL),
    (same_curvature, VECTORS),
    (degeneracy, VECTORS),
]
FAIL: list[tuple[str, Case, dict[str, Any]]] = [
    ("misplaced-biases", interpolation, SAMPLE),
    ("misplaced-biases", triangularity, MATRIX),
    ("misplaced-biases", least_eigenvalue, MATRIX),
    ("projection-with-ties", interpolation, SAMPLE),
    ("projection-with-ties", deep_interpolation, DEEP),
    ("projection-with-ties", deep_interpolation, {**SAMPLE, "depth": 2}),
    ("linear-units", interpolation, SAMPLE),
    ("linear-units", triangularity, MATRIX),
    ("linear-units", least_eigenvalue, MATRIX),
    ("open-bump", deep_interpolation, DEEP),
    ("not-a-minimum", same_curvature, MODEL),
    ("regularised-risk", degeneracy, MODEL),
    ("not-a-minimum", same_curvature, VECTORS),
    ("regularised-risk", degeneracy, VECTORS),
]


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _named(case: object) -> str | None:
    return getattr(case, "__name__", None)


@pytest.mark.parametrize(("case", "options"), HOLD, ids=_named)
@pytest.mark.parametrize("seed", range(5))
def test_theorems_hold_well_within_their_tolerance(case: Case, options: dict[str, Any], seed: int) -> None:
    """The error is at most a tenth of what rounding allows, and the same again from the same generator."""
    error, tolerance = case(_seeded(seed), **options)
    assert 0 <= error <= 0.1 * tolerance
    assert case(_seeded(seed), **options) == (error, tolerance)


@pytest.mark.parametrize(("mutant", "case", "options"), FAIL, ids=_named)
@pytest.mark.parametrize("seed", range(5))
def test_mutants_refute_them(
    monkeypatch: pytest.MonkeyPatch, mutant: str, case: Case, options: dict[str, Any], seed: int
) -> None:
    """The error is no number or exceeds its tolerance by far, and nothing is raised: the verdict is refuted."""
    for patch in find(mutant).patched():
        monkeypatch.setattr(*patch)
    error, tolerance = case(_seeded(seed), **options)
    assert not error <= 1e4 * tolerance


def test_too_many_weights_refute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nets that take the values with one weight more, a wider layer or another depth are not those of the theorems."""

    class Larger(Interpolant):
        def __init__(self, *parts: torch.Tensor) -> None:
            super().__init__(*parts)
            self.more = torch.nn.Parameter(torch.zeros(1))

    monkeypatch.setattr(two_layers, "Interpolant", Larger)
    assert interpolation(_seeded(0), **SAMPLE)[0] == float("inf")
    whole = deep.interpolate_deep
    monkeypatch.setattr(deep, "interpolate_deep", lambda *data, depth, **rest: whole(*data, depth=depth - 1, **rest))
    assert deep_interpolation(_seeded(0), **DEEP)[0] == float("inf")
    monkeypatch.setattr(deep.DeepInterpolant, "widths", [13, 13, 30, 13])
    assert deep_interpolation(_seeded(0), **SAMPLE, depth=6)[0] == float("inf")


def test_neighbours_too_near_to_tell_are_undecidable() -> None:
    """Where rounding allows errors as large as the values, to be within it would say nothing."""
    options = {**SAMPLE, "closest": 1e-10}
    with pytest.raises(UndecidableError, match=r"rounding allows an error of .* of the values; telling means 0\.01"):
        interpolation(_seeded(0), **options)
    with pytest.raises(UndecidableError, match=r"rounding allows an error of .* of the values; telling means 0\.01"):
        deep_interpolation(_seeded(0), **options, depth=5)


def test_squared_loss_would_show_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its Hessian is the same everywhere, minimum or not."""

    def squared(weights: torch.Tensor, features: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return (features @ weights - targets).square().mean()

    monkeypatch.setattr(curvature, "empirical_risk", squared)
    with pytest.raises(
        UndecidableError, match=r"weights of zero, no minimum, differs by \S+ of its norm .* takes 0\.1"
    ):
        same_curvature(_seeded(0), **MODEL)


def test_eigenvalues_that_rounding_hides_are_undecidable(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the n eigenvalues that are not zero could not be told from it, neither could the others be."""
    monkeypatch.setattr(curvature, "hessian_rounding", lambda *data: 1.0)
    with pytest.raises(UndecidableError, match=r"eigenvalue 12 of the Hessian is .* to tell it from zero takes ten"):
        degeneracy(_seeded(0), **MODEL)


def test_one_search_serves_all_that_its_end_is_held_against(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case is drawn alike for each, and SGD runs once; another seed, setting or mutant is another case."""
    searched: list[float] = []
    found = linear.sgd_least_squares

    def sgd(*args: Any, rate: float, **options: Any) -> torch.Tensor:
        searched.append(rate)
        return found(*args, rate=rate, **options)

    monkeypatch.setattr(linear, "sgd_least_squares", sgd)
    case: dict[str, Any] = {"points": 8, "dimensions": 16, "width": 64, "rate": 1.0, "epochs": 300, "batch": 2}
    for against in ("row-span", "minimum-norm", "kernel"):
        error, tolerance = least_squares(torch.Generator().manual_seed(5), **case, against=against)
        assert error <= tolerance
    assert len(searched) == 1
    least_squares(torch.Generator().manual_seed(6), **case, against="row-span")
    least_squares(torch.Generator().manual_seed(5), **case | {"epochs": 400}, against="row-span")
    assert len(searched) == 3
    monkeypatch.setattr(linear, "sgd_least_squares", partial(found, start=torch.ones(64, dtype=torch.float64)))
    error, tolerance = least_squares(torch.Generator().manual_seed(5), **case, against="row-span")
    assert error > tolerance


@settings(max_examples=15)
@given(case=st.sampled_from(HOLD), seed=st.integers(0, 2**31), points=st.integers(4, 16))
def test_any_case_holds(case: tuple[Case, dict[str, Any]], seed: int, points: int) -> None:
    """Whatever is drawn, and however few points there are, the error is finite and within its tolerance."""
    theorem, options = case
    error, tolerance = theorem(_seeded(seed), **{**options, "points": points})
    assert 0 <= error <= tolerance < math.inf
