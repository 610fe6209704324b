"""What regularisers do to memories, and to what is learned of real data."""

import pytest

from memorization_claims import Drawing, Finding, Judge, Margin, Runs, claim

from ..margins import A_TENTH, FITTED, IN_FOUR, IN_TWENTY
from .paper import ARPIT2017
from .regularisers import (
    COURSE,
    COURSES,
    EQUAL_DROPOUT,
    ON_DIGITS,
    PAPER,
    PAPER_BASE,
    PAPER_COURSE,
    PAPER_COURSES,
    PAPER_EQUAL_DROPOUT,
    PAPER_SELECTED,
    PAPER_STRENGTHS,
    RANDOM,
    REDUCED,
    SELECTED,
    STRENGTHS,
    beside_dropout,
    cost_of_the_strongest,
    each,
    figure_10,
    figure_11,
    memorised,
    order_of_losses,
    raised_by_adversarial_training,
    regulariser,
)

LITTLE = 0.02
"""The validation accuracy that a regulariser may cost on real data: 2 points, where Zhang et al. 2017 report 1 to 5
points that regularisers gain on true labels. More would undo what they are used for."""
ONE_STRENGTH = (
    "one strength of each regulariser, which costs real digits less than a point; the paper does not say which"
)
PAPER_ONE_STRENGTH = "one strength of each regulariser; the paper does not say which"


def learned(runs: Runs, judge: Judge) -> None:
    """Without a regulariser, random labels are memorised and real ones are learned."""
    judge.given(runs.final("train_accuracy"), "randY, none", at_least=FITTED.value)
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
    margin=IN_FOUR,
    fast=each(ON_DIGITS, STRENGTHS),
    fullscale=each(PAPER_BASE, PAPER_STRENGTHS, beside=PAPER_COURSES),
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_memories_are_fewer_at_little_cost(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """Both halves at once: the strength is the greatest whose cost on real labels is little.

    The strengths go on to where they cost more, so that one that keeps labels from being memorised is among them.
    """
    figure_10(draw, runs)
    learned(runs, judge)
    judge.above(memorised(runs, LITTLE), "none", regulariser(runs))


@claim(
    id="A26",
    part="dropout",
    says="Dropout lowers training accuracy on random labels further than other regularisers do at as little cost.",
    source=ARPIT2017.at("section 5, figure 10"),
    kind="above",
    refuted_by="another regulariser that leaves less than 5 points more of the random labels memorised than dropout",
    margin=IN_TWENTY,
    fast=beside_dropout(ON_DIGITS, STRENGTHS),
    fullscale=beside_dropout(PAPER_BASE, PAPER_STRENGTHS, beside=PAPER_COURSES),
    departs=REDUCED,
    departs_fullscale=PAPER,
    findings=(
        Finding("A26[dropout-input-dropout]", "digits", "input dropout leaves as little memorised as dropout"),
        Finding("A26[dropout-input-noise]", "digits", "input noise leaves as little memorised as dropout or less"),
        Finding(
            "A26[dropout-hidden-noise]",
            "digits",
            "noise on hidden units, of 1 to 5 where the paper has 0.3 at most, leaves less memorised than dropout",
        ),
        Finding("A26[dropout-weight-decay]", "digits", "weight decay leaves less memorised than dropout"),
    ),
)
def test_dropout_is_the_most_effective(runs: Runs, judge: Judge) -> None:
    """Each as strong as costs no more than 2 points of validation accuracy on real labels.

    Both ranges go from where all is memorised to where accuracy is lost, so that each could have been the better one.
    """
    learned(runs, judge)
    judge.control(cost_of_the_strongest(runs), at_least=LITTLE)
    _, dropout, other = map(str, runs.levels("regulariser"))
    judge.above(memorised(runs, LITTLE), other, dropout)


@claim(
    id="A26",
    part="adversarial",
    says="With adversarial training, dropout lowers training accuracy on random labels further at as little cost.",
    source=ARPIT2017.at("section 5, figure 10"),
    kind="above",
    refuted_by="dropout alone, of the same rates, that leaves less than 5 points more of the random labels memorised",
    margin=IN_TWENTY,
    fast=EQUAL_DROPOUT,
    fullscale=PAPER_EQUAL_DROPOUT,
    departs=REDUCED,
    departs_fullscale=PAPER,
    findings=(
        Finding("A26[adversarial]", "digits", "with adversarial training, dropout leaves as much memorised or more"),
    ),
)
def test_adversarial_training_helps_dropout(runs: Runs, judge: Judge) -> None:
    """Each as strong as costs no more than 2 points, with dropout up to 0.5 both with adversarial training and without.

    Dropout alone leaves some of the labels memorised, from which adversarial training could keep it: with next to none
    it raises the loss on them.
    """
    learned(runs, judge)
    judge.control(raised_by_adversarial_training(runs), at_least=A_TENTH.value)
    found = memorised(runs, LITTLE)
    judge.control(found, "dropout", at_least=2 * runs.chance + IN_TWENTY.value)
    judge.above(found, "dropout", "adversarial")


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
    fast=COURSES,
    fullscale=PAPER_COURSES,
    departs=(*REDUCED, ONE_STRENGTH),
    departs_fullscale=(*PAPER, PAPER_ONE_STRENGTH),
)
@pytest.mark.parametrize("when", ["final", "along"])
def test_regularisers_order_otherwise_on_random_labels(runs: Runs, judge: Judge, draw: Drawing, when: str) -> None:
    """Two nets of other initialisations are compared, on the same labels and across them: both scatter alike."""
    figure_11(draw, runs)
    judge.given(runs.relabelled(), "randY, none", at_least=0.5 * (1 - runs.chance))
    judge.above(order_of_losses(runs, when), "same labels", "other labels")


@claim(
    id="A28",
    says="Under a regulariser it takes more steps to reach a given training accuracy on random labels.",
    source=ARPIT2017.at("section 5, figure 11; footnote 3; poster, figure 5.2"),
    kind="above",
    refuted_by="steps to memorise half of the random labels that are less than a tenth more under the regulariser",
    margin=A_TENTH,
    fast=each(COURSE, SELECTED, RANDOM),
    fullscale=each(PAPER_COURSE, PAPER_SELECTED, RANDOM),
    departs=(*REDUCED, ONE_STRENGTH, "the time is the mean of 2 nets"),
    departs_fullscale=(*PAPER, PAPER_ONE_STRENGTH, "the time is the mean of 2 nets"),
)
def test_memorising_takes_longer(runs: Runs, judge: Judge) -> None:
    """An epoch has the same number of steps in every arm; what is not reached within the budget is a lower bound."""
    time = runs.time_to(0.5, "train_accuracy", "time to memorise half")
    (regularised,) = runs.where(regulariser=regulariser(runs))
    judge.above(time.log(), regularised, "randY, none")
