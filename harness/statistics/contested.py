"""Two sources disagree on which of two conditions is the larger."""

from __future__ import annotations

from dataclasses import replace

from memorization_claims.statistics.above import above
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import ALPHA, Verdict


def contested(samples: Samples, a: str, b: str, *, margin: float, alpha: float = ALPHA) -> tuple[Verdict, Verdict]:
    """Both directions of `above`, for a claim on whose sign the sources disagree.

    At most one of the two can be supported, and then the other is refuted: a sum of sign-flipped differences cannot be
    extreme on both sides, and what is shown to exceed the margin is shown to exceed minus the margin. Both are refuted
    where the conditions differ by less than the margin. No correction for the two directions is due, since each
    source's claim is judged at alpha for itself.

    Args:
        samples: at least 11 seeds at the default alpha, at most 40.
        a: the condition that the first source says is the larger.
        b: the condition that the second source says is the larger.
        margin: the smallest difference that counts, >= 0, in the unit of the samples.
        alpha: the level of every test.

    Returns:
        The verdict on "a exceeds b", then the one on "b exceeds a".

    Raises:
        SettingError: as `above`.
    """
    return one_side(samples, a, b, margin=margin, alpha=alpha), one_side(samples, b, a, margin=margin, alpha=alpha)


def one_side(samples: Samples, a: str, b: str, *, margin: float, alpha: float = ALPHA) -> Verdict:
    """The verdict on "a exceeds b", which one of the sources claims; arguments and errors as `contested`."""
    return replace(above(samples, a, b, margin=margin, alpha=alpha), kind="contested")
