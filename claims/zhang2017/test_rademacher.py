"""What the empirical Rademacher complexity of nets comes to."""

from memorization_claims.judging.claim import Margin, claim
from memorization_claims.judging.judge import Judge
from memorization_claims.lab.runs import Runs
from memorization_claims.measures.courses.rademacher import correlation
from memorization_claims.plan.conditions import binary_labels
from memorization_claims.plan.plan import Plan

from .paper import ZHANG2017
from .recipes import INCEPTION, MLP, PAPER, REDUCED

SIGNS = {"random signs": binary_labels()}


@claim(
    id="Z21",
    says="The empirical Rademacher complexity of nets is about 1: they fit random signs.",
    source=ZHANG2017.at("section 2.2, equation 1"),
    kind="bound",
    refuted_by="a correlation with random signs, after training, that is below 0.98 on average",
    margin=Margin(0.98, "the correlation at a training accuracy of 99 %, where the paper calls labels fitted"),
    fast=Plan(base=MLP, conditions=SIGNS),
    fullscale=Plan(base=INCEPTION, conditions=SIGNS),
    departs=(*REDUCED, "training gives a lower bound on the supremum; the mean is over one draw of signs a seed"),
    departs_fullscale=(
        *PAPER,
        "training gives a lower bound on the supremum; the mean is over one draw of signs a seed",
    ),
)
def test_random_signs_are_fitted(runs: Runs, judge: Judge) -> None:
    """Nets correlate with any signs, so that bounds from this complexity say nothing."""
    judge.at_least(runs.value("train_accuracy", correlation, "correlation with random signs"), "random signs")
