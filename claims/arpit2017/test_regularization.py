"""What regularisers do to memories, and to what is learned of real data."""

import pytest

from memorization_claims import Drawing, Finding, Judge, Margin, Runs, claim

from .paper import ARPIT2017
from .regularisers import (
    ALL,
    MEMORISING,
    NOT_ADVERSARIAL,
    ON_DIGITS,
    PAPER,
    PAPER_ALL,
    PAPER_BASE,
    PAPER_MEMORISING,
    PAPER_TWICE,
    REDUCED,
    STRENGTHS,
    TWICE,
    figure_10,
    figure_11,
    memorised,
    order_of_losses,
    plan,
)

LITTLE = 0.02
"""The validation accuracy that a regulariser may cost on real data: 2 points, where Zhang et al. 2017 report 1 to 5
points that regularisers gain on true labels. More would undo what they are used for."""
ONE_IN_TWENTY = Margin(0.05, "one random label in twenty: less could not be read off the paper's figure, from 0 to 1")
ONE_STRENGTH = "one strength of each regulariser; the paper does not say which"
ALL_REGULARISERS = pytest.mark.parametrize("regulariser", [pytest.param(n, id=n.replace(" ", "-")) for n in STRENGTHS])


def learned(runs: Runs, judge: Judge) -> None:
    """Without a regulariser, random labels are memorised and real ones are learned."""
    judge.given(runs.final("train_accuracy"), "randY, none", at_least=0.99)
    judge.given(runs.final("validation_accuracy"), "real, none", at_least=2 * runs.chance)


@claim(
    id="A25",
    says="A regulariser lowers training accuracy on random labels at little cost in validation accuracy on real ones.",
    source=ARPIT2017.at("section 5, figure 10; poster, figure 5.1"),
    kind="above",
    refuted_by=(
        "a training accuracy on random labels less than 25 points lower under the strongest regulariser that costs no "
        "more than 2 points of validation accuracy on real labels"
    ),
    margin=Margin(0.25, "a quarter of the random labels: with more than three quarters memorised, most still are"),
    fast=ALL,
    fullscale=PAPER_ALL,
    departs=REDUCED,
    departs_fullscale=PAPER,
    findings=(
        Finding(
            "A25[hidden-noise]",
            "digits",
            "as strong as the paper takes it, it hardly keeps labels from being memorised",
        ),
    ),
)
@ALL_REGULARISERS
def test_memories_are_fewer_at_little_cost(runs: Runs, judge: Judge, draw: Drawing, regulariser: str) -> None:
    """Both halves at once: the strength is the greatest whose cost on real labels is little."""
    figure_10(draw, runs)
    learned(runs, judge)
    judge.above(memorised(runs, LITTLE), "none", regulariser)


@claim(
    id="A26",
    part="dropout",
    says="Dropout lowers training accuracy on random labels further than other regularisers do at as little cost.",
    source=ARPIT2017.at("section 5, figure 10"),
    kind="above",
    refuted_by="another regulariser that leaves less than 5 points more of the random labels memorised than dropout",
    margin=ONE_IN_TWENTY,
    fast=plan(ON_DIGITS, NOT_ADVERSARIAL),
    fullscale=plan(PAPER_BASE, NOT_ADVERSARIAL),
    departs=REDUCED,
    departs_fullscale=PAPER,
    findings=(
        Finding("A26[dropout-input-dropout]", "digits", "input dropout leaves as little memorised as dropout"),
        Finding("A26[dropout-input-noise]", "digits", "input noise leaves less memorised than dropout"),
        Finding("A26[dropout-weight-decay]", "digits", "weight decay leaves less memorised than dropout"),
    ),
)
@pytest.mark.parametrize("other", [pytest.param(n, id=n.replace(" ", "-")) for n in NOT_ADVERSARIAL[1:]])
def test_dropout_is_the_most_effective(runs: Runs, judge: Judge, other: str) -> None:
    """Each as strong as costs no more than 2 points of validation accuracy on real labels."""
    learned(runs, judge)
    judge.above(memorised(runs, LITTLE), other, "dropout")


@claim(
    id="A26",
    part="adversarial",
    says="With adversarial training, dropout lowers training accuracy on random labels further at as little cost.",
    source=ARPIT2017.at("section 5, figure 10"),
    kind="above",
    refuted_by="dropout alone that leaves less than 5 points more of the random labels memorised",
    margin=ONE_IN_TWENTY,
    fast=ALL,
    fullscale=PAPER_ALL,
    departs=REDUCED,
    departs_fullscale=PAPER,
    findings=(
        Finding(
            "A26[adversarial]",
            "digits",
            "with adversarial training, and dropout up to 0.5 as in the paper, more is memorised; at that strength "
            "dropout alone leaves as little",
        ),
    ),
)
def test_adversarial_training_helps_dropout(runs: Runs, judge: Judge) -> None:
    """Each as strong as costs no more than 2 points; with adversarial training dropout goes to 0.5, as in the paper."""
    learned(runs, judge)
    judge.above(memorised(runs, LITTLE), "dropout", "adversarial")


@claim(
    id="A27",
    says="The training losses under different regularisers lie in another order on random labels than on real ones.",
    source=ARPIT2017.at("section 5, figure 11"),
    kind="above",
    refuted_by=(
        "less than one pair of regularisers in ten that changes its order between the labels, beyond those that change "
        "it between two nets on the same labels"
    ),
    margin=Margin(0.1, "one pair in ten: of the figure's handful of curves, two neighbours that change places"),
    fast=TWICE,
    fullscale=PAPER_TWICE,
    departs=(*REDUCED, "one strength of each regulariser and 30 epochs; the paper does not say which strengths"),
    departs_fullscale=(*PAPER, ONE_STRENGTH),
)
def test_regularisers_order_otherwise_on_random_labels(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """Two nets of other initialisations are compared, on the same labels and across them: both scatter alike."""
    figure_11(draw, runs)
    judge.given(runs.relabelled(), "randY, none", at_least=0.5 * (1 - runs.chance))
    judge.above(order_of_losses(runs), "same labels", "other labels")


@claim(
    id="A28",
    says="Under a regulariser it takes more steps to reach a given training accuracy on random labels.",
    source=ARPIT2017.at("section 5, figure 11; footnote 3; poster, figure 5.2"),
    kind="above",
    refuted_by="steps to memorise half of the random labels that are less than a half more under the regulariser",
    margin=Margin(0.405, "log 1.5: half as many steps again; less would hardly show in the paper's figure"),
    fast=MEMORISING,
    fullscale=PAPER_MEMORISING,
    departs=(*REDUCED, ONE_STRENGTH),
    departs_fullscale=(*PAPER, ONE_STRENGTH),
    findings=(
        Finding("A28[hidden-noise]", "digits", "as strong as the paper takes it, it hardly delays memorising"),
        Finding(
            "A28[weight-decay]",
            "digits",
            "as weak as costs nothing on real digits, it hardly delays memorising",
        ),
    ),
)
@ALL_REGULARISERS
def test_memorising_takes_longer(runs: Runs, judge: Judge, regulariser: str) -> None:
    """An epoch has the same number of steps in every arm; what is not reached within the budget is a lower bound."""
    time = runs.time_to(0.5, "train_accuracy", "time to memorise half")
    (mild,) = runs.where(labels="randY", regulariser=regulariser)
    judge.above(time.log(), mild, "randY, none")
