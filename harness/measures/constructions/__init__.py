"""ReLU nets that take any values on any points, built and not trained (Zhang et al. 2017, section 4 and appendix C).

`line` lays the points on a line, `two_layers` builds the net of Theorem 1 on it and `deep` that of Corollary 1.
"""

from memorization_claims.measures.constructions.deep import DeepInterpolant, deep_error_bound, interpolate_deep
from memorization_claims.measures.constructions.two_layers import Interpolant, error_bound, interpolate

__all__ = ["DeepInterpolant", "Interpolant", "deep_error_bound", "error_bound", "interpolate", "interpolate_deep"]
