"""Generated cases of theorems: draw what the theorem speaks of, carry out its construction, and give the error.

Each function takes a generator and returns the error of one case beside the error that rounding allows there.
"""

from memorization_claims.measures.theorems.expressivity import (
    deep_interpolation,
    interpolation,
    least_eigenvalue,
    triangularity,
)
from memorization_claims.measures.theorems.linear import degeneracy, least_squares, same_curvature
from memorization_claims.measures.theorems.zero_gradient import zero_gradient

__all__ = [
    "deep_interpolation",
    "degeneracy",
    "interpolation",
    "least_eigenvalue",
    "least_squares",
    "same_curvature",
    "triangularity",
    "zero_gradient",
]
