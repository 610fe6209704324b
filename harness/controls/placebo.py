"""The placebo: conditions exchanged at random within each seed, after which nothing that compares them may hold."""

from __future__ import annotations

import numpy as np

from harness.seed import numpy_generator
from harness.statistics.samples import Samples


def exchange(samples: Samples, item: str) -> Samples:
    """The samples with their conditions in a random order at every seed.

    Args:
        samples: of at least two conditions.
        item: the claim's id; each claim is given an order of its own.
    """
    stacked = np.stack(list(samples.values.values()))
    for column, seed in enumerate(samples.seeds):
        stacked[:, column] = numpy_generator(seed, "placebo", item).permutation(stacked[:, column])
    return Samples(samples.name, samples.unit, dict(zip(samples.values, stacked, strict=True)), samples.seeds)
