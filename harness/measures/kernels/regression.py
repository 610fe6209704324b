"""Kernel regression: the linear system that interpolates, solved directly and in float64.

Cholesky's method is the only one: the condition of a Gaussian kernel matrix grows fast with its bandwidth, so that for
3000 images of MNIST conjugate gradients take 60 times as long at the median distance, and 700 times at four times that
(`harness/benchmarks/test_kernels.py`). It works within the matrix, which together with the distances takes 16 n^2
bytes: 58 GB for all of MNIST.
"""

from __future__ import annotations

import torch
from torch import Tensor

from memorization_claims.errors import UndecidableError

BLOCK = 256
"""Columns that are factorised at a time; it bounds the memory beside the matrix."""
EPSILON = torch.finfo(torch.float64).eps


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Write labels as targets, 1 for the class and 0 for every other, without an offset.

    Args:
        labels: shape (n,), int64 in [0, classes).
        classes: number of classes.

    Returns:
        Shape (n, classes), float64.
    """
    return torch.nn.functional.one_hot(labels, classes).double()


def solve_in_place(kernel: Tensor, targets: Tensor, ridge: float = 0.0) -> Tensor:
    """Solve (K + ridge I) a = y for a symmetric positive definite K by Cholesky's method; K is overwritten.

    Args:
        kernel: K of shape (n, n), float64; only its lower triangle is read.
        targets: shape (n, outputs), float64.
        ridge: added to the diagonal, at least 0; 0 interpolates.

    Returns:
        The coefficients a, of shape (n, outputs), float64.

    Raises:
        UndecidableError: where the matrix is singular to working precision: where what is left of a diagonal entry,
            after all that earlier points explain of it, is within n roundings of zero.

    Source:
        Zhang et al. 2017, equation 3 (ridge 0).
    """
    kernel.diagonal().add_(ridge)
    largest = float(kernel.diagonal().max())
    least = _factorize(kernel)
    if not least > len(kernel) * EPSILON * largest:
        raise UndecidableError(
            f"the kernel matrix of {len(kernel)} points is singular to working precision; "
            "a smaller bandwidth, a ridge above 0, or points of which no two coincide would make it regular"
        )
    half: Tensor = torch.linalg.solve_triangular(kernel, targets, upper=False)
    solution: Tensor = torch.linalg.solve_triangular(kernel.mT, half, upper=True)
    return solution


def _factorize(matrix: Tensor) -> float:
    """Put Cholesky's factor into the lower triangle; the least squared pivot, or 0 where it broke down."""
    for start in range(0, len(matrix), BLOCK):
        stop = min(start + BLOCK, len(matrix))
        panel, corner = matrix[start:, start:stop], matrix[start:stop, start:stop]
        if start:
            panel.addmm_(matrix[start:, :start], matrix[start:stop, :start].mT, alpha=-1)
        factor, broken = torch.linalg.cholesky_ex(corner)
        if broken:
            return 0.0
        corner.copy_(factor)
        if stop < len(matrix):
            below = matrix[stop:, start:stop]
            below.copy_(torch.linalg.solve_triangular(factor.mT, below, upper=True, left=False))
    return float(matrix.diagonal().square().min())


def solve_general(matrix: Tensor, targets: Tensor) -> Tensor:
    """Solve B b = y for a square B that need be neither symmetric nor definite, by elimination with pivots.

    Args:
        matrix: shape (n, n), float64.
        targets: shape (n, outputs), float64.

    Returns:
        Shape (n, outputs), float64.

    Raises:
        UndecidableError: where the matrix is singular to working precision.
    """
    factors, pivots, broken = torch.linalg.lu_factor_ex(matrix)
    sizes = factors.diagonal().abs()
    if broken or not sizes.min() > len(matrix) * EPSILON * sizes.max():
        raise UndecidableError(f"the matrix between {len(matrix)} points and as many centres is singular to precision")
    solution: Tensor = torch.linalg.lu_solve(factors, pivots, targets)
    return solution
