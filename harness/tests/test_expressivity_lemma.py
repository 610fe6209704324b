"""Lemma 1 in exact arithmetic, and what its eigenvalue says of the weights."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from memorization_claims.measures.constructions.two_layers import hinge_matrix, interleave
from memorization_claims.measures.theorems import least_eigenvalue, triangularity
from memorization_claims.tests.expressivity_samples import rationals, seeded

STEPS = st.lists(st.integers(1, 1000), min_size=1, max_size=8)


def _characteristic(matrix: list[list[Fraction]]) -> list[Fraction]:
    """Coefficients of det(t I - A), the highest first, by Faddeev and LeVerrier."""
    n = len(matrix)
    coefficients, product = [Fraction(1)], [[Fraction(0)] * n for _ in range(n)]
    for order in range(1, n + 1):
        for i in range(n):
            product[i][i] += coefficients[-1]
        product = [
            [sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*product, strict=True)]
            for row in matrix
        ]
        coefficients.append(-sum((product[i][i] for i in range(n)), Fraction(0)) / order)
    return coefficients


def _with_roots(roots: list[Fraction]) -> list[Fraction]:
    """Coefficients of the product of all t - root, the highest first."""
    coefficients = [Fraction(1)]
    for root in roots:
        pairs = zip([*coefficients, Fraction(0)], [Fraction(0), *coefficients], strict=True)
        coefficients = [high - root * low for high, low in pairs]
    return coefficients


@settings(max_examples=50, deadline=None)
@given(steps=STEPS, start=st.integers(-1000, 1000), share=st.sampled_from([1 / 8, 1 / 2, 3 / 4, 7 / 8]))
def test_lemma_1(steps: list[int], start: int, share: float) -> None:
    """Interleaved, A is lower triangular, and in rationals all its eigenvalues are x_i - b_i, none of them zero."""
    projections = start + torch.tensor(steps, dtype=torch.float64).cumsum(0)
    biases = interleave(projections, share)
    matrix = hinge_matrix(projections, biases)
    assert torch.equal(matrix, matrix.tril())
    if len(steps) > 1:  # The mean gap, before the first, is no binary fraction: round it, which moves nothing else.
        biases[0] = biases[0].round() - 1
        matrix = hinge_matrix(projections, biases)
    merged = torch.stack([biases, projections], dim=1).flatten()
    assert (merged.diff() > 0).all()
    exact = [[max(x - b, Fraction(0)) for b in rationals(biases)] for x in rationals(projections)]
    assert [row.tolist() for row in matrix] == exact
    differences = [x - b for x, b in zip(rationals(projections), rationals(biases), strict=True)]
    assert _characteristic(exact) == _with_roots(differences)
    found = torch.linalg.eigvals(matrix)
    assert found.real.min().item() == float(min(differences)) > 0


@settings(max_examples=50, deadline=None)
@given(steps=STEPS, seed=st.integers(0, 2**31))
def test_the_least_singular_value_bounds_the_weights(steps: list[int], seed: int) -> None:
    """|w| <= |y| / sigma for any values, and values in the last singular direction reach it."""
    projections = torch.tensor(steps, dtype=torch.float64).cumsum(0)
    matrix = hinge_matrix(projections, interleave(projections))
    left, singular, _ = torch.linalg.svd(matrix)
    for values in (torch.randn(len(steps), dtype=torch.float64, generator=seeded(seed)), left[:, -1]):
        weights = torch.linalg.solve(matrix, values)
        assert float(weights.norm() * singular[-1] / values.norm()) <= 1 + 1e-9
    assert float(weights.norm() * singular[-1]) == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_the_inverse_of_evenly_spaced_points_has_a_closed_form(share: float) -> None:
    """A is Toeplitz with s + k in diagonal k, so its inverse has the coefficients of (1 - z)^2 / (s + (1 - s) z)."""
    n = 12
    projections = torch.arange(n, dtype=torch.float64)
    inverse = torch.linalg.inv(hinge_matrix(projections, interleave(projections, share)))
    geometric = (-(1 - share) / share) ** torch.arange(n, dtype=torch.float64) / share
    delayed = torch.cat([torch.zeros(2, dtype=torch.float64), geometric])
    series = geometric - 2 * delayed[1 : n + 1] + delayed[:n]
    torch.testing.assert_close(inverse[:, 0], series, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(inverse.diagonal(-3), series[3].expand(n - 3), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("points", [1, 2, 30])
@pytest.mark.parametrize("seed", range(5))
def test_cases_of_the_lemma(points: int, seed: int) -> None:
    """All are well within their tolerance, also where there is only one point."""
    for case in (triangularity, least_eigenvalue):
        error, tolerance = case(seeded(seed), points=points)
        assert 0 <= error <= 1e-3 * tolerance
