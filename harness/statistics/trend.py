"""A measure rises, or falls, over ordered levels."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from memorization_claims.errors import SettingError
from memorization_claims.statistics.above import exceeds
from memorization_claims.statistics.counted import checked_margin, contrast, look_at
from memorization_claims.statistics.looks import Look
from memorization_claims.statistics.samples import BoolArray, FloatArray, Samples
from memorization_claims.statistics.verdict import Verdict

FEWEST_LEVELS = 3


def trend(
    samples: Samples,
    levels: Mapping[str, float],
    *,
    margin: float,
    rising: bool = True,
    look: Look | None = None,
) -> Verdict:
    """Whether a measure rises over ordered levels, by more than a margin per unit of level, in more runs than not.

    A run shows it when its least-squares slope exceeds the margin and its values rise in their order too: their ranks
    correlate with those of the levels. That asks for a rise on the whole, and not for one at every step.

    Args:
        samples: paired by seed; at least 11 seeds decide.
        levels: for each condition its level, such as the share of corrupted labels; 3 or more, all different.
        margin: the smallest slope that counts, >= 0, in the samples' unit per unit of level.
        rising: False if the claim is that the measure falls; effect and margin then count the fall as positive.
        look: which runs are looked at; by default a single look at all of them.

    Returns:
        Supported when so many runs show it, refuted when so many have slopes short of the margin, that the opposite is
        rejected at alpha = 0.0005; never both. A run with such a slope and no such order counts for neither.

    Raises:
        SettingError: an unknown condition, too few levels, levels that tie or are not finite, or a negative margin.

    Source: Spearman 1904, Am. J. Psychol. 15 (1), for the correlation of ranks.
    """
    margin = checked_margin(margin)
    _check_levels(levels)
    used, look = samples.only(*sorted(levels, key=lambda condition: levels[condition])), look_at(samples, look)
    weights = least_squares_slopes(np.eye(len(levels)), [levels[condition] for condition in used.values])
    slopes = contrast(used, dict(zip(used.values, (weights if rising else -weights).tolist(), strict=True)), look)
    order = sorted(levels, key=lambda condition: levels[condition], reverse=not rising)
    none = np.zeros(len(used.seeds), dtype=bool)
    ordered = in_order(used.stack(*order), np.stack([used.censored.get(each, none) for each in order], axis=1))
    stray = int((slopes.above(margin) & ~ordered).sum())
    name = "rise" if rising else "fall"
    return exceeds(
        "trend",
        used,
        slopes,
        look,
        name=f"{name} in {samples.name}",
        unit=f"{samples.unit} per unit of level".lstrip(),
        margin=margin,
        also=ordered,
        notes=(f"{stray} runs {name} beyond the margin and out of order: they count for neither",) if stray else (),
    )


def in_order(values: FloatArray, censored: BoolArray) -> BoolArray:
    """Whether the ranks of values correlate with their places, whatever lies behind censored ones.

    Args:
        values: shape (..., levels), in the order in which they should rise; ties have the mean of their ranks.
        censored: which of them are lower bounds, in a shape that is broadcast to that of the values.

    Returns:
        Shape (...), bool: a rank correlation above 0.
    """
    places = np.arange(values.shape[-1])
    with np.errstate(invalid="ignore"):
        rises = np.nan_to_num(np.sign(values[..., :, None] - values[..., None, :]))
    rises = np.where(censored[..., None, :], -1, rises)
    # The covariance of ranks with places, but for a constant: each pair by whether it rises and how far it is apart.
    return np.asarray((rises * np.maximum(places[:, None] - places, 0)).sum(axis=(-2, -1)) > 0)


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
    if len(levels) < FEWEST_LEVELS:
        raise SettingError(f"{len(levels)} levels: a trend takes {FEWEST_LEVELS} or more")
    if not all(map(math.isfinite, levels.values())) or len(set(levels.values())) < len(levels):
        raise SettingError(f"levels = {dict(levels)}: must be finite and all different")
