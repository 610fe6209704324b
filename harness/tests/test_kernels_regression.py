"""The kernel equation: closed forms, NumPy on the explicit matrix, and what an interpolant of least norm must be."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.errors import UndecidableError
from memorization_claims.measures.kernels import regression
from memorization_claims.measures.kernels.gaussian import gaussian_kernel, median_distance, squared_distances
from memorization_claims.measures.kernels.regression import one_hot, solve_general, solve_in_place


def kernel_of(seed: int, count: int, multiple: float = 1.0) -> Tensor:
    """The Gaussian kernel of normal points in six dimensions."""
    inputs = torch.randn(count, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    squared = squared_distances([inputs], slice(None))
    return gaussian_kernel(squared, multiple * median_distance(squared))


def targets_of(seed: int, count: int) -> Tensor:
    """One-hot targets of random labels among four classes."""
    return one_hot(torch.randint(4, (count,), generator=torch.Generator().manual_seed(seed + 1)), 4)


def energy(kernel: Tensor, coefficients: Tensor) -> float:
    """The squared norm a' K a, summed over classes."""
    return float((coefficients * (kernel @ coefficients)).sum())


def test_targets_are_one_and_zero() -> None:
    """Nothing is taken off them."""
    assert one_hot(torch.tensor([2, 0]), 3).tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]


def test_two_points_have_a_closed_form() -> None:
    """K = ((1, k), (k, 1)) and y = (1, 0) give a = (1 + r, -k) / ((1 + r)^2 - k^2), with a ridge r or with none."""
    k, ridge, y = 0.6, 0.5, torch.tensor([[1.0], [0.0]]).double()
    for added in (0.0, ridge):
        kernel = torch.tensor([[1.0, k], [k, 1.0]], dtype=torch.float64)
        expected = np.array([[1 + added], [-k]]) / ((1 + added) ** 2 - k**2)
        np.testing.assert_allclose(solve_in_place(kernel, y, added).numpy(), expected, rtol=1e-14)


@pytest.mark.parametrize("block", [1, 3, 7, 16, 64])
@pytest.mark.parametrize("ridge", [0.0, 0.1])
def test_it_agrees_with_numpy(block: int, ridge: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the size of the blocks, the solution is that of the explicit matrix."""
    monkeypatch.setattr(regression, "BLOCK", block)
    kernel, targets = kernel_of(0, 16), targets_of(0, 16)
    expected = np.linalg.solve(kernel.numpy() + ridge * np.eye(16), targets.numpy())
    np.testing.assert_allclose(solve_in_place(kernel.clone(), targets, ridge).numpy(), expected, rtol=1e-8, atol=1e-10)


def test_the_matrix_need_not_be_symmetric() -> None:
    """Elimination with pivots solves for any square matrix that is regular."""
    matrix = torch.tensor([[0.0, 2.0], [3.0, 0.0]]).double()
    assert solve_general(matrix, torch.tensor([[4.0], [9.0]]).double()).tolist() == [[3.0], [2.0]]
    matrix, targets = kernel_of(3, 20)[:10, 10:], targets_of(3, 10)
    np.testing.assert_allclose(
        solve_general(matrix, targets).numpy(), np.linalg.solve(matrix.numpy(), targets.numpy()), rtol=1e-6
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), count=st.integers(2, 25), more=st.integers(1, 10))
def test_it_interpolates_with_the_least_norm(seed: int, count: int, more: int) -> None:
    """Any other interpolant, here one that also takes some values at further points, has a norm as large or larger."""
    whole = kernel_of(seed, count + more, 0.5)
    targets = torch.cat([targets_of(seed, count), targets_of(seed + 5, more)])
    least = solve_in_place(whole[:count, :count].clone(), targets[:count])
    torch.testing.assert_close(whole[:count, :count] @ least, targets[:count], rtol=0, atol=1e-8)
    other = solve_in_place(whole.clone(), targets)
    assert energy(whole[:count, :count], least) <= energy(whole, other) * (1 + 1e-8)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), ridge=st.floats(1e-3, 10.0))
def test_a_ridge_lowers_the_norm(seed: int, ridge: float) -> None:
    """What it gives up in fit it gains in norm."""
    kernel, targets = kernel_of(seed, 20, 0.5), targets_of(seed, 20)
    smooth, interpolating = (solve_in_place(kernel.clone(), targets, added) for added in (ridge, 0.0))
    assert energy(kernel, smooth) < energy(kernel, interpolating)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_the_order_of_points_does_not_matter(seed: int) -> None:
    """Permuted points have permuted coefficients."""
    kernel, targets = kernel_of(seed, 20, 0.5), targets_of(seed, 20)
    order = torch.randperm(20, generator=torch.Generator().manual_seed(seed))
    permuted = solve_in_place(kernel[order][:, order].clone(), targets[order])
    torch.testing.assert_close(permuted, solve_in_place(kernel.clone(), targets)[order], rtol=1e-6, atol=1e-8)


def test_a_singular_matrix_is_refused() -> None:
    """Points or centres that coincide, and a bandwidth at which all points look alike; a ridge helps."""
    message = (
        r"^the kernel matrix of 30 points is singular to working precision; a smaller bandwidth, a ridge above 0, or"
    )
    twice = torch.cat([kernel_of(0, 15)] * 2).repeat(1, 2)
    targets = targets_of(0, 30)
    for kernel in (twice, kernel_of(0, 30, 1e4)):
        with pytest.raises(UndecidableError, match=message):
            solve_in_place(kernel.clone(), targets)
        assert solve_in_place(kernel.clone(), targets, 0.1).isfinite().all()
    with pytest.raises(UndecidableError, match=r"^the matrix between 30 points and as many centres is singular"):
        solve_general(twice, targets)
