"""What a report draws of runs besides their courses, where a paper's figure asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from memorization_claims.lab.sensitivity import Part
from memorization_claims.measures.loss_sensitivity.disparity import averages, disparity_course
from memorization_claims.measures.values.easy_examples import binomial_rates, misclassification_rates

if TYPE_CHECKING:
    from memorization_claims.lab.runs import Runs

Array = NDArray[np.float64]
Lines = dict[str, tuple[Array, Array]]


def difficulty_curves(runs: Runs, *, binomial: str) -> Lines:
    """The misclassification rates of each condition's examples, sorted, over the share of examples.

    Args:
        runs: with several nets a run, whose right examples were kept.
        binomial: the condition whose mean rate a binomial distribution is drawn with beside it.
    """
    rates = {condition: misclassification_rates(runs.array(condition, "right")) for condition in runs.specs}
    rates[f"binomial, as {binomial}"] = binomial_rates(runs.array(binomial, "right"))
    return {name: (np.linspace(0, 1, by_seed.shape[1]), by_seed) for name, by_seed in rates.items()}


def disparity_curves(runs: Runs, part: Part = "l1") -> Lines:
    """The Gini coefficient of the loss-sensitivity averaged so far, over epochs, for each condition."""
    lines = {}
    for condition in runs.specs:
        epochs = runs.epochs(condition)
        values = disparity_course(runs.array(condition, f"sensitivity/{part}"), epochs)
        lines[condition] = (epochs[1:], values.mean(axis=1))
    return lines


def class_matrices(runs: Runs) -> dict[str, Array]:
    """The loss-sensitivity between classes for each condition, averaged over nets and time: (seeds, rows, columns)."""
    return {
        condition: averages(runs.array(condition, "sensitivity/classes"), runs.epochs(condition))[:, :, -1].mean(axis=1)
        for condition in runs.specs
    }
