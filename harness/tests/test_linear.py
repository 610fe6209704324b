"""Least squares: SGD, the minimum norm and the kernel solution, against closed forms and each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.measures.constructions.linear import (
    kernel_rounding,
    kernel_solution,
    minimum_norm,
    minimum_norm_tolerance,
    outside_row_span,
    relu_features,
    sgd_least_squares,
    sgd_rounding,
    stable_rate,
)


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _draw(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=_seeded(seed))


def _problem(seed: int, n: int = 30, p: int = 256) -> tuple[Tensor, Tensor]:
    return relu_features(_draw(n, 20, seed=seed), p, _seeded(seed + 1)), _draw(n, seed=seed + 2).sign()


def _solve(features: Tensor, targets: Tensor, *, epochs: int, batch: int = 1, start: Tensor | None = None) -> Tensor:
    rate = stable_rate(features, batch)
    return sgd_least_squares(
        features, targets, rate=rate, epochs=epochs, batch=batch, generator=_seeded(0), start=start
    )


def _relative(weights: Tensor, solution: Tensor) -> float:
    return float((weights - solution).norm() / solution.norm())


def test_one_example_has_a_closed_form() -> None:
    """Each step multiplies the error by 1 - 2 rate |x|^2."""
    features, targets = torch.tensor([[3.0, 4.0]]).double(), torch.tensor([2.0]).double()
    weights = sgd_least_squares(features, targets, rate=0.01, epochs=3, batch=1, generator=_seeded(0))
    torch.testing.assert_close(weights, (1 - 0.5**3) * 2 * features[0] / 25)


@pytest.mark.parametrize("batch", [1, 4, 12])
def test_sgd_agrees_with_a_plain_loop(batch: int) -> None:
    """The same order of examples, taken one by one in NumPy, gives the same weights."""
    features, targets, start = _draw(12, 7, seed=1), _draw(12, seed=2), _draw(7, seed=3)
    before = start.clone()
    weights = sgd_least_squares(features, targets, rate=0.02, epochs=5, batch=batch, generator=_seeded(4), start=start)
    x, y, w, generator = features.numpy(), targets.numpy(), start.numpy().copy(), _seeded(4)
    for _ in range(5):
        order = torch.randperm(12, generator=generator).tolist()
        for first in range(0, 12, batch):
            gradient = np.zeros(7)
            for i in order[first : first + batch]:
                gradient += 2 * (x[i] @ w - y[i]) * x[i] / batch
            w = w - 0.02 * gradient
    np.testing.assert_allclose(weights.numpy(), w, rtol=1e-12)
    assert torch.equal(start, before)


@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("seed", [0, 10, 20])
def test_sgd_from_zero_reaches_the_minimum_norm(batch: int, seed: int) -> None:
    """Fitted from zero it lies within a tolerance below 1e-6; from outside the span it is off by its start."""
    features, targets = _problem(seed)
    epochs = 500 * batch
    solution = minimum_norm(features, targets)
    rounding = sgd_rounding(steps=epochs * 30 // batch, batch=batch)
    weights = _solve(features, targets, epochs=epochs, batch=batch)
    tolerance = minimum_norm_tolerance(features, targets, weights, outside=rounding)
    assert _relative(weights, solution) <= tolerance < 1e-6
    assert outside_row_span(weights, features) <= rounding

    null = _draw(256, seed=seed + 3)
    null -= features.mT @ kernel_solution(features, features @ null)[0]
    null *= 2 * solution.norm() / null.norm()
    elsewhere = _solve(features, targets, epochs=epochs, batch=batch, start=null)
    tolerance = minimum_norm_tolerance(features, targets, elsewhere, outside=rounding)
    assert tolerance < 1e-6
    assert _relative(elsewhere, solution) == pytest.approx(2, rel=1e-6)
    assert outside_row_span(elsewhere, features) == pytest.approx(2 / math.sqrt(5), rel=1e-6)


def test_without_a_step_the_tolerance_is_too_large_to_mean_anything() -> None:
    """A rate of zero leaves the whole residual, which the bound shows."""
    features, targets = _problem(0)
    weights = sgd_least_squares(features, targets, rate=0.0, epochs=2, batch=1, generator=_seeded(0))
    assert not weights.any()
    assert minimum_norm_tolerance(features, targets, weights, outside=0.0) >= 1


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), scale=st.integers(0, 12), epochs=st.integers(0, 40), batch=st.sampled_from([1, 2]))
def test_the_tolerance_is_a_bound_on_the_distance_to_a_known_solution(
    seed: int, scale: int, epochs: int, batch: int
) -> None:
    """In whole numbers w* = X'a and y = XX'a hold exactly, however ill conditioned X and however short the run."""
    draw = np.random.default_rng(seed)
    x = draw.integers(-5, 6, size=(4, 9))
    x[0] = 2**scale * x[1] + x[0]
    coefficients = draw.integers(-3, 4, size=4)
    features, targets = torch.tensor(x).double(), torch.tensor(x @ x.T @ coefficients).double()
    solution = torch.tensor(x.T @ coefficients).double()
    if not solution.any() or np.linalg.matrix_rank(x) < 4:
        return
    sgd = _solve(features, targets, epochs=epochs, batch=batch)
    rounding = sgd_rounding(steps=epochs * 4 // batch, batch=batch)
    kernel = kernel_solution(features, targets)[1]
    for weights, outside in (
        (sgd, rounding),
        (kernel, kernel_rounding(features)),
        (minimum_norm(features, targets), 0.0),
    ):
        assert _relative(weights, solution) <= minimum_norm_tolerance(features, targets, weights, outside=outside)


@given(seed=st.integers(0, 2**31), batch=st.integers(1, 6))
def test_no_batch_overshoots_at_the_stable_rate(seed: int, batch: int) -> None:
    """For any batch, 2 rate / batch times the largest eigenvalue of BB' is at most 3/2, and for one example it is."""
    features = _draw(6, 9, seed=seed) + 3 * _draw(1, 9, seed=seed + 1)
    chosen = features[torch.randperm(6, generator=_seeded(seed))[:batch]]
    largest = float(torch.linalg.matrix_norm(chosen, ord=2) ** 2)
    assert 2 * stable_rate(features, batch) / batch * largest <= 1.5 + 1e-9
    longest = float(features.norm(dim=1).max() ** 2)
    assert 2 * stable_rate(features, 1) * longest == pytest.approx(1.5)


@given(seed=st.integers(0, 2**31))
def test_every_other_solution_is_longer(seed: int) -> None:
    """What is added in the null space is orthogonal to the minimum norm, by Pythagoras."""
    features, targets, other = _draw(4, 9, seed=seed), _draw(4, seed=seed + 1), _draw(9, seed=seed + 2)
    solution = minimum_norm(features, targets)
    null = other - minimum_norm(features, features @ other)
    torch.testing.assert_close(features @ (solution + null), targets, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(
        (solution + null).norm() ** 2, solution.norm() ** 2 + null.norm() ** 2, rtol=1e-6, atol=0
    )


def test_minimum_norm_agrees_with_numpy() -> None:
    """NumPy's least squares gives the same, for too few and for too many equations."""
    for n, p in ((5, 9), (9, 5)):
        features, targets = _draw(n, p, seed=1), _draw(n, seed=2)
        expected = np.linalg.lstsq(features.numpy(), targets.numpy(), rcond=None)[0]
        np.testing.assert_allclose(minimum_norm(features, targets).numpy(), expected, rtol=1e-10)


def test_the_kernel_solves_its_equation() -> None:
    """K a = y for a worked example of two rows, and X'a interpolates."""
    features, targets = torch.tensor([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]).double(), torch.tensor([3.0, 0.0]).double()
    coefficients, weights = kernel_solution(features, targets)
    torch.testing.assert_close(coefficients, torch.tensor([2.0, -1.0]).double())
    torch.testing.assert_close(weights, torch.tensor([2.0, 1.0, -1.0]).double())


def test_the_share_outside_the_span_is_a_sine() -> None:
    """Rows that span the first two axes, one of them twice, leave the third: 4/5 of (0, 3, 4)."""
    features = torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 4.0, 0.0]]).double()
    assert outside_row_span(torch.tensor([0.0, 3.0, 4.0]).double(), features) == pytest.approx(0.8, rel=1e-12)
    assert outside_row_span(torch.zeros(3).double(), features) == 0


def test_relu_features_have_ones_on_the_diagonal_of_their_gram_matrix() -> None:
    """Over many features the mean square is one, and orthogonal inputs share E max(z - 1, 0)^2 / E max(...)^2."""
    features = relu_features(torch.eye(3) * torch.tensor([1.0, 5.0, 9.0]), 200_000, _seeded(0))
    gram = features @ features.mT
    mean = math.exp(-0.5) / math.sqrt(2 * math.pi) - math.erfc(math.sqrt(0.5)) / 2
    square = math.erfc(math.sqrt(0.5)) - math.exp(-0.5) / math.sqrt(2 * math.pi)
    expected = torch.full((3, 3), mean**2 / square).double().fill_diagonal_(1.0)
    torch.testing.assert_close(gram, expected, rtol=0, atol=0.03)
    assert (features >= 0).all()


def test_illegal_settings_are_named() -> None:
    """Each message holds the value and what is legal."""
    features, targets = _draw(4, 6, seed=0), _draw(4, seed=1)
    with pytest.raises(SettingError, match=r"rate is -1\.0 and epochs 3: finite, and both at least 0"):
        sgd_least_squares(features, targets, rate=-1.0, epochs=3, batch=1, generator=_seeded(0))
    with pytest.raises(SettingError, match=r"batch is 3: a divisor of the number of examples, 4"):
        sgd_least_squares(features, targets, rate=1.0, epochs=3, batch=3, generator=_seeded(0))
    with pytest.raises(SettingError, match=r"torch\.float32 of shape \(4, 6\).*need float64 of shapes \(n, p\)"):
        minimum_norm(features.float(), targets)
    with pytest.raises(SettingError, match=r"targets torch\.float64 of shape \(3,\): need float64"):
        kernel_solution(features, targets[:3])
    with pytest.raises(SettingError, match=r"width is 5 and the least norm of a row 0: at least 1, and above 0"):
        relu_features(torch.zeros(2, 3), 5, _seeded(0))
    assert minimum_norm_tolerance(features[[0, 0]], targets[:2], features[0], outside=0.0) == math.inf
