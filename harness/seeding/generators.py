"""Random numbers of a seed: generators of one's own, and the global ones for code that draws from nowhere else."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from memorization_claims import seed as streams

if TYPE_CHECKING:
    import numpy as np
    import torch


def numpy_generator(seed: int, *parts: int | str) -> np.random.Generator:
    """A NumPy generator of a seed.

    Args:
        seed: any integer.
        *parts: what tells generators of one seed apart, such as "data" and "noise"; they are independent.
    """
    return streams.numpy_generator(seed, "test", *parts)


def torch_generator(seed: int, *parts: int | str) -> torch.Generator:
    """A torch generator of a seed, on the CPU; arguments as `numpy_generator`."""
    return streams.torch_generator(seed, "test", *parts)


@contextmanager
def global_generators(seed: int, *parts: int | str) -> Iterator[None]:
    """Let Python's, NumPy's and, where it is imported, torch's global generators start at a seed within, and no longer.

    Afterwards they go on as if nothing had been drawn. Of torch's, those of GPUs are seeded too, and not restored.

    Args:
        seed: any integer.
        *parts: as in `numpy_generator`.
    """
    import numpy as np

    number = streams.stream(seed, "test", *parts)
    torch = sys.modules.get("torch")
    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002
    drawn = torch.get_rng_state() if torch else None
    try:
        random.seed(number)
        np.random.seed(number % 2**32)  # noqa: NPY002
        if torch:
            torch.manual_seed(number)
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)  # noqa: NPY002
        if torch:
            torch.set_rng_state(drawn)
