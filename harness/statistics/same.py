"""Two conditions agree within a margin, or one agrees with a constant."""

from __future__ import annotations

import math
from dataclasses import replace

from memorization_claims.errors import SettingError
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
from memorization_claims.statistics.verdict import ALPHA, Effect, Verdict, undecided


def same(samples: Samples, a: str, b: str | float, *, margin: float, alpha: float = ALPHA) -> Verdict:
    """Whether the mean of a - b, paired by seed, lies within the margin of zero: an equivalence.

    Support takes two one-sided sign-flip tests (TOST), each at alpha. Refutation has two ways to err, so that its
    p-value is twice the smaller one's, and one seed more is needed than elsewhere: 12 at the default alpha.

    Args:
        samples: at least 12 seeds at the default alpha, at most 40.
        a: a condition.
        b: the condition it is to agree with, or a number such as chance.
        margin: the largest difference that does not count, > 0, in the unit of the samples.
        alpha: the level of the verdict.

    Returns:
        Supported when the mean is shown to lie within [-margin, margin], refuted when shown to lie outside.

    Raises:
        SettingError: an unknown condition, a constant that is not finite, a margin that is not positive, more than 40
            seeds, alpha outside (0, 0.5).

    Source: Schuirmann 1987, J. Pharmacokinet. Biopharm. 15 (6), for the two one-sided tests.
    """
    margin = checked_margin(margin, included=False)
    if isinstance(b, str):
        used = samples.only(a, b)
        differences = contrast(used, {a: 1.0, b: -1.0})
    else:
        if not math.isfinite(b):
            raise SettingError(f"b = {b!r}: must be a condition or a finite number")
        used = samples.only(a)
        differences = contrast(used, {a: 1.0})
        differences = replace(differences, values=differences.values - b)
    effect = effect_of(
        differences.values,
        name=f"{samples.name}: {a} - {b if isinstance(b, str) else format(b, 'g')}",
        unit=samples.unit,
        margin=margin,
    )
    limit = f"±{quantity(margin, samples.unit)}"
    return within(
        "same",
        used,
        differences,
        effect=effect,
        margin=margin,
        alpha=alpha,
        spread=isinstance(b, str),
        subject="mean difference",
        limit=limit,
    )


def within(
    kind: str,
    samples: Samples,
    found: Contrast,
    *,
    effect: Effect | None,
    margin: float,
    alpha: float,
    spread: bool,
    subject: str,
    limit: str,
) -> Verdict:
    """The verdict on "the mean of these differences lies in [-margin, margin]", for every kind that comes down to that.

    Args:
        kind: the procedure's name, kept in the verdict.
        samples: what the differences were made from.
        found: the differences.
        effect: their size as the reader is to see it.
        margin: > 0, in the unit of the differences.
        alpha: the level of the verdict.
        spread: whether the differences must vary between seeds.
        subject: how the reason begins.
        limit: how the reason names the range.
    """
    if reason := obstacle(samples, found.values, alpha=alpha, spread=spread, sides=2):
        return undecided(kind, reason, samples, effect)
    p_support = max(found.p_exceeds(-margin), found.p_below(margin))
    p_high, p_low = found.p_exceeds(margin), found.p_below(-margin)
    p_refute = min(1.0, 2 * min(p_high, p_low))
    wording = Wording(
        subject,
        f"lies within {limit}",
        f"lies outside {limit}",
        f"is shown to lie neither within nor outside {limit}",
    )
    supported, refuted = p_support <= alpha, p_refute <= alpha
    tails = skew_notes(
        found.values, below=supported or (refuted and p_high < p_low), above=supported or (refuted and p_low < p_high)
    )
    notes = (*found.notes, *tails)
    return conclude(kind, samples, effect, p_support, p_refute, alpha=alpha, wording=wording, notes=notes)
