"""One difference exceeds another by a margin."""

from __future__ import annotations

from memorization_claims.statistics.above import exceeds
from memorization_claims.statistics.counted import checked_margin, contrast, look_at
from memorization_claims.statistics.looks import Look
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import Verdict


def interaction(
    samples: Samples, first: tuple[str, str], second: tuple[str, str], *, margin: float, look: Look | None = None
) -> Verdict:
    """Whether (a1 - b1) - (a2 - b2), each seed by itself, exceeds the margin in more runs than not.

    Args:
        samples: paired by seed; at least 11 seeds decide.
        first: the conditions (a1, b1) whose difference the claim says is the larger.
        second: the conditions (a2, b2) whose difference it is compared with.
        margin: the smallest difference of differences that counts, >= 0, in the unit of the samples.
        look: which runs are looked at; by default a single look at all of them.

    Returns:
        As `above`, on the difference of differences.

    Raises:
        SettingError: as `above`.
    """
    (a1, b1), (a2, b2) = first, second
    used, look = samples.only(a1, b1, a2, b2), look_at(samples, look)
    weights = dict.fromkeys(used.values, 0.0)
    for condition, weight in ((a1, 1.0), (b1, -1.0), (a2, -1.0), (b2, 1.0)):
        weights[condition] += weight
    return exceeds(
        "interaction",
        used,
        contrast(used, weights, look),
        look,
        name=f"{samples.name}: ({a1} - {b1}) - ({a2} - {b2})",
        unit=samples.unit,
        margin=checked_margin(margin),
    )
