"""The placebo: conditions exchanged at random within each seed, after which nothing that compares them may hold."""

from __future__ import annotations

import numpy as np

from memorization_claims.seed import numpy_generator
from memorization_claims.statistics.samples import Samples


def exchange(samples: Samples, item: str) -> Samples:
    """The samples with their conditions in a random order at every seed.

    Args:
        samples: of at least two conditions.
        item: the claim's id; each claim is given an order of its own.
    """
    values = np.stack(list(samples.values.values()))
    none = np.zeros(len(samples.seeds), dtype=bool)
    censored = np.stack([samples.censored.get(condition, none) for condition in samples.values])
    for column, seed in enumerate(samples.seeds):
        order = numpy_generator(seed, "placebo", item).permutation(len(values))
        values[:, column], censored[:, column] = values[order, column], censored[order, column]
    exchanged = dict(zip(samples.values, values, strict=True))
    marks = dict(zip(samples.values, censored, strict=True))
    return Samples(samples.name, samples.unit, exchanged, samples.seeds, marks)
