"""Counts spread as a binomial distribution says, within a stated ratio."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from memorization_claims.errors import SettingError
from memorization_claims.statistics.counted import checked_margin, contrast, effect_of, look_at
from memorization_claims.statistics.looks import Look
from memorization_claims.statistics.same import within
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import Effect, Verdict


def binomial_dispersion(counts: ArrayLike, trials: int) -> float:
    """The variance of counts over examples, as a ratio to that of a binomial with the same mean.

    Args:
        counts: shape (examples,), at least 2; each in [0, trials], such as how many of `trials` nets misclassify the
            example.
        trials: how often each example was tried, at least 1.

    Returns:
        A number >= 0: 1 is the expectation under Binomial(trials, p) with one p for all examples, more means that
        examples differ. NaN where all counts are 0 or all are `trials`, which leaves nothing to compare.

    Raises:
        SettingError: counts of another shape or range, or no trial.

    Source: the index of dispersion; Cochran 1954, Some methods for strengthening the common chi-square tests,
    Biometrics 10 (4), section 4.
    """
    array = np.asarray(counts, dtype=np.float64)
    if trials < 1:
        raise SettingError(f"trials = {trials}: must be at least 1")
    if array.ndim != 1 or array.size < 2:
        raise SettingError(f"counts have shape {array.shape}: one count for each of at least 2 examples is needed")
    if not ((array >= 0) & (array <= trials)).all():
        raise SettingError(f"counts lie in [{array.min():g}, {array.max():g}]: each must lie in [0, {trials}]")
    share = float(array.mean()) / trials
    if share in (0.0, 1.0):
        return math.nan
    return float(array.var(ddof=1)) / (trials * share * (1 - share))


def fit(dispersion: Samples, a: str, *, margin: float, look: Look | None = None) -> Verdict:
    """Whether a ratio of dispersion is 1 within a stated ratio: an equivalence, so a good fit can be supported.

    It is `same` on the logarithms against 0 within log(margin). A ratio of 0, which has no logarithm, counts for
    neither answer.

    Args:
        dispersion: one ratio for each seed, such as `binomial_dispersion`; at least 11 seeds decide.
        a: a condition.
        margin: the largest ratio that does not count, > 1: 1.25 stands for 1/1.25 to 1.25.
        look: which runs are looked at; by default a single look at all of them.

    Returns:
        As `same`. The effect is the median ratio.

    Raises:
        SettingError: an unknown condition, a margin of 1 or below, or a negative ratio.
    """
    margin = checked_margin(margin, at_least=1.0, included=False)
    used, look = dispersion.only(a), look_at(dispersion, look)
    logs = contrast(used.log(), {a: 1.0}, look)
    limits = (-math.log(margin), math.log(margin))
    effect = effect_of(
        logs, look, name=f"{dispersion.name}: {a}", unit=dispersion.unit, margin=limits[1], claimed=limits
    )
    return within(
        "fit",
        used,
        logs,
        look,
        effect=effect,
        margin=limits[1],
        spread=False,
        limit=f"1/{margin:g} to {margin:g}",
        shown=_as_ratio(effect, margin),
    )


def _as_ratio(effect: Effect, margin: float) -> Effect:
    estimate, low, high = (
        math.exp(log) if log is not None else None for log in (effect.estimate, effect.low, effect.high)
    )
    by_seed = tuple(math.exp(log) for log in effect.by_seed)
    claimed = (1 / margin, margin)
    return replace(effect, estimate=estimate, low=low, high=high, margin=margin, by_seed=by_seed, claimed=claimed)
