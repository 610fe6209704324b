"""Forgetting events, as Toneva et al. 2019 define them in section 3."""

import numpy as np

from memorization_claims import Runs, Samples


def events(right: np.ndarray) -> np.ndarray:
    """The number of times that each training example is forgotten: right at one evaluation and wrong at the next.

    Args:
        right: (seeds, nets, evaluations, n), bool: which examples are classified as labelled.

    Returns:
        (seeds, nets, n), int: between 0 and half the number of evaluations.
    """
    counted: np.ndarray = (right[:, :, :-1] & ~right[:, :, 1:]).sum(axis=2)
    return counted


def mean_over(chosen: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The mean of counts (seeds, nets, n) over the examples that are chosen at each seed, (seeds, n) bool.

    Returns:
        (seeds, nets); NaN where none is chosen.
    """
    size = chosen.sum(axis=1)[:, None]
    total = np.where(chosen[:, None], counts, 0).sum(axis=2)
    mean: np.ndarray = np.divide(total, size, out=np.full(total.shape, np.nan), where=size > 0)
    return mean


def forgotten(runs: Runs) -> Samples:
    """Forgetting events per example with a changed label, per other example, and of the former with their own label."""
    changed = runs.array("20 % changed", "changed")
    noisy, clean = (events(runs.array(condition, "right")) for condition in ("20 % changed", "own labels"))
    values = {
        "changed labels": mean_over(changed, noisy),
        "own labels": mean_over(~changed, noisy),
        "own labels of the same": mean_over(changed, clean),
    }
    return runs.samples("forgetting events", values, "per example")
