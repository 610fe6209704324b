"""A theorem holds in every case, within the error that floating point allows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from memorization_claims.errors import SettingError
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import Effect, Outcome, Verdict


def exact(errors: Samples, a: str, *, tolerance: ArrayLike) -> Verdict:
    """Whether every case's numerical error is within its own tolerance. No test, no p-value: one exception refutes.

    Args:
        errors: for each case a number >= 0; the cases stand where the seeds stand elsewhere, any number of them. An
            error that is not finite exceeds every tolerance.
        a: a condition.
        tolerance: shape () or (cases,), > 0, in the unit of the errors: what rounding can amount to in that case,
            derived from its conditioning.

    Returns:
        Supported when no error exceeds its tolerance, else refuted with the worst case named. The effect is the worst
        ratio of error to tolerance.

    Raises:
        SettingError: an unknown condition, a negative error, a tolerance that is not positive and finite or not one
            for each case.
    """
    used = errors.only(a)
    values, limits = used[a], _tolerances(tolerance, len(errors.seeds))
    if (values < 0).any():
        raise SettingError(f"errors of {a!r} reach {np.nanmin(values):g}: an error is never negative")
    ratios = np.where(np.isfinite(values), values, np.inf) / limits
    worst = int(ratios.argmax())
    ratio = float(ratios[worst])
    effect = Effect(
        f"{errors.name}: {a}, worst case",
        "of tolerance",
        ratio if math.isfinite(ratio) else None,
        None,
        None,
        1.0,
        None,
        claimed=(-math.inf, 1.0),
    )
    case = f"error {values[worst]:.3g} against tolerance {limits[worst]:.3g} at seed {errors.seeds[worst]}"
    if ratio <= 1:
        because = f"all {values.size} errors are within tolerance; the largest is {case}"
        return Verdict("exact", Outcome.SUPPORTED, because, effect, None, None, used)
    beyond = int((ratios > 1).sum())
    because = f"{beyond} of {values.size} errors exceed their tolerance; the worst is {case}"
    return Verdict("exact", Outcome.REFUTED, because, effect, None, None, used)


def _tolerances(tolerance: ArrayLike, cases: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    array = np.asarray(tolerance, dtype=np.float64)
    if array.shape not in ((), (cases,)):
        raise SettingError(f"tolerance has shape {array.shape}: must be one number, or one for each of {cases} cases")
    if not (np.isfinite(array) & (array > 0)).all():
        raise SettingError("every tolerance must be positive and finite")
    return np.broadcast_to(array, (cases,))
