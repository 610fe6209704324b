"""The exact sign-flip test of a mean, and the interval that inverts it.

Under the null hypothesis each seed's difference is distributed symmetrically about the level, which holds when the two
arms are exchangeable; every assignment of signs to (difference - level) is then equally likely. No other assumption is
made about the distribution. Where the differences have a long tail, the test is liberal on the other side: long to
the left, it rejects "the mean is at most the level" too often.

Source: Fisher 1935, The Design of Experiments, section 21; Pitman 1937, Significance tests which may be applied to
samples from any populations, J. R. Stat. Soc. Suppl. 4; Hartigan 1969, Using subsample values as typical values,
J. Am. Stat. Assoc. 64 (328), for the interval. Meet in the middle: Horowitz and Sahni 1974, J. ACM 21 (2).
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from memorization_claims.errors import SettingError
from memorization_claims.statistics.samples import FloatArray

MOST_SEEDS = 40
"""Beyond this the subset sums of half the seeds no longer fit in a few megabytes."""
MOST_SEEDS_IN_BATCH = 16
"""The batched path writes out all subset sums of each row."""
_MOST_SEEDS_WRITTEN_OUT = 20
# Sums that differ by less than this share of the data's scale are ties: rounding must never make a p-value smaller.
_TIE = 1e-12


def p_mean_exceeds(differences: ArrayLike, level: float) -> float:
    """The p-value for rejecting "the mean is at most the level".

    It is the share of the 2^n sign assignments of (difference - level) whose sum is at least the observed one, the
    identity included; which is the share of subsets whose sum is at most 0, the empty one included.

    Args:
        differences: shape (seeds,), 1 to 40 finite numbers.
        level: in the unit of the differences.

    Returns:
        A number in [2^-n, 1], exact; sums that tie but for rounding count against rejection.

    Raises:
        SettingError: the differences are not 1 to 40 finite numbers, or the level is not finite.
    """
    d = _checked(differences, level)
    half = d.size // 2
    first = np.sort(_subset_sums(d[:half] - level))
    second = np.sort(_subset_sums(d[half:] - level))
    # Queries in falling order walk the sorted sums without cache misses.
    pairs = np.searchsorted(first, _tie(d, level) - second, side="right").sum(dtype=np.int64)
    return float(pairs) / 2.0**d.size


def p_mean_below(differences: ArrayLike, level: float) -> float:
    """The p-value for rejecting "the mean is at least the level"; see `p_mean_exceeds`."""
    return p_mean_exceeds(-_checked(differences, level), -level)


def p_mean_exceeds_each(differences: ArrayLike, level: float) -> FloatArray:
    """`p_mean_exceeds` of many sets of differences at once, for simulations.

    Args:
        differences: shape (sets, seeds), finite, at most 16 seeds.
        level: in the unit of the differences.

    Returns:
        Shape (sets,), float64, each in [2^-n, 1].

    Raises:
        SettingError: not of that shape.
    """
    d = np.asarray(differences, dtype=np.float64)
    if d.ndim != 2 or not 1 <= d.shape[1] <= MOST_SEEDS_IN_BATCH:
        raise SettingError(f"differences have shape {d.shape}: (sets, 1 to {MOST_SEEDS_IN_BATCH} seeds) is needed")
    seeds = d.shape[1]
    member = (np.arange(2**seeds) >> np.arange(seeds)[:, None] & 1).astype(np.float64)
    rows = max(1, 2**22 >> seeds)
    counts = [
        ((part - level) @ member <= _tie(part, level)[:, None]).sum(axis=1)
        for part in np.split(d, range(rows, len(d), rows))
    ]
    return np.asarray(np.concatenate(counts) / 2.0**seeds)


def seeds_needed(alpha: float) -> int:
    """The fewest seeds whose smallest p-value, 2^-n, is at most alpha: 11 for 0.0005.

    Raises:
        SettingError: alpha lies outside (0, 0.5), where a claim could be supported and refuted at once.
    """
    if not 0 < alpha < 0.5:
        raise SettingError(f"alpha = {alpha!r}: must lie between 0 and 0.5, both excluded")
    return math.ceil(-math.log2(alpha))


def interval(differences: ArrayLike, confidence: float = 0.95) -> tuple[float, float]:
    """The levels that neither one-sided test rejects at (1 - confidence) / 2.

    The ends are order statistics of the means of all non-empty subsets; with k = floor(2^n (1 - confidence) / 2), the
    k-th smallest and the k-th largest. They are exact up to 20 seeds; beyond that they are bracketed to a millionth of
    the range and rounded outwards.

    Args:
        differences: shape (seeds,), 1 to 40 finite numbers.
        confidence: the coverage, in (0, 1); it holds for differences symmetric about their mean.

    Returns:
        The two ends in the unit of the differences; infinite where the seeds are too few, below 6 at 95 %.

    Raises:
        SettingError: as `p_mean_exceeds`, or the confidence lies outside (0, 1).
    """
    d = _checked(differences, 0.0)
    if not 0 < confidence < 1:
        raise SettingError(f"confidence = {confidence!r}: must lie between 0 and 1, both excluded")
    tail = (1 - confidence) / 2
    # Centred, so that a large common offset costs no digits.
    centre = float(d.mean())
    return centre + _lower_end(d - centre, tail), centre - _lower_end(centre - d, tail)


def _lower_end(d: FloatArray, tail: float) -> float:
    rank = math.floor(2**d.size * tail)
    if rank < 1:
        return -math.inf
    if d.size <= _MOST_SEEDS_WRITTEN_OUT:
        means = _subset_sums(d)[1:] / _subset_sums(np.ones_like(d))[1:]
        return float(np.partition(means, rank - 1)[rank - 1])
    return _last_rejected(d, tail)


def _last_rejected(d: FloatArray, tail: float) -> float:
    """The highest level that is rejected at `tail`, to a millionth of the range, by the Illinois method.

    It looks for the level in normal deviates of the p-value, which are nearly linear in it: a third of the steps that
    halving takes.
    """
    deviate = NormalDist().inv_cdf
    rejected, kept, precision = float(d.min()), float(d.mean()), 1e-6 * float(np.ptp(d))
    below, above = deviate(2.0**-d.size) - deviate(tail), -deviate(tail)
    last = 0
    while kept - rejected > precision:
        level = kept - (kept - rejected) * above / (above - below)
        # Never so near to an end that the other one would stay where it is.
        level = min(max(level, rejected + precision / 2), kept - precision / 2)
        p = p_mean_exceeds(d, level)
        if p <= tail:
            rejected, below = level, deviate(p) - deviate(tail)
            above, last = above / 2 if last < 0 else above, -1
        else:
            kept, above = level, deviate(min(p, 0.9)) - deviate(tail)
            below, last = below / 2 if last > 0 else below, 1
    return rejected


def _subset_sums(d: FloatArray) -> FloatArray:
    sums = np.zeros(1)
    for value in d:
        sums = np.concatenate([sums, sums + value])
    return sums


def _tie(d: FloatArray, level: float) -> FloatArray:
    return np.asarray(_TIE * (np.abs(d) + abs(level)).sum(axis=-1))


def _checked(differences: ArrayLike, level: float) -> FloatArray:
    d = np.asarray(differences, dtype=np.float64)
    if d.ndim != 1 or not 1 <= d.size <= MOST_SEEDS:
        raise SettingError(f"differences have shape {d.shape}: the exact test takes 1 to {MOST_SEEDS} seeds")
    if not (np.isfinite(d).all() and math.isfinite(level)):
        raise SettingError(f"differences {d.tolist()} against level {level!r}: all must be finite")
    return d
