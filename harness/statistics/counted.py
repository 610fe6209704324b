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
NO_SPREAD = "no spread: every seed gives the same difference, so the seeds are not independent replications"
SAME = 1e-12
"""Numbers closer than this share of the largest that they were made from differ by rounding alone."""


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
    rounding: FloatArray
    """By how much it may differ from what it is without rounding, (seeds,)."""
    less: BoolArray
    """Where it may be less than it seems: a condition that is subtracted is censored."""
    more: BoolArray
    """Where it may be more."""
    seen: BoolArray
    """Where every positive control is seen; a run that says that nothing is there counts only there."""
    notes: tuple[str, ...]
    """What to tell of the censoring."""

    def above(self, level: float) -> BoolArray:
        """Which runs are known to lie above a level; what lies on it but for rounding does not."""
        return (self.values > level + self._near(level)) & ~self.less

    def below(self, level: float) -> BoolArray:
        """Which runs are known to lie below a level; what lies on it but for rounding does not."""
        return (self.values < level - self._near(level)) & ~self.more

    def _near(self, level: float) -> FloatArray:
        return np.maximum(self.rounding, SAME * abs(level))


def contrast(samples: Samples, weights: Mapping[str, float], look: Look) -> Contrast:
    """The weighted sum of some conditions, paired by seed, and what censored values leave open about it."""
    with np.errstate(invalid="ignore", over="ignore"):
        terms = np.stack([weight * samples[condition] for condition, weight in weights.items()])
        values, rounding = terms.sum(axis=0), SAME * np.nan_to_num(np.abs(terms), posinf=0.0).max(axis=0)
    values = np.where(np.isfinite(values) & ~np.isin(samples.seeds, list(look.unfit)), values, np.nan)
    less, more = np.zeros((2, len(samples.seeds)), dtype=bool)
    for condition, marks in samples.censored.items():
        if weight := weights.get(condition, 0.0):
            (less if weight < 0 else more)[marks] = True
    marked = sum(int(samples.censored[condition].sum()) for condition in samples.censored if condition in weights)
    note = f"{marked} of {len(samples.seeds) * len(weights)} {LOWER_BOUNDS}"
    seen = ~np.isin(samples.seeds, list(look.unseen or ()))
    return Contrast(values, rounding, less, more, seen, (note,) if marked else ())


def look_at(samples: Samples, look: Look | None) -> Look:
    """The look that was given, or a single one at all the seeds that there are."""
    return look or Look(one_look(len(samples.seeds)))


def all_the_same(samples: Samples, values: FloatArray) -> bool:
    """Whether the effects do not vary between seeds, of which two or more count, but for rounding.

    Args:
        samples: every value that enters the effect, and no other.
        values: shape (seeds,), the effect of each run; NaN for one that does not count.
    """
    counted = values[np.isfinite(values)]
    scale = max(float(np.nan_to_num(np.abs(each), posinf=0.0).max()) for each in samples.values.values())
    return counted.size > 1 and bool(np.ptp(counted) <= SAME * scale)


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
    spread = estimate is not None and sd > SAME * float(np.abs(counted).max())
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
    ends: int = 1,
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
        ends: of the margin that were counted apart for `short`, the larger count.
        shown: the same effect as readers are to see it, where that is on another scale.
    """
    shown, last = shown or effect, look.schedule.looks[-1]
    if look.schedule.needed[-1] > last:
        reason = f"{last} runs decide nothing at this level, even where all agree; at alpha = 0.0005, 11 do"
        return undecided(kind, reason, samples, shown)
    effects = np.array(effect.by_seed)
    alike = spread and all_the_same(samples, effects)
    # Where nothing sets conditions apart, no other seed will.
    hopeless = alike and all_the_same(samples, np.append(effects, 0.0))
    outcome = Outcome.UNDECIDED
    if beyond >= look.needed and not alike:
        outcome = Outcome.SUPPORTED
    elif short >= look.needed and not alike:
        outcome = Outcome.REFUTED
    goes_on = outcome is Outcome.UNDECIDED and not hopeless and look.goes_on(max(beyond, short))
    more = look.next.runs if goes_on else None
    if alike and more is None:
        return undecided(kind, NO_SPREAD, samples, shown)
    again = look.replicates(outcome, beyond, short, _distance(effect, look, outcome))
    seen = None if look.unseen is None else int((~np.isin(samples.seeds, list(look.unseen))).sum())
    count = Count(look.runs, beyond, short, look.needed, more, again, seen)
    p_support, p_refute = look.p_value(beyond), min(1.0, ends * look.p_value(short))
    said = {
        Outcome.SUPPORTED: f"{beyond} {wording.beyond} {wording.limit}",
        Outcome.REFUTED: f"{short} {wording.short} {wording.limit}",
        Outcome.UNDECIDED: f"{beyond} {wording.beyond} {wording.limit} and {short} {wording.short} it",
    }[outcome]
    because = f"{look.runs} runs, {said} ({look.needed} decide); median {_written(shown)}"
    if outcome is not Outcome.UNDECIDED:
        because += f"; p = {min(p_support, p_refute):.2g}"
    if alike:
        because = f"{NO_SPREAD}; {because}"
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
    rounding = np.maximum(found.rounding, SAME * abs(offset))
    return replace(found, values=found.values - offset, rounding=rounding)


def _distance(effect: Effect, look: Look, outcome: Outcome) -> float | None:
    """How far the effects lie from what they are held against, in standard deviations.

    None where that says nothing of a fresh run: of effects that repeat themselves, as saturated measures do, and where
    the answer rests on a positive control as well.
    """
    values = np.array(effect.by_seed)
    values = values[np.isfinite(values)]
    if not effect.claimed or values.size < 2:
        return None
    distinct = 1 + int((np.diff(np.sort(values)) > SAME * np.abs(values).max()).sum())
    if 2 * distinct <= values.size:
        return None
    nothing = Outcome.REFUTED if math.isinf(effect.claimed[1]) else Outcome.SUPPORTED
    return None if look.unseen is not None and outcome is nothing else distance(values, effect.claimed)


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
