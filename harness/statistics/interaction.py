"""One difference exceeds another by a margin."""

from __future__ import annotations

import numpy as np

from harness.statistics.above import exceeds
from harness.statistics.paired import checked_margin, difference
from harness.statistics.samples import Samples
from harness.statistics.verdict import ALPHA, Verdict


def interaction(
    samples: Samples, first: tuple[str, str], second: tuple[str, str], *, margin: float, alpha: float = ALPHA
) -> Verdict:
    """Whether the mean of (a1 - b1) - (a2 - b2), each seed by itself, exceeds the margin.

    Args:
        samples: at least 11 seeds at the default alpha, at most 40.
        first: the conditions (a1, b1) whose difference the claim says is the larger.
        second: the conditions (a2, b2) whose difference it is compared with.
        margin: the smallest difference of differences that counts, >= 0, in the unit of the samples.
        alpha: the level of either test.

    Returns:
        As `above`, on the difference of differences.

    Raises:
        SettingError: as `above`.
    """
    (a1, b1), (a2, b2) = first, second
    used = samples.only(a1, b1, a2, b2)
    with np.errstate(invalid="ignore", over="ignore"):
        differences = difference(used, a1, b1) - difference(used, a2, b2)
    return exceeds(
        "interaction",
        used,
        differences,
        name=f"{samples.name}: ({a1} - {b1}) - ({a2} - {b2})",
        unit=samples.unit,
        margin=checked_margin(margin),
        alpha=alpha,
        subject="mean difference of differences",
    )
