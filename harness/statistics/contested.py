"""Two sources disagree on which of two conditions is the larger."""

from __future__ import annotations

from dataclasses import replace

from memorization_claims.statistics.above import above
from memorization_claims.statistics.looks import Look
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import Verdict


def contested(samples: Samples, a: str, b: str, *, margin: float, look: Look | None = None) -> Verdict:
    """`a` exceeds `b`, as one source has it; what another has, `b` exceeds `a`, is a verdict of its own.

    At most one of the two can be supported, and then the other is refuted: a run beyond the margin is short of it in
    the other direction. Both are refuted where the conditions differ by less than the margin. No correction for the two
    directions is due, since each source's claim is judged at alpha for itself.

    Args:
        samples: paired by seed; at least 11 seeds decide.
        a: the condition that this source says is the larger.
        b: the other.
        margin: the smallest difference that counts, >= 0, in the unit of the samples.
        look: which runs are looked at; by default a single look at all of them.

    Raises:
        SettingError: as `above`.
    """
    return replace(above(samples, a, b, margin=margin, look=look), kind="contested")
