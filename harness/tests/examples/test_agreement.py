"""Two implementations that must agree: a randomised decomposition and the exact one, where a fault ends too early."""

import numpy as np

from memorization_claims import numpy_generator, seeded

ROWS, COLUMNS, RANK = 80, 60, 5


def captured(seed: int, powers: int) -> dict[str, float]:
    """The share of a matrix that its first five directions hold, by either way."""
    generator = numpy_generator(seed)
    scales = np.r_[np.linspace(3, 2, RANK), np.full(COLUMNS - RANK, 1.0)]
    matrix = generator.normal(size=(ROWS, COLUMNS)) * scales
    whole = float((matrix**2).sum())
    exact = float((np.linalg.svd(matrix, compute_uv=False)[:RANK] ** 2).sum()) / whole
    basis = matrix @ generator.normal(size=(COLUMNS, RANK))
    for _ in range(powers):
        basis = matrix @ (matrix.T @ np.linalg.qr(basis)[0])
    basis = np.linalg.qr(basis)[0]
    return {"randomised": float(((basis.T @ matrix) ** 2).sum()) / whole, "exact": exact}


def iterates_twice(seed: int) -> dict[str, float]:
    """The fault: two power iterations instead of four."""
    return captured(seed, 2)


@seeded(same=("randomised", "exact"), margin=0.016, because="the documentation says so", broken=[iterates_twice])
def test_both_hold_as_much(seed: int) -> dict[str, float]:
    """The randomised decomposition holds as much as the exact one."""
    return captured(seed, 4)
