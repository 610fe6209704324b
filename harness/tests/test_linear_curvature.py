"""The Hessian of a linear model's risk: against its formula, finite differences and a closed form."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.measures.constructions.curvature import (
    FLATTEST,
    STEEPEST,
    empirical_risk,
    global_minima,
    hessian,
    hessian_rounding,
    logistic_divergence,
    softmax_divergence,
)
from memorization_claims.measures.constructions.linear import minimum_norm


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _draw(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=_seeded(seed))


def _formula(weights: Tensor, features: Tensor) -> Tensor:
    """X' diag(l'') X / n, entry by entry; the second derivative of the loss is that of log(1 + e^z)."""
    n, p = features.shape
    second = torch.zeros(p, p, dtype=torch.float64)
    for row in features:
        chance = 1 / (1 + math.exp(-float(row @ weights)))
        for i in range(p):
            for j in range(p):
                second[i, j] += row[i] * row[j] * chance * (1 - chance) / n
    return second


def test_the_loss_is_zero_at_the_target_alone() -> None:
    """At log odds 0 and log 3, chances 1/2 and 3/4, it is the divergence of Bernoulli laws, the target's first."""
    zero, three = torch.zeros(1).double(), torch.tensor([3.0]).double().log()
    assert logistic_divergence(three, three).item() == 0
    expected = 0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25)
    assert logistic_divergence(three, zero).item() == pytest.approx(expected)
    assert logistic_divergence(zero, three).item() == pytest.approx(0.75 * math.log(1.5) + 0.25 * math.log(0.5))
    far = torch.tensor([-800.0, 800.0]).double()
    torch.testing.assert_close(
        logistic_divergence(far, torch.zeros(2).double()), torch.full((2,), 400.0).double() - math.log(2)
    )


def test_one_example_has_a_closed_form() -> None:
    """With x = (1, 2) and weights of zero the Hessian is xx' / 4."""
    features, targets = torch.tensor([[1.0, 2.0]]).double(), torch.tensor([3.0]).double()
    expected = torch.tensor([[0.25, 0.5], [0.5, 1.0]]).double()
    torch.testing.assert_close(hessian(torch.zeros(2).double(), features, targets), expected)


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 4), p=st.integers(1, 6), seed=st.integers(0, 2**31), size=st.floats(0, 10))
def test_the_hessian_agrees_with_the_formula_anywhere(n: int, p: int, seed: int, size: float) -> None:
    """Also where the weights do not interpolate: it depends on the outputs, not on the targets."""
    features, weights = _draw(n, p, seed=seed), size * _draw(p, seed=seed + 1)
    found = hessian(weights, features, _draw(n, seed=seed + 2))
    torch.testing.assert_close(found, _formula(weights, features), rtol=1e-10, atol=1e-13)


def test_the_hessian_agrees_with_finite_differences() -> None:
    """Second central differences of the risk."""
    features, targets, weights = _draw(4, 3, seed=1), _draw(4, seed=2), _draw(3, seed=3)
    steps, step = torch.eye(3, dtype=torch.float64) * 1e-4, 1e-4
    for i in range(3):
        for j in range(3):
            corners = [
                a * b * empirical_risk(weights + a * steps[i] + b * steps[j], features, targets)
                for a in (1, -1)
                for b in (1, -1)
            ]
            second = sum(corners) / (4 * step**2)
            assert float(hessian(weights, features, targets)[i, j]) == pytest.approx(float(second), abs=1e-6)


def test_the_constants_bound_the_derivatives_of_the_loss() -> None:
    """The second derivative reaches 1/4, at zero; the third reaches its bound where the chance is (1 + 3^-1/2) / 2."""
    outputs = torch.linspace(-9, 9, 100_001, dtype=torch.float64)
    chance = outputs.sigmoid()
    second = chance * (1 - chance)
    assert float(second.max()) == FLATTEST
    third = (second * (1 - 2 * chance)).abs().max()
    assert STEEPEST * (1 - 1e-6) < float(third) <= STEEPEST


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 4), p=st.integers(1, 5), k=st.integers(2, 4), seed=st.integers(0, 2**31))
def test_with_several_outputs_the_hessian_has_blocks(n: int, p: int, k: int, seed: int) -> None:
    """Block (i, j) is X' diag(s_i (d_ij - s_j)) X / n, at any weights; the loss is zero at the targets alone."""
    features, weights, targets = _draw(n, p, seed=seed), _draw(p, k, seed=seed + 1), _draw(n, k, seed=seed + 2)
    found = hessian(weights, features, targets).reshape(p, k, p, k)
    chances = (features @ weights).softmax(1)
    for i in range(k):
        for j in range(k):
            second = chances[:, i] * (float(i == j) - chances[:, j])
            torch.testing.assert_close(found[:, i, :, j], features.mT * second @ features / n, rtol=1e-10, atol=1e-13)
    assert softmax_divergence(targets, targets).abs().max() < 1e-12
    assert (softmax_divergence(targets, targets + torch.eye(k).double()[0]) > 0).all()


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 8), more=st.integers(1, 8), k=st.integers(2, 4), seed=st.integers(0, 2**31))
def test_rounding_of_the_hessian_of_several_outputs_is_bounded(n: int, more: int, k: int, seed: int) -> None:
    """Minima differ by no more than two bounds, which are small; each output's weights are those of it alone."""
    features, targets = _draw(n, n + more, seed=seed), 2 * _draw(n, k, seed=seed + 1)
    first, *others = global_minima(features, targets, count=3, distance=5.0, generator=_seeded(seed + 2))
    torch.testing.assert_close(first[:, 0], minimum_norm(features, targets[:, 0]), rtol=1e-6, atol=1e-9)
    allowed = hessian_rounding(first, features, targets)
    assert allowed < 1e-9 * k * float(features.square().sum()) * (1 + float(first.norm() * features.norm()))
    for weights in others:
        away = hessian(weights, features, targets) - hessian(first, features, targets)
        assert float(away.norm()) <= allowed + hessian_rounding(weights, features, targets)


@settings(max_examples=50, deadline=None)
@given(n=st.integers(1, 8), more=st.integers(1, 8), seed=st.integers(0, 2**31), distance=st.floats(0.1, 100))
def test_global_minima_interpolate_and_lie_apart(n: int, more: int, seed: int, distance: float) -> None:
    """The risk is zero at each, the first has the least norm, and the others lie at the distance in the null space."""
    features, targets = _draw(n, n + more, seed=seed), 2 * _draw(n, seed=seed + 1)
    minima = global_minima(features, targets, count=3, distance=distance, generator=_seeded(seed + 2))
    least = minimum_norm(features, targets)
    assert torch.equal(minima[0], least)
    for weights in minima:
        scale = torch.linalg.matrix_norm(features, ord=2) * weights.norm() * torch.linalg.cond(features)
        assert float((features @ weights - targets).norm()) <= 1e-12 * float(scale)
    for weights in minima[1:]:
        assert float((weights - least).norm()) == pytest.approx(distance * float(least.norm()), rel=1e-9)


@settings(max_examples=50, deadline=None)
@given(n=st.integers(1, 8), more=st.integers(1, 8), seed=st.integers(0, 2**31), distance=st.floats(0.1, 100))
def test_rounding_of_the_hessian_is_bounded(n: int, more: int, seed: int, distance: float) -> None:
    """At every minimum it is within its bound of X' diag(l''(y)) X / n, and the bound is small."""
    features, targets = _draw(n, n + more, seed=seed), 2 * _draw(n, seed=seed + 1)
    chance = targets.sigmoid()
    exact = features.mT * (chance * (1 - chance)) @ features / n
    for weights in global_minima(features, targets, count=3, distance=distance, generator=_seeded(seed + 2)):
        allowed = hessian_rounding(weights, features, targets)
        assert float((hessian(weights, features, targets) - exact).norm()) <= allowed
        assert allowed < 1e-9 * float(features.square().sum()) * (1 + float(weights.norm() * features.norm()))
