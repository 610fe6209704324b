"""A condition lies beyond a stated level."""

from __future__ import annotations

import math

from memorization_claims.errors import SettingError
from memorization_claims.statistics.paired import Wording, conclude, contrast, effect_of, obstacle, quantity, skew_notes
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import ALPHA, Verdict, undecided


def bound(
    samples: Samples,
    a: str,
    *,
    less: str | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    alpha: float = ALPHA,
) -> Verdict:
    """Whether the mean of one condition, or of its difference from another, lies above `at_least` or below `at_most`.

    Values that are the same in every seed are no obstacle here: accuracies of 100 % lie above 99 % in every run. Values
    that sit on the level are evidence for neither side, so the level of a saturated measure belongs short of its end.

    Args:
        samples: at least 11 seeds at the default alpha, at most 40.
        a: a condition.
        less: a condition that is taken off it within each seed; None judges `a` itself.
        at_least: the level to exceed, in the unit of the samples; give this or `at_most`.
        at_most: the level to stay below.
        alpha: the level of either test.

    Returns:
        Supported when the sign-flip test of the values minus the level shows the mean beyond the level, refuted when it
        shows the mean short of it; never both. The effect is the mean itself, and its margin is the level.

    Raises:
        SettingError: an unknown condition, not exactly one level, a level that is not finite, more than 40 seeds, alpha
            outside (0, 0.5).
    """
    if (at_least is None) == (at_most is None):
        raise SettingError(f"at_least = {at_least!r}, at_most = {at_most!r}: exactly one of them must be given")
    level = float(at_least if at_least is not None else at_most)  # type: ignore[arg-type]
    if not math.isfinite(level):
        raise SettingError(f"level = {level!r}: must be finite")
    weights = {a: 1.0} if less is None else {a: 1.0, less: -1.0}
    used, rising = samples.only(*weights), at_least is not None
    differences, name = contrast(used, weights), " - ".join(weights)
    effect = effect_of(
        differences.values, name=f"{samples.name}: {name}", unit=samples.unit, margin=level, baseline=level
    )
    if reason := obstacle(used, differences.values, alpha=alpha, spread=less is not None):
        return undecided("bound", reason, used, effect)
    p_above, p_below = differences.p_exceeds(level), differences.p_below(level)
    p_support, p_refute = (p_above, p_below) if rising else (p_below, p_above)
    limit = quantity(level, samples.unit)
    over, under = f"lies above {limit}", f"lies below {limit}"
    wording = Wording(
        "mean" if less is None else "mean difference",
        over if rising else under,
        under if rising else over,
        f"is shown to lie neither above nor below {limit}",
    )
    notes = (*differences.notes, *skew_notes(differences.values, below=p_above <= alpha, above=p_below <= alpha))
    return conclude("bound", used, effect, p_support, p_refute, alpha=alpha, wording=wording, notes=notes)
