"""Padding of the tensors of a stack of nets, by which every net's matrices begin on the same boundary in memory."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import pad

BOUNDARY = 16
"""Sizes are padded to multiples of this: 64 bytes of float32, the widest boundary that a CPU's vectors know."""


def padded(values: Tensor, dims: int, value: float = 0.0) -> Tensor:
    """Zeros, or another value, after the last `dims` dimensions, up to the next boundary."""
    margins = [margin for size in reversed(values.shape[-dims:]) for margin in (0, -size % BOUNDARY)]
    return pad(values, margins, value=value) if any(margins) else values
