"""A condition lies beyond a stated level."""

from __future__ import annotations

import math

from memorization_claims.errors import SettingError
from memorization_claims.statistics.counted import Wording, conclude, contrast, effect_of, look_at, quantity
from memorization_claims.statistics.looks import Look
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import Verdict


def bound(
    samples: Samples,
    a: str,
    *,
    less: str | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    refutes: bool = True,
    look: Look | None = None,
) -> Verdict:
    """Whether one condition, or its difference from another, lies above `at_least` or below `at_most`, in most runs.

    Values that are the same in every seed are no obstacle here: accuracies of 100 % lie above 99 % in every run. Values
    that sit on the level are evidence for neither side, so the level of a saturated measure belongs short of its end.

    Args:
        samples: paired by seed; at least 11 seeds decide.
        a: a condition.
        less: a condition that is taken off it within each seed; None judges `a` itself.
        at_least: the level to exceed, in the unit of the samples; give this or `at_most`.
        at_most: the level to stay below.
        refutes: whether a run short of the level is evidence against the claim. It is none where a longer training
            could have reached the level: then the claim is supported or undecided.
        look: which runs are looked at; by default a single look at all of them.

    Returns:
        Supported when so many runs lie beyond the level, refuted when so many lie short of it, that the opposite is
        rejected at alpha = 0.0005; never both. The margin of the effect is the level.

    Raises:
        SettingError: an unknown condition, not exactly one level, or a level that is not finite.
    """
    if (at_least is None) == (at_most is None):
        raise SettingError(f"at_least = {at_least!r}, at_most = {at_most!r}: exactly one of them must be given")
    level = float(at_least if at_least is not None else at_most)  # type: ignore[arg-type]
    if not math.isfinite(level):
        raise SettingError(f"level = {level!r}: must be finite")
    weights = {a: 1.0} if less is None else {a: 1.0, less: -1.0}
    used, look, rising = samples.only(*weights), look_at(samples, look), at_least is not None
    found = contrast(used, weights, look)
    effect = effect_of(
        found,
        look,
        name=f"{samples.name}: {' - '.join(weights)}",
        unit=samples.unit,
        margin=level,
        claimed=(level, math.inf) if rising else (-math.inf, level),
        baseline=level,
    )
    over, under = int(found.above(level).sum()), int((found.below(level) & found.seen).sum())
    beyond, short = (over, under) if rising else (under, over)
    limit, sides = quantity(level, samples.unit), ("above", "below") if rising else ("below", "above")
    notes = found.notes
    if short and not refutes:
        notes, short = (*notes, f"{short} runs {sides[1]} {limit}, which a longer training could change"), 0
    wording = Wording(limit, *sides)
    return conclude("bound", used, look, effect, beyond, short, wording=wording, notes=notes, spread=less is not None)
