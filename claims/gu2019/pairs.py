"""Pairs of nets to compare, at both scales, and how margins on their distance are argued.

Distances are Jensen-Shannon divergences where nothing else is said. They are at most log 2, and m log 2 for nets that
are sure of their answers and part on a share m of the images; that is how margins are argued. Kullback-Leibler, which
is the paper's, also counts how sure a net is of what the other denies.
"""

from dataclasses import replace
from typing import Any

from memorization_claims import Dissection, Margin, Plan

from ..cost import DEAR
from .recipes import PAPER_DCGAN, PAPER_GENERATORS, PAPER_TRAINED, PCA, REDUCED_GENERATORS, TRAINED

Conditions = dict[str, dict[str, Any]]

ASCENT = Dissection(climber="ascent", steps=1000, starts=100)
ONE_IN_TEN = Margin(0.0693, "a tenth of log 2: nets that are sure and part on one image in ten more")
ONE_IN_FOUR = Margin(0.1733, "a quarter of log 2, of nets that are sure and part on one image in four")


def fast(conditions: Conditions, *, generator: Any = PCA, most: int = DEAR, **changes: Any) -> Plan:
    """Nets compared at reduced scale."""
    base = replace(TRAINED, **changes)
    return Plan(base=base, conditions=conditions, generator=generator, most=most, dissection=Dissection())


def full(conditions: Conditions, *, generator: Any = PAPER_DCGAN, **changes: Any) -> Plan:
    """Nets compared as in the paper."""
    base = replace(PAPER_TRAINED, **changes)
    return Plan(base=base, conditions=conditions, generator=generator, dissection=ASCENT)


REDUCED = (
    *REDUCED_GENERATORS,
    "images come from `pca` where no generator is named; Adam takes 40 steps from 10 starts a class",
    "latent values stay in the ball of radius sqrt(20), where the generator was learned",
)
FULL = (*PAPER_GENERATORS, "latent values stay in the ball of radius sqrt(100), where the generator was learned")
