"""One condition exceeds another by a margin."""

from __future__ import annotations

from collections.abc import Sequence

from memorization_claims.statistics.paired import (
    Contrast,
    Wording,
    checked_margin,
    conclude,
    contrast,
    effect_of,
    obstacle,
    quantity,
    skew_notes,
)
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import ALPHA, Verdict, undecided


def above(samples: Samples, a: str, b: str, *, margin: float, alpha: float = ALPHA) -> Verdict:
    """Whether the mean of a - b, paired by seed, exceeds the margin.

    Args:
        samples: at least 11 seeds at the default alpha, at most 40.
        a: the condition that the claim says is the larger.
        b: the condition that it is compared with.
        margin: the smallest difference that counts, >= 0, in the unit of the samples.
        alpha: the level of either test.

    Returns:
        Supported when the sign-flip test rejects "the mean is at most the margin", refuted when it rejects "the mean
        is at least the margin"; never both.

    Raises:
        SettingError: an unknown condition, a negative margin, more than 40 seeds, alpha outside (0, 0.5).
    """
    used = samples.only(a, b)
    return exceeds(
        "above",
        used,
        contrast(used, {a: 1.0, b: -1.0}),
        name=f"{samples.name}: {a} - {b}",
        unit=samples.unit,
        margin=checked_margin(margin),
        alpha=alpha,
    )


def exceeds(
    kind: str,
    samples: Samples,
    found: Contrast,
    *,
    name: str,
    unit: str,
    margin: float,
    alpha: float,
    subject: str = "mean difference",
    p_also: float = 0.0,
    notes: Sequence[str] = (),
) -> Verdict:
    """The verdict on "the mean of these differences exceeds the margin", for every kind that comes down to that.

    Args:
        kind: the procedure's name, kept in the verdict.
        samples: what the differences were made from.
        found: the differences.
        name: what the differences are.
        unit: their unit.
        margin: what their mean is to exceed.
        alpha: the level of either test.
        subject: how the reason begins.
        p_also: the p-value of a second test that has to reject as well.
        notes: what to say beside the verdict.
    """
    effect = effect_of(found.values, name=name, unit=unit, margin=margin)
    if reason := obstacle(samples, found.values, alpha=alpha):
        return undecided(kind, reason, samples, effect)
    p_support = max(found.p_exceeds(margin), p_also)
    p_refute = found.p_below(margin)
    limit = f"the margin {quantity(margin, unit)}"
    wording = Wording(
        subject,
        f"exceeds {limit}",
        f"falls short of {limit}",
        f"is shown neither to exceed nor to fall short of {limit}",
    )
    told = (*notes, *found.notes, *skew_notes(found.values, below=p_support <= alpha, above=p_refute <= alpha))
    return conclude(kind, samples, effect, p_support, p_refute, alpha=alpha, wording=wording, notes=told)
