"""The kernel equation by Cholesky's method within the matrix, by LAPACK's, and by conjugate gradients.

Time them with `pytest harness/benchmarks --benchmark-enable`, on a quiet machine and without `-n`; otherwise each
solves once, for few points, as a test.

Measured on one thread of an AMD EPYC, torch 2.15, medians of 3: within the matrix takes 0.5 to 1.4 times LAPACK's time,
0.46 s for 3000 points; conjugate gradients 6 times as long with 1000 points at half the median distance, 43 times with
3000 at the median. On MNIST itself, 0.6 s against 38 s for 3000 images at the median, 0.34 s against 241 s at four
times that. A whole fit to 10,000 images of MNIST takes 32 s and 2.7 GB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from memorization_claims.measures.kernels.gaussian import gaussian_kernel, median_distance, squared_distances
from memorization_claims.measures.kernels.regression import one_hot, solve_in_place

POINTS = (1000, 3000)
TOLERANCE = 1e-8
"""Of the residual of conjugate gradients, relative to the targets."""


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def problem(points: int, multiple: float) -> tuple[Tensor, Tensor]:
    """A kernel matrix and one-hot targets of points whose variance falls off as that of images does."""
    generator = torch.Generator().manual_seed(0)
    deviations = torch.arange(1, 201, dtype=torch.float64) ** -0.7
    inputs = torch.randn(points, 200, generator=generator, dtype=torch.float64) * deviations
    squared = squared_distances([inputs], slice(None))
    labels = torch.randint(10, (points,), generator=generator)
    return gaussian_kernel(squared, multiple * median_distance(squared)), one_hot(labels, 10)


def within(kernel: Tensor, targets: Tensor) -> Tensor:
    """The harness's way; the matrix is kept here, at the cost of a copy."""
    return solve_in_place(kernel.clone(), targets)


def lapack(kernel: Tensor, targets: Tensor) -> Tensor:
    """The usual way, which needs a second matrix for the factor."""
    return torch.cholesky_solve(targets, torch.linalg.cholesky(kernel))


def gradients(kernel: Tensor, targets: Tensor) -> Tensor:
    """Conjugate gradients, for all targets side by side."""
    solution, residual = torch.zeros_like(targets), targets.clone()
    direction, energy = residual.clone(), residual.square().sum(dim=0)
    goal = TOLERANCE**2 * energy
    while (energy > goal).any():
        product = kernel @ direction
        step = energy / (direction * product).sum(dim=0)
        solution += step * direction
        residual -= step * product
        before, energy = energy, residual.square().sum(dim=0)
        direction = residual + energy / before * direction
    return solution


@pytest.mark.parametrize("way", [within, lapack, gradients])
@pytest.mark.parametrize("multiple", [0.5, 1.0])
@pytest.mark.parametrize("points", POINTS)
def test_solving(points: int, multiple: float, way: Callable[[Tensor, Tensor], Tensor], benchmark: Any) -> None:
    """All ways end at the same coefficients; how long each takes stands side by side in one group."""
    benchmark.group = f"{points} points, bandwidth {multiple} medians"
    kernel, targets = problem(100 if benchmark.disabled else points, multiple)
    found = benchmark.pedantic(way, args=(kernel, targets), rounds=1 if way is gradients else 3)
    torch.testing.assert_close(found, lapack(kernel, targets), rtol=1e-4, atol=1e-5)
