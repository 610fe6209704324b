"""Counts spread as a binomial distribution says, within a stated ratio."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from memorization_claims.errors import SettingError
from memorization_claims.statistics.paired import checked_margin, contrast, effect_of
from memorization_claims.statistics.same import within
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import ALPHA, Effect, Verdict, undecided


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


def fit(dispersion: Samples, a: str, *, margin: float, alpha: float = ALPHA) -> Verdict:
    """Whether a ratio of dispersion is 1 within a stated ratio: an equivalence, so a good fit can be supported.

    It is `same` on the logarithms against 0 within log(margin).

    Args:
        dispersion: one ratio for each seed, such as `binomial_dispersion`; at least 12 seeds at the default alpha, at
            most 40.
        a: a condition.
        margin: the largest ratio that does not count, > 1: 1.25 stands for 1/1.25 to 1.25.
        alpha: the level of the verdict.

    Returns:
        Supported when the geometric mean is shown to lie within 1/margin to margin, refuted when shown to lie outside.
        A ratio of 0, which has no logarithm, makes it undecided. The effect is the geometric mean, a ratio.

    Raises:
        SettingError: an unknown condition, a margin of 1 or below, more than 40 seeds, alpha outside (0, 0.5).
    """
    margin = checked_margin(margin, at_least=1.0, included=False)
    used = dispersion.only(a)
    if (used[a] <= 0).any():
        seed = used.seeds[int((used[a] <= 0).argmax())]
        return undecided("fit", f"{a!r} has a dispersion of 0 at seed {seed}, which has no logarithm", used)
    logs = contrast(used.log(), {a: 1.0})
    effect = effect_of(logs.values, name=f"{dispersion.name}: {a}", unit=dispersion.unit, margin=math.log(margin))
    return within(
        "fit",
        used,
        logs,
        effect=effect and _as_ratio(effect, margin),
        margin=math.log(margin),
        alpha=alpha,
        spread=False,
        subject="geometric mean dispersion",
        limit=f"1/{margin:g} to {margin:g}",
    )


def _as_ratio(effect: Effect, margin: float) -> Effect:
    estimate, low, high = (
        math.exp(log) if log is not None else None for log in (effect.estimate, effect.low, effect.high)
    )
    by_seed = tuple(math.exp(log) for log in effect.by_seed)
    return replace(effect, estimate=estimate, low=low, high=high, margin=margin, by_seed=by_seed)
