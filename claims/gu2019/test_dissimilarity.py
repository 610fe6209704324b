"""One way to learn, N ways to memorise: nets compared by the images that they answer to most strongly.

Distances are Jensen-Shannon divergences unless they say otherwise. These are at most log 2, and m log 2 of nets that are
sure of their answers and part on a share m of the images, which is how the margins are argued. Kullback-Leibler, the
paper's own, says also how sure a net is of what is wrong.
"""

from typing import Any

import pytest

from claims.gu2019.recipes import (
    ADAM,
    CONDITIONS,
    DISSECTED,
    MAXIMISED,
    PAPER,
    PAPER_DISSECTED,
    PAPER_MAXIMISED,
    SHOWN,
)
from harness.claim import Margin, claim
from harness.conditions import TRUE
from harness.judge import Judge
from harness.measures.dissection.dissimilarity import dissimilarity, found, recognised
from harness.papers import GU2019
from harness.plan import Plan
from harness.runs import Runs

OTHER = {labels: (labels, f"{labels}, other net") for labels in CONDITIONS}
"""On each labelling a net, and another that has at least another seed."""
DIVERGENCES = [pytest.param("jensen-shannon", id="js"), pytest.param("kullback-leibler", id="kl")]


def beside(plan: Plan, **other: Any) -> Plan:
    """The plan with another net for each labelling, changed as said."""
    others = {f"{labels}, other net": {**changes, **other} for labels, changes in plan.conditions.items()}
    return Plan(base=plan.base, conditions={**plan.conditions, **others}, dissection=plan.dissection)
