"""One condition exceeds another by a margin."""

from __future__ import annotations

import math
from collections.abc import Sequence

from memorization_claims.statistics.counted import (
    Contrast,
    Wording,
    checked_margin,
    conclude,
    contrast,
    effect_of,
    look_at,
    quantity,
)
from memorization_claims.statistics.looks import Look
from memorization_claims.statistics.samples import BoolArray, Samples
from memorization_claims.statistics.verdict import Verdict


def above(samples: Samples, a: str, b: str, *, margin: float, look: Look | None = None) -> Verdict:
    """Whether a - b of one seed exceeds the margin, in more runs than not.

    Args:
        samples: paired by seed; at least 11 seeds decide.
        a: the condition that the claim says is the larger.
        b: the condition that it is compared with.
        margin: the smallest difference that counts, >= 0, in the unit of the samples.
        look: which runs are looked at; by default a single look at all of them.

    Returns:
        Supported when so many runs exceed the margin, refuted when so many fall short of it, that the opposite is
        rejected at alpha = 0.0005; never both.

    Raises:
        SettingError: an unknown condition, or a negative margin.
    """
    used, look = samples.only(a, b), look_at(samples, look)
    return exceeds(
        "above",
        used,
        contrast(used, {a: 1.0, b: -1.0}, look),
        look,
        name=f"{samples.name}: {a} - {b}",
        unit=samples.unit,
        margin=checked_margin(margin),
    )


def exceeds(
    kind: str,
    samples: Samples,
    found: Contrast,
    look: Look,
    *,
    name: str,
    unit: str,
    margin: float,
    also: BoolArray | bool = True,
    notes: Sequence[str] = (),
) -> Verdict:
    """The verdict on "these effects exceed the margin", for every kind that comes down to that.

    Args:
        kind: the procedure's name, kept in the verdict.
        samples: what the effects were made from.
        found: the effects.
        look: which runs are looked at.
        name: what the effects are.
        unit: their unit.
        margin: what they are to exceed.
        also: what else a run has to show to count for the claim, (seeds,).
        notes: what to say beside the verdict.
    """
    effect = effect_of(found, look, name=name, unit=unit, margin=margin, claimed=(margin, math.inf))
    beyond, short = int((found.above(margin) & also).sum()), int((found.below(margin) & found.seen).sum())
    wording = Wording(f"the margin {quantity(margin, unit)}")
    return conclude(kind, samples, look, effect, beyond, short, wording=wording, notes=(*notes, *found.notes))
