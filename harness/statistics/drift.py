"""An effect measured by two versions of what trains: whether it is the same, and what counts as the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from memorization_claims.statistics.counted import LOWER_BOUNDS, SAME, Wording, conclude, contrast, effect_of, quantity
from memorization_claims.statistics.looks import Look, one_look
from memorization_claims.statistics.samples import FloatArray, Samples
from memorization_claims.statistics.verdict import Outcome, Verdict, undecided

SHARE = 0.5
"""The share of the distance from an effect to where its verdict turns that a change may take without counting."""


@dataclass(frozen=True)
class Measured:
    """The effect of one claim as one version gave it."""

    kind: str
    """The procedure that judged it; nothing can be told for `exact`, whose cases are no replications."""
    estimate: float
    """The median over seeds."""
    margin: float
    """The margin or level of the claim, in the same unit."""
    by_seed: Mapping[int, float]
    """The effect at each seed; NaN for a run that does not count."""
    notes: Sequence[str] = ()
    """The notes of its verdict."""


def drift(before: Measured, after: Measured, *, unit: str = "") -> Verdict:
    """Whether an effect is the same in a later version, within what `tolerance` allows of the earlier one.

    Runs are counted, as in `same`. If the tolerance is half the distance to where the verdict turns, each seed's own
    distance is asked about, so estimating it does not raise the error rate. Versions that share seeds are paired by
    seed. If no seed is shared, runs are paired in their order: independent runs pair in any order.

    Args:
        before: the effect in the earlier version; its estimate and margin decide what counts as the same.
        after: the effect in the later version.
        unit: the unit of both.

    Returns:
        Supported when the change is shown to lie within the tolerance in more runs than not, or when no number changed;
        refuted when shown to lie outside on one side; undecided when neither, with too few seeds, or where some values
        are lower bounds. The effect is the median of after - before; for `fit`, of the logarithm of their ratio.
    """
    earlier, later = _comparable(before), _comparable(after)
    seeds, shared = _paired(earlier, later)
    values = {"before": [earlier[seed] for seed, _ in seeds], "after": [later[seed] for _, seed in seeds]}
    samples = Samples("effect", unit, values, tuple(seed for seed, _ in seeds))  # type: ignore[arg-type]
    margin, look = tolerance(before), Look(one_look(len(seeds)))
    change, claimed = contrast(samples, {"after": 1.0, "before": -1.0}, look), (-margin, margin)
    effect = effect_of(change, look, name="effect: after - before", unit=unit, margin=margin, claimed=claimed)
    # Not by ==, to which a run that counts in neither version would be a change.
    if earlier.keys() == later.keys() and np.array_equal(samples["before"], samples["after"], equal_nan=True):
        because = f"the same numbers at all {len(seeds)} seeds"
        return Verdict("drift", Outcome.SUPPORTED, because, effect, None, None, samples)
    if any(note.endswith(LOWER_BOUNDS) for note in (*before.notes, *after.notes)):
        return undecided("drift", f"how far it changed is not known: some {LOWER_BOUNDS}", samples, effect)
    within, near = _within(before, samples), SAME * np.abs(samples.stack("before", "after")).max(axis=1)
    beyond = min(int((each > near).sum()) for each in within)
    short = max(int((each < -near).sum()) for each in within)
    notes = () if shared else ("no seed is shared: runs are set side by side",)
    limit = f"±{quantity(float(f'{margin:.3g}'), unit)}"
    wording = Wording(limit, "changed within each end of", "changed beyond one end of")
    return conclude("drift", samples, look, effect, beyond, short, wording=wording, notes=notes, spread=False, ends=2)


def tolerance(measured: Measured) -> float:
    """The largest change of an effect that does not count, in the unit of its differences.

    A change counts if it is as large as the smallest effect that counts, which is what a claim's margin states. It also
    counts if it takes the effect half the distance to where its verdict turns. Only the second rule holds for `bound`,
    whose level is not the size of an effect, and for a margin of zero.

    Returns:
        A number >= 0; zero only for an effect that lies exactly where its verdict turns.
    """
    way = SHARE * abs(_on_scale(measured, measured.estimate) - _turn(measured))
    size = _size(measured)
    return way if size is None else min(way, size)


def _within(before: Measured, samples: Samples) -> tuple[FloatArray, FloatArray]:
    """Two numbers for each seed; the change lies within the tolerance if both are above 0."""
    change, limit = samples["after"] - samples["before"], tolerance(before)
    if limit == _size(before):
        return limit + change, limit - change
    turn = _turn(before)
    sign = 1.0 if _on_scale(before, before.estimate) >= turn else -1.0
    way, left = sign * (samples["before"] - turn), sign * (samples["after"] - turn)
    return left - (1 - SHARE) * way, (1 + SHARE) * way - left


def _turn(measured: Measured) -> float:
    """Where the verdict turns, on the scale of differences: the nearer of two points for an equivalence."""
    margin = _on_scale(measured, measured.margin)
    estimate = _on_scale(measured, measured.estimate)
    return math.copysign(margin, estimate) if measured.kind in ("same", "fit") else margin


def _size(measured: Measured) -> float | None:
    """The smallest effect that counts, where the margin is one."""
    margin = _on_scale(measured, measured.margin)
    return margin if measured.kind != "bound" and margin > 0 else None


def _on_scale(measured: Measured, value: float) -> float:
    """The value on the scale of differences: the logarithm of a ratio, else the value itself."""
    return math.log(value) if measured.kind == "fit" else value


def _comparable(measured: Measured) -> dict[int, float]:
    """The effects by seed, on the scale of differences."""
    return {seed: _on_scale(measured, value) for seed, value in measured.by_seed.items()}


def _paired(earlier: Mapping[int, float], later: Mapping[int, float]) -> tuple[list[tuple[int, int]], bool]:
    """Which seed of one is set beside which of the other, and whether they are the same seeds."""
    if shared := [(seed, seed) for seed in earlier if seed in later]:
        return shared, True
    return list(zip(earlier, later, strict=False)), False
