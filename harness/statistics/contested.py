"""Two sources disagree on which of two conditions is the larger."""

from __future__ import annotations

from dataclasses import replace

from memorization_claims.statistics.above import above
from memorization_claims.statistics.looks import Look
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import Verdict


def contested(samples: Samples, a: str, b: str, *, margin: float, look: Look | None = None) -> tuple[Verdict, Verdict]:
    """Both directions of `above`, for a claim on whose sign the sources disagree.

    At most one of the two can be supported, and then the other is refuted: a run beyond the margin is short of it in
    the other direction. Both are refuted where the conditions differ by less than the margin. No correction for the two
    directions is due, since each source's claim is judged at alpha for itself.

    Args:
        samples: paired by seed; at least 11 seeds decide.
        a: the condition that the first source says is the larger.
        b: the condition that the second source says is the larger.
        margin: the smallest difference that counts, >= 0, in the unit of the samples.
        look: which runs are looked at; by default a single look at all of them.

    Returns:
        The verdict on "a exceeds b", then the one on "b exceeds a".

    Raises:
        SettingError: as `above`.
    """
    return one_side(samples, a, b, margin=margin, look=look), one_side(samples, b, a, margin=margin, look=look)


def one_side(samples: Samples, a: str, b: str, *, margin: float, look: Look | None = None) -> Verdict:
    """The verdict on "a exceeds b", which one of the sources claims; arguments and errors as `contested`."""
    return replace(above(samples, a, b, margin=margin, look=look), kind="contested")
