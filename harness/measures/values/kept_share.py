"""The share of what a net knows that it keeps when something is taken away (Zhang 2017, table 1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memorization_claims.errors import SettingError

Array = NDArray[np.float64]


def kept_share(accuracy: Array, reference: Array, *, chance: float) -> Array:
    """Accuracy above chance, over that of a reference.

    Args:
        accuracy: of the runs in question, (seeds,), in [0, 1].
        reference: of the runs that they are compared with, likewise.
        chance: accuracy of guessing, in [0, 1).

    Returns:
        (seeds,); 1 where all is kept, 0 where accuracy is at chance; not finite where the reference is at chance.

    Raises:
        SettingError: for a chance outside [0, 1).
    """
    if not 0 <= chance < 1:
        raise SettingError(f"chance is {chance}; legal is 0 to below 1")
    with np.errstate(divide="ignore", invalid="ignore"):
        return (accuracy - chance) / (reference - chance)
