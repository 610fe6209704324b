"""Two conditions agree within a margin, or one agrees with a constant."""

from __future__ import annotations

import math

from memorization_claims.errors import SettingError
from memorization_claims.statistics.counted import (
    Contrast,
    Wording,
    checked_margin,
    conclude,
    contrast,
    effect_of,
    look_at,
    quantity,
    shifted,
)
from memorization_claims.statistics.looks import Look
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import Effect, Verdict


def same(samples: Samples, a: str, b: str | float, *, margin: float, look: Look | None = None) -> Verdict:
    """Whether a - b of one seed lies within the margin of zero, as far as its median goes: an equivalence.

    Support takes two answers at once (TOST): more runs than not lie above -margin, and more than not below margin.
    Refutation takes one: more runs than not lie above margin, or more than not below -margin.

    Args:
        samples: paired by seed; at least 11 seeds decide.
        a: a condition.
        b: the condition it is to agree with, or a number such as chance.
        margin: the largest difference that does not count, > 0, in the unit of the samples.
        look: which runs are looked at; by default a single look at all of them.

    Returns:
        Supported when both answers are shown at alpha = 0.0005. Refuted when one of the opposite answers is: wrongly
        at alpha, or at twice that where runs lie on both sides and next to none between.

    Raises:
        SettingError: an unknown condition, a constant that is not finite, or a margin that is not positive.

    Source: Schuirmann 1987, J. Pharmacokinet. Biopharm. 15 (6), for the two one-sided tests.
    """
    margin, look = checked_margin(margin, included=False), look_at(samples, look)
    if isinstance(b, str):
        used = samples.only(a, b)
        found = contrast(used, {a: 1.0, b: -1.0}, look)
    else:
        if not math.isfinite(b):
            raise SettingError(f"b = {b!r}: must be a condition or a finite number")
        used = samples.only(a)
        found = shifted(contrast(used, {a: 1.0}, look), b)
    effect = effect_of(
        found,
        look,
        name=f"{samples.name}: {a} - {b if isinstance(b, str) else format(b, 'g')}",
        unit=samples.unit,
        margin=margin,
        claimed=(-margin, margin),
    )
    limit = f"±{quantity(margin, samples.unit)}"
    return within("same", used, found, look, effect=effect, margin=margin, spread=isinstance(b, str), limit=limit)


def within(
    kind: str,
    samples: Samples,
    found: Contrast,
    look: Look,
    *,
    effect: Effect,
    margin: float,
    spread: bool,
    limit: str,
    shown: Effect | None = None,
) -> Verdict:
    """The verdict on "these effects lie in [-margin, margin]", for every kind that comes down to that.

    Args:
        kind: the procedure's name, kept in the verdict.
        samples: what the effects were made from.
        found: the effects.
        look: which runs are looked at.
        effect: their size.
        margin: > 0, in the unit of the effects.
        spread: whether the effects must vary between seeds.
        limit: how the reason names the range.
        shown: their size as readers are to see it, where that is on another scale.
    """
    over, under = int(found.above(margin).sum()), int(found.below(-margin).sum())
    beyond = min(int((inside & found.seen).sum()) for inside in (found.above(-margin), found.below(margin)))
    wording = Wording(limit, "inside each end of", "beyond one end of")
    short = max(over, under)
    return conclude(
        kind,
        samples,
        look,
        effect,
        beyond,
        short,
        wording=wording,
        notes=found.notes,
        spread=spread,
        ends=2,
        shown=shown,
    )
