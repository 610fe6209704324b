"""Page's exact test for a rising trend over ordered levels, ties included.

Each seed ranks the levels by its own values; L sums rank times level number over seeds. Under the null hypothesis each
seed's ranks fall on the levels in any order with equal chance. A seed whose values tie permutes its own mid-ranks, so
that the test stays exact; SciPy's exact null assumes no ties, which accuracies near 100 % break.

Source: Page 1963, Ordered hypotheses for multiple treatments, J. Am. Stat. Assoc. 58 (301). Departs from it in
conditioning on the ties.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from memorization_claims.errors import SettingError
from memorization_claims.statistics.samples import FloatArray

FEWEST_LEVELS, MOST_LEVELS = 3, 10


def page_p(values: ArrayLike) -> float:
    """The p-value for rejecting "no level ranks above another" in favour of values that rise with the level.

    Args:
        values: shape (seeds, levels), the levels in rising order, 3 to 10 of them; finite.

    Returns:
        The chance, under the null hypothesis, of an L at least as large as the observed one; in (0, 1].

    Raises:
        SettingError: not of that shape, or not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or not FEWEST_LEVELS <= array.shape[1] <= MOST_LEVELS:
        raise SettingError(f"values have shape {array.shape}: (seeds, {FEWEST_LEVELS} to {MOST_LEVELS} levels)")
    if not np.isfinite(array).all():
        raise SettingError("values to rank must all be finite")
    ranks = doubled_ranks(array)
    return float(tail(tuple(sorted(row)) for row in ranks.tolist())[doubled_l(ranks)])


def doubled_ranks(values: FloatArray) -> NDArray[np.int64]:
    """Twice the mid-rank of each value among the last axis, so that ties stay integers; the shape is kept."""
    less = (values[..., None] > values[..., None, :]).sum(axis=-1)
    equal = (values[..., None] == values[..., None, :]).sum(axis=-1)
    return np.asarray(2 * less + equal + 1, dtype=np.int64)


def doubled_l(ranks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Twice Page's L of doubled ranks of shape (..., seeds, levels); shape (...)."""
    return np.asarray((ranks * np.arange(1, ranks.shape[-1] + 1)).sum(axis=(-2, -1)))


def tail(blocks: Iterable[tuple[int, ...]]) -> FloatArray:
    """The chance of a doubled L of at least 0, 1, 2, ... under the null hypothesis.

    Args:
        blocks: each seed's doubled ranks, sorted.

    Returns:
        Shape (largest doubled L + 1,), falling from 1.
    """
    law = np.ones(1)
    for ranks in blocks:
        law = np.convolve(law, _block_law(ranks))
    return np.minimum(np.cumsum(law[::-1])[::-1], 1.0)


@cache
def _block_law(ranks: tuple[int, ...]) -> FloatArray:
    """The law of one seed's share of the doubled L: fill the levels in turn, over all sets of ranks used so far."""
    top = sum(place * rank for place, rank in enumerate(ranks, start=1))
    ways = np.zeros((2 ** len(ranks), top + 1))
    ways[0, 0] = 1
    for used in range(2 ** len(ranks)):
        place = used.bit_count() + 1
        for index, rank in enumerate(ranks):
            if not used >> index & 1:
                step = place * rank
                ways[used | 1 << index, step:] += ways[used, : top + 1 - step]
    return np.asarray(ways[-1] / math.factorial(len(ranks)))
