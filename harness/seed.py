"""Named random streams: a number of its own for each seed and purpose, so that adding a stream never shifts another.

Nothing here or elsewhere seeds a global generator. Generators live on the CPU, so that every device sees the same
data, initial weights and order; only the noise of dropout and its like is drawn where the nets are.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    import torch

Purpose = Literal[
    "subset", "labels", "pixels", "init", "order", "noise", "augmentation", "adversary", "measure", "placebo", "test"
]


def stream(seed: int, purpose: Purpose, *parts: int | str) -> int:
    """The number that seeds one stream: the first 63 bits of a SHA-256 over its name.

    Args:
        seed: the run's seed, any integer.
        purpose: what the stream is drawn for.
        *parts: what tells streams of one purpose apart, such as the index of a net within the run.

    Returns:
        An integer in [0, 2^63).
    """
    name = "/".join(map(str, (seed, purpose, *parts)))
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


def torch_generator(seed: int, purpose: Purpose, *parts: int | str) -> torch.Generator:
    """A torch generator on the CPU at the start of the stream."""
    import torch

    return torch.Generator().manual_seed(stream(seed, purpose, *parts))


def numpy_generator(seed: int, purpose: Purpose, *parts: int | str) -> np.random.Generator:
    """A NumPy generator at the start of the stream."""
    import numpy as np

    return np.random.default_rng(stream(seed, purpose, *parts))
