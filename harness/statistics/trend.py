"""A measure rises, or falls, over ordered levels."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from memorization_claims.errors import SettingError
from memorization_claims.statistics.above import exceeds
from memorization_claims.statistics.page import FEWEST_LEVELS, MOST_LEVELS, page_p
from memorization_claims.statistics.paired import checked_margin, contrast
from memorization_claims.statistics.samples import FloatArray, Samples
from memorization_claims.statistics.verdict import ALPHA, Verdict


def trend(
    samples: Samples,
    levels: Mapping[str, float],
    *,
    margin: float,
    rising: bool = True,
    alpha: float = ALPHA,
) -> Verdict:
    """Whether a measure rises over ordered levels, and by more than a margin per unit of level.

    Support takes two tests, each at alpha: Page's exact test with seeds as blocks, which asks for a rise on the whole
    and not for one at every step, and the sign-flip test of each seed's least-squares slope against the margin.

    Censored values tie in Page's test with those of their seed that are censored alike, which leaves it exact: whatever
    the order of the levels, a budget cuts all of them off.

    Args:
        samples: at least 11 seeds at the default alpha, at most 40.
        levels: for each condition its level, such as the share of corrupted labels; 3 to 10, all different.
        margin: the smallest mean slope that counts, >= 0, in the samples' unit per unit of level.
        rising: False if the claim is that the measure falls; effect and margin then count the fall as positive.
        alpha: the level of either test.

    Returns:
        Supported when both tests reject; refuted when the sign-flip test rejects "the mean slope is at least the
        margin".

    Raises:
        SettingError: an unknown condition, too few or many levels, levels that tie or are not finite, a negative
            margin, more than 40 seeds, alpha outside (0, 0.5).
    """
    margin = checked_margin(margin)
    _check_levels(levels)
    ordered = sorted(levels, key=lambda condition: levels[condition])
    used = samples.only(*ordered)
    sign = 1 if rising else -1
    values = np.stack([used[condition] for condition in ordered], axis=1) * sign
    finite = bool(np.isfinite(values).all())
    weights = sign * least_squares_slopes(np.eye(len(ordered)), [levels[condition] for condition in ordered])
    slopes = contrast(used, dict(zip(ordered, weights.tolist(), strict=True)))
    p_page = page_p(values) if finite else 1.0
    word = "rise" if rising else "fall"
    return exceeds(
        "trend",
        used,
        slopes,
        name=f"{word} in {samples.name}",
        unit=f"{samples.unit} per unit of level".lstrip(),
        margin=margin,
        alpha=alpha,
        subject=f"mean {word}",
        p_also=p_page,
        notes=(f"Page's test of the order: p = {p_page:.2g}",) if finite else (),
    )


def least_squares_slopes(values: FloatArray, levels: ArrayLike) -> FloatArray:
    """The least-squares slope of each row against the levels.

    Args:
        values: shape (..., levels).
        levels: shape (levels,), not all equal.

    Returns:
        Shape (...), in the unit of the values per unit of level; NaN where a value is not finite.
    """
    x = np.asarray(levels, dtype=np.float64)
    x = x - x.mean()
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray((values * x).sum(axis=-1) / (x * x).sum())


def _check_levels(levels: Mapping[str, float]) -> None:
    if not FEWEST_LEVELS <= len(levels) <= MOST_LEVELS:
        raise SettingError(f"{len(levels)} levels: a trend takes {FEWEST_LEVELS} to {MOST_LEVELS}")
    if not all(map(math.isfinite, levels.values())) or len(set(levels.values())) < len(levels):
        raise SettingError(f"levels = {dict(levels)}: must be finite and all different")
