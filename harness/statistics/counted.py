"""What all kinds of verdict do: ask of each run whether it shows what is claimed, count, size the effect, word it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from memorization_claims.errors import SettingError
from memorization_claims.statistics.looks import Look, one_look
from memorization_claims.statistics.samples import BoolArray, FloatArray, Samples
from memorization_claims.statistics.scatter import distance
from memorization_claims.statistics.verdict import Count, Effect, Outcome, Verdict, undecided

LOWER_BOUNDS = "values are lower bounds, not reached within the budget"
"""How the note on censored values ends."""
# Differences closer than this share of the largest value differ by rounding alone.
_SAME = 1e-12


@dataclass(frozen=True)
class Wording:
    """How a reader is told of the runs for either answer: "24 runs, 23 <beyond> <the margin 0.3>"."""

    limit: str
    """What they are held against."""
    beyond: str = "beyond"
    """Where those lie that show what is claimed."""
    short: str = "short of"
    """Where those lie that show the opposite."""


@dataclass(frozen=True, eq=False)
class Contrast:
    """A weighted sum of conditions at each seed."""

    values: FloatArray
    """The sum at each seed, (seeds,); NaN where a run does not count. A censored value stands as it is."""
    less: BoolArray
    """Where it may be less than it seems: a condition that is subtracted is censored."""
    more: BoolArray
    """Where it may be more."""
    notes: tuple[str, ...]
    """What to tell of the censoring."""

    def above(self, level: float) -> BoolArray:
        """Which runs are known to lie above a level."""
        return (self.values > level) & ~self.less

    def below(self, level: float) -> BoolArray:
        """Which runs are known to lie below a level."""
        return (self.values < level) & ~self.more


def contrast(samples: Samples, weights: Mapping[str, float], look: Look) -> Contrast:
    """The weighted sum of some conditions, paired by seed, and what censored values leave open about it."""
    with np.errstate(invalid="ignore", over="ignore"):
        values = np.sum([weight * samples[condition] for condition, weight in weights.items()], axis=0)
    values = np.where(np.isfinite(values) & ~np.isin(samples.seeds, list(look.unfit)), values, np.nan)
    less, more = np.zeros((2, len(samples.seeds)), dtype=bool)
    for condition, marks in samples.censored.items():
        if weight := weights.get(condition, 0.0):
            (less if weight < 0 else more)[marks] = True
    marked = sum(int(samples.censored[condition].sum()) for condition in samples.censored if condition in weights)
    note = f"{marked} of {len(samples.seeds) * len(weights)} {LOWER_BOUNDS}"
    return Contrast(values, less, more, (note,) if marked else ())


def look_at(samples: Samples, look: Look | None) -> Look:
    """The look that was given, or a single one at all the seeds that there are."""
    return look or Look(one_look(len(samples.seeds)))


def obstacle(samples: Samples, values: FloatArray, look: Look, *, spread: bool = True) -> str | None:
    """Why nothing can be concluded from these samples, or None if it can.

    Args:
        samples: every value that enters the effect, and no other.
        values: shape (seeds,), the effect of each run; NaN for one that does not count.
        look: which runs are looked at.
        spread: whether the effects must vary between seeds.

    Returns:
        One line for the reader: too few runs, or no spread.
    """
    last = look.schedule.looks[-1]
    if look.schedule.needed[-1] > last:
        return f"{last} runs decide nothing at this level, even where all agree; at alpha = 0.0005, 11 do"
    counted = values[np.isfinite(values)]
    scale = max(float(np.nan_to_num(np.abs(each), posinf=0.0).max()) for each in samples.values.values())
    if spread and counted.size > 1 and np.ptp(counted) <= _SAME * scale:
        return "no spread: every seed gives the same difference, so the seeds are not independent replications"
    return None


def effect_of(
    found: Contrast,
    look: Look,
    *,
    name: str,
    unit: str,
    margin: float,
    claimed: tuple[float, float],
    baseline: float = 0.0,
) -> Effect:
    """The median with its interval of 95 %, whichever look it is read at.

    Args:
        found: the effects, in the given unit.
        look: which runs are looked at.
        name: what the numbers are.
        unit: their unit.
        margin: what they are held against.
        claimed: the ends of what the claim says that they are.
        baseline: what is subtracted from the median before it is standardised.
    """
    counted = found.values[np.isfinite(found.values)]
    estimate = float(np.median(counted)) if counted.size else None
    sd = float(counted.std(ddof=1)) if counted.size > 1 else 0.0
    low, high = interval(found, look)
    # A spread of rounding errors would give an absurd ratio.
    spread = estimate is not None and sd > _SAME * float(np.abs(counted).max())
    return Effect(
        name,
        unit,
        estimate,
        low,
        high,
        margin,
        (estimate - baseline) / sd if spread and estimate is not None else None,
        tuple(found.values.tolist()),
        claimed,
    )


def interval(found: Contrast, look: Look) -> tuple[float | None, float | None]:
    """The order statistics that hold the median of a run between them.

    Args:
        found: the effects. One that does not count, or is missing, may have lain on either side; a censored one lies
            anywhere beyond where it ends.
        look: which runs are looked at.

    Returns:
        The ends; None for one that so many runs do not bound.
    """
    missing = look.runs - found.values.size
    unknown, rank = np.isnan(found.values), look.rank - missing
    if rank < 1:
        return None, None
    low = float(np.sort(np.where(unknown | found.less, -np.inf, found.values))[rank - 1])
    high = float(np.sort(np.where(unknown | found.more, np.inf, found.values))[-rank])
    return low if math.isfinite(low) else None, high if math.isfinite(high) else None


def conclude(
    kind: str,
    samples: Samples,
    look: Look,
    effect: Effect,
    beyond: int,
    short: int,
    *,
    wording: Wording,
    notes: Sequence[str] = (),
    spread: bool = True,
    shown: Effect | None = None,
) -> Verdict:
    """The verdict that two counts give, worded.

    Args:
        kind: the procedure's name.
        samples: what was counted.
        look: which runs are looked at.
        effect: the size of what was counted, as it was counted.
        beyond: the runs that show what is claimed.
        short: those that show the opposite.
        wording: where the ones and the others lie.
        notes: what to say beside the verdict.
        spread: whether the effects must vary between seeds.
        shown: the same effect as readers are to see it, where that is on another scale.
    """
    shown = shown or effect
    if reason := obstacle(samples, np.array(effect.by_seed), look, spread=spread):
        return undecided(kind, reason, samples, shown)
    outcome = Outcome.UNDECIDED
    if beyond >= look.needed:
        outcome = Outcome.SUPPORTED
    elif short >= look.needed:
        outcome = Outcome.REFUTED
    more = look.next.runs if outcome is Outcome.UNDECIDED and look.goes_on(max(beyond, short)) else None
    again = look.replicates(outcome, beyond, short, _distance(effect))
    count = Count(look.runs, beyond, short, look.needed, more, again)
    p_support, p_refute = look.p_value(beyond), look.p_value(short)
    said = {
        Outcome.SUPPORTED: f"{beyond} {wording.beyond} {wording.limit}",
        Outcome.REFUTED: f"{short} {wording.short} {wording.limit}",
        Outcome.UNDECIDED: f"{beyond} {wording.beyond} {wording.limit} and {short} {wording.short} it",
    }[outcome]
    because = f"{look.runs} runs, {said} ({look.needed} decide); median {_written(shown)}"
    if outcome is not Outcome.UNDECIDED:
        because += f"; p = {min(p_support, p_refute):.2g}"
    return Verdict(kind, outcome, because, shown, p_support, p_refute, samples, tuple(notes), count)


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


def shifted(found: Contrast, offset: float) -> Contrast:
    """The same less a constant."""
    return replace(found, values=found.values - offset)


def _distance(effect: Effect) -> float | None:
    """How far the effects lie from what they are held against, in standard deviations; None of a single run."""
    values = np.array(effect.by_seed)
    values = values[np.isfinite(values)]
    return distance(values, effect.claimed) if effect.claimed and values.size > 1 else None


def _written(effect: Effect) -> str:
    """Estimate and interval, with as many digits as the interval (or else the distance to the margin) gives a sense."""
    numbers = [number for number in (effect.estimate, effect.low, effect.high) if number is not None]
    if not numbers:
        return "unknown"
    gap = max(numbers) - min(numbers) or abs(numbers[0] - effect.margin) or 1.0
    decimals = 1 - math.floor(math.log10(gap))
    form = f".{decimals}f" if 0 <= decimals <= 6 else ".4g"
    middle, low, high = (
        "open" if end is None else f"{end:{form}}" for end in (effect.estimate, effect.low, effect.high)
    )
    return f"{middle} [{low}, {high}]" if len(numbers) > 1 else middle
