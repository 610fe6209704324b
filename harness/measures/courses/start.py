"""When training starts to converge, and how long it goes on from there (Zhang et al. 2017, section 2.1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memorization_claims.measures.courses.paths import time_to

Array = NDArray[np.float64]
STARTED = 0.9
"""Training has started when its loss has fallen to this share of the loss of guessing."""


def wait_and_rise(
    losses: Array, accuracies: Array, epochs: Array, *, loss_of_guessing: float, fitted: float = 0.99
) -> tuple[Array, Array]:
    """The time until training starts to converge, and the time from there until the training set is fitted.

    Args:
        losses: training loss, (runs, nets, evaluations), NaN after a net has stopped.
        accuracies: training accuracy, likewise.
        epochs: (evaluations,), when they were evaluated.
        loss_of_guessing: log of the number of classes, in the unit of the losses.
        fitted: the training accuracy that counts as a fit.

    Returns:
        Two of (runs, nets), in the unit of `epochs`: the wait, infinite where training never starts, and the rise,
        infinite where it never fits; NaN where it does neither. A net that fits before its loss has fallen so far has
        a negative rise.

    Source:
        Zhang et al. 2017, section 2.1: "once the fitting starts, it converges quickly"; the paper reads the start off
        figure 1a and gives no threshold.
    """
    wait = time_to(-STARTED * loss_of_guessing, -np.asarray(losses), epochs)
    with np.errstate(invalid="ignore"):
        return wait, time_to(fitted, accuracies, epochs) - wait


def share_waited(losses: Array, accuracies: Array, epochs: Array, *, loss_of_guessing: float) -> Array:
    """The wait as a share of the time to fit: how much of a plateau a course has.

    Args:
        losses: as `wait_and_rise`.
        accuracies: likewise.
        epochs: likewise.
        loss_of_guessing: likewise.

    Returns:
        (runs, nets), 0 to 1 for a net that starts before it has fitted; 0 where it never fits, NaN where it does not
        start either.

    Source:
        Zhang et al. 2017, figure 1a, in which training on random labels begins with a plateau.
    """
    wait, rise = wait_and_rise(losses, accuracies, epochs, loss_of_guessing=loss_of_guessing)
    with np.errstate(invalid="ignore"):
        share: Array = wait / (wait + rise)
    return share


def rise(losses: Array, accuracies: Array, epochs: Array, *, loss_of_guessing: float) -> Array:
    """The second of `wait_and_rise` alone."""
    return wait_and_rise(losses, accuracies, epochs, loss_of_guessing=loss_of_guessing)[1]
