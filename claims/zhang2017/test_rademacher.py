"""What the empirical Rademacher complexity of nets comes to."""

from memorization_claims import TRUE, Judge, Margin, Plan, Runs, binary_labels, claim
from memorization_claims.measures.courses.rademacher import correlation

from ..fitting import NOT_FITTED
from .paper import ZHANG2017
from .recipes import INCEPTION, MLP, PAPER, REDUCED, sharing

LOWER_BOUND = "training gives a lower bound on the supremum, at one draw of signs a run; the paper's is a mean of draws"
SIGNS = {"true labels": TRUE, "random signs": binary_labels()}


@claim(
    id="Z21",
    says="The empirical Rademacher complexity of nets is about 1: they fit random signs.",
    source=ZHANG2017.at("section 2.2, equation 1"),
    kind="bound",
    refuted_by=NOT_FITTED,
    margin=Margin(0.98, "the correlation at a training accuracy of 99 %, where the paper calls labels fitted"),
    fast=Plan(base=MLP, conditions=SIGNS),
    fullscale=sharing(INCEPTION, SIGNS),
    departs=(*REDUCED, LOWER_BOUND),
    departs_fullscale=(*PAPER, LOWER_BOUND),
)
def test_random_signs_are_fitted(runs: Runs, judge: Judge) -> None:
    """Nets whose recipe fits true labels correlate with any signs, so that bounds from this complexity say nothing."""
    judge.given(runs.final("train_accuracy"), "true labels", at_least=0.99)
    fitted = runs.value("train_accuracy", correlation, "correlation with random signs")
    judge.at_least(fitted, "random signs", refutes=False)
