"""What all kinds of verdict do first and last: look for what forbids a test, size the effect, word the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from memorization_claims.errors import SettingError
from memorization_claims.statistics.samples import FloatArray, Samples
from memorization_claims.statistics.sign_flip import interval, p_mean_below, p_mean_exceeds, seeds_needed
from memorization_claims.statistics.verdict import Effect, Outcome, Verdict

LOWER_BOUNDS = "values are lower bounds, not reached within the budget"
"""How the note on censored values ends."""
_SKEWED = 1.0
# Differences closer than this share of the largest value differ by rounding alone.
_SAME = 1e-12


@dataclass(frozen=True)
class Wording:
    """How a reader is told the outcome: "<subject> 0.31 [0.28, 0.34] <supported>; p = 0.00024"."""

    subject: str
    supported: str
    refuted: str
    undecided: str


@dataclass(frozen=True, eq=False)
class Contrast:
    """A weighted sum of conditions at each seed."""

    values: FloatArray
    """The sum at each seed, (seeds,); NaN where a run diverged. A censored value counts as it stands."""
    low: bool
    """Some value may be less than it seems: a condition that is subtracted is censored."""
    high: bool
    """Some value may be more."""
    notes: tuple[str, ...]
    """What to tell of the censoring."""

    def p_exceeds(self, level: float) -> float:
        """The sign-flip test's p-value against "the mean is at most the level"; 1 where censoring forbids the test."""
        return 1.0 if self.low else p_mean_exceeds(self.values, level)

    def p_below(self, level: float) -> float:
        """The same against "the mean is at least the level"."""
        return 1.0 if self.high else p_mean_below(self.values, level)


def contrast(samples: Samples, weights: Mapping[str, float]) -> Contrast:
    """The weighted sum of some conditions, paired by seed, and what censored values leave open about it."""
    with np.errstate(invalid="ignore", over="ignore"):
        values = np.sum([weight * samples[condition] for condition, weight in weights.items()], axis=0)
    signs = [weights[condition] for condition in samples.censored if condition in weights]
    marked = sum(int(samples.censored[condition].sum()) for condition in samples.censored if condition in weights)
    note = f"{marked} of {len(samples.seeds) * len(weights)} {LOWER_BOUNDS}"
    return Contrast(values, any(w < 0 for w in signs), any(w > 0 for w in signs), (note,) if marked else ())


def obstacle(
    samples: Samples, differences: FloatArray, *, alpha: float, spread: bool = True, sides: int = 1
) -> str | None:
    """Why no test can be run on these samples, or None if it can.

    Args:
        samples: every value that enters the differences, and no other.
        differences: shape (seeds,), what is to be tested.
        alpha: the level of the verdict.
        spread: whether the differences must vary between seeds.
        sides: among how many one-sided tests alpha is split.

    Returns:
        One line for the reader: too few seeds, a value that is not finite, or no spread.
    """
    needed, seeds = seeds_needed(alpha / sides), len(samples.seeds)
    if seeds < needed:
        return f"{needed} seeds are needed to reach alpha = {alpha:g}; there are {seeds}"
    for condition, values in samples.values.items():
        if not np.isfinite(values).all():
            seed = samples.seeds[int(np.isfinite(values).argmin())]
            return f"{condition!r} has no finite value at seed {seed}"
    if not np.isfinite(differences).all():
        seed = samples.seeds[int(np.isfinite(differences).argmin())]
        return f"the effect is not finite at seed {seed}"
    scale = max(float(np.abs(values).max()) for values in samples.values.values())
    if spread and np.ptp(differences) <= _SAME * scale:
        return "no spread: every seed gives the same difference, so the seeds are not independent replications"
    return None


def effect_of(differences: FloatArray, *, name: str, unit: str, margin: float, baseline: float = 0.0) -> Effect | None:
    """The mean with its 95 % sign-flip interval; None if a difference is not finite.

    Args:
        differences: shape (seeds,), in the given unit.
        name: what the numbers are.
        unit: their unit.
        margin: what they are held against.
        baseline: what is subtracted from the mean before it is standardised.
    """
    if not np.isfinite(differences).all():
        return None
    low, high = interval(differences)
    mean = float(differences.mean())
    sd = float(differences.std(ddof=1)) if differences.size > 1 else 0.0
    # A spread of rounding errors would give an absurd ratio.
    standardized = (mean - baseline) / sd if sd > _SAME * float(np.abs(differences).max()) else None
    return Effect(
        name,
        unit,
        mean,
        low if math.isfinite(low) else None,
        high if math.isfinite(high) else None,
        margin,
        standardized,
        tuple(differences.tolist()),
    )


def conclude(
    kind: str,
    samples: Samples,
    effect: Effect | None,
    p_support: float,
    p_refute: float,
    *,
    alpha: float,
    wording: Wording,
    notes: Sequence[str] = (),
) -> Verdict:
    """The verdict that two p-values give, worded."""
    size = f"{wording.subject} {_written(effect)}" if effect else wording.subject
    if p_support <= alpha:
        outcome, because = Outcome.SUPPORTED, f"{size} {wording.supported}; p = {p_support:.2g}"
    elif p_refute <= alpha:
        outcome, because = Outcome.REFUTED, f"{size} {wording.refuted}; p = {p_refute:.2g}"
    else:
        outcome = Outcome.UNDECIDED
        because = f"{size} {wording.undecided}; p = {p_support:.2g} to support, {p_refute:.2g} to refute"
    return Verdict(kind, outcome, because, effect, p_support, p_refute, samples, tuple(notes))


def skew_notes(differences: FloatArray, *, below: bool = False, above: bool = False) -> tuple[str, ...]:
    """A warning when a long tail makes the sign-flip test liberal.

    Args:
        differences: shape (seeds,), finite.
        below: warn of a tail towards low values, which makes "the mean exceeds the level" too easy.
        above: warn of a tail towards high values, which makes "the mean lies below the level" too easy.
    """
    skewness = sample_skewness(differences)
    if (below and skewness < -_SKEWED) or (above and skewness > _SKEWED):
        tail = "low" if skewness < 0 else "high"
        return (
            f"the differences have a tail towards {tail} values (skewness {skewness:.1f}): "
            "the sign-flip test errs more often than alpha on that side",
        )
    return ()


def sample_skewness(differences: FloatArray) -> float:
    """The third standardised moment, m3 / m2^1.5, unadjusted; 0 where there is no spread."""
    centred = differences - differences.mean()
    scale = float(np.abs(centred).max())
    if scale <= _SAME * float(np.abs(differences).max()):
        return 0.0
    centred = centred / scale
    return float((centred**3).mean() / (centred**2).mean() ** 1.5)


def checked_margin(margin: float, *, at_least: float = 0.0, included: bool = True) -> float:
    """The margin as a float.

    Raises:
        SettingError: it is not a finite number beyond the bound.
    """
    if not math.isfinite(margin) or margin < at_least or (margin == at_least and not included):
        sign = ">=" if included else ">"
        raise SettingError(f"margin = {margin!r}: must be a finite number {sign} {at_least:g}")
    return float(margin)


def quantity(value: float, unit: str) -> str:
    """A number as it was given, with its unit."""
    return f"{value:g} {unit}".rstrip()


def _written(effect: Effect) -> str:
    """Estimate and interval, with as many digits as the interval (or else the distance to the margin) gives a sense."""
    numbers = [number for number in (effect.estimate, effect.low, effect.high) if number is not None]
    gap = max(numbers) - min(numbers) or abs(numbers[0] - effect.margin) or 1.0
    decimals = 1 - math.floor(math.log10(gap))
    texts = [f"{number:.{decimals}f}" if 0 <= decimals <= 6 else f"{number:.4g}" for number in numbers]
    return f"{texts[0]} [{texts[1]}, {texts[2]}]" if len(texts) == 3 else texts[0]
