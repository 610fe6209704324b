"""Pairs of nets to compare, at both scales, and how they are compared.

Two divergences: Kullback-Leibler, which is the paper's, also counts how sure a net is of what the other denies. That of
Jensen and Shannon is at most log 2, and m log 2 for nets that are sure of their answers and part on a share m of the
images. Ratios of either are compared, as logarithms.
"""

from dataclasses import replace
from typing import Any

import pytest

from memorization_claims import Dissection, Plan, Runs, RunSpec, Samples
from memorization_claims.measures.dissection.dissimilarity import dissimilarity

from ..cost import DEARER
from .recipes import (
    ADAM,
    CONDITIONS,
    PAPER_DCGAN,
    PAPER_GENERATORS,
    PAPER_TRAINED,
    PCA,
    REDUCED_GENERATOR,
    TRAINED,
)

Conditions = dict[str, dict[str, Any]]
Pairs = dict[str, tuple[str, str]]

SEARCH = Dissection(steps=100)
ASCENT = Dissection(climber="ascent", steps=1000, starts=100)
DIVERGENCES = [pytest.param("jensen-shannon", id="js"), pytest.param("kullback-leibler", id="kl")]
OTHER: Pairs = {labels: (labels, f"{labels}, other net") for labels in CONDITIONS}
"""The pair of each labelling: a net, and another that has at least another seed."""


def beside(**other: Any) -> Conditions:
    """Both labellings, each with another net of which something is changed."""
    others = {f"{labels}, other net": {**changes, **other} for labels, changes in CONDITIONS.items()}
    return {labels: {**changes} for labels, changes in CONDITIONS.items()} | others


def fast(
    conditions: Conditions,
    *,
    base: RunSpec = TRAINED,
    generator: Any = PCA,
    how: Dissection = SEARCH,
    most: int = DEARER,
    **more: Any,
) -> Plan:
    """Nets compared at reduced scale."""
    return Plan(base=base, conditions=conditions, generator=generator, dissection=how, most=most, **more)


def full(conditions: Conditions, *, generator: Any = PAPER_DCGAN, how: Dissection = ASCENT) -> Plan:
    """Nets compared as in the paper."""
    return Plan(base=PAPER_TRAINED, conditions=conditions, generator=generator, dissection=how)


def distance(runs: Runs, divergence: str, pairs: Pairs) -> Samples:
    """How far the nets of each pair of conditions are apart."""
    return runs.compare(dissimilarity, "dissimilarity", "nats", pairs=pairs, divergence=divergence)


def by_probability(how: Dissection) -> Dissection:
    """The same search, of the images to which a net gives the class with the highest probability."""
    return replace(how, objective="probability")


LOGIT = "f_j is the logit where nothing else is said; the paper does not say whether it is that or the probability"
COMPARED = (
    REDUCED_GENERATOR,
    "images come from `pca` where no generator is named; Adam takes 100 steps from 10 starts a class",
    "latent values stay in the ball of radius sqrt(20), outside which lie half of those that a generator learned from",
    LOGIT,
)
REDUCED = (*ADAM, *COMPARED)
FULL = (
    *PAPER_GENERATORS,
    "latent values stay in the ball of radius sqrt(100), outside which lie half of those that the generator learned "
    "from",
    LOGIT,
)
