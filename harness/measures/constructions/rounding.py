"""Rounding in float64, from which the tolerances of theorems are derived."""

from __future__ import annotations

import torch

ROUNDING = torch.finfo(torch.float64).eps / 2
"""The unit roundoff u."""


def gamma(operations: int) -> float:
    """Give gamma_k = k u / (1 - k u), the relative error that k roundings can amount to (Higham 2002, section 3.1)."""
    return operations * ROUNDING / (1 - operations * ROUNDING)
