"""Real data have easy and hard examples; noise has not."""

from dataclasses import replace

import pytest

from memorization_claims import (
    TRUE,
    Drawing,
    Finding,
    Judge,
    Margin,
    Plan,
    Recipe,
    Record,
    Runs,
    RunSpec,
    claim,
    gaussian_inputs,
    permuted_labels,
)
from memorization_claims.drawing.curves import difficulty_curves
from memorization_claims.measures.values.easy_examples import difficulty_dispersion

from ..margins import LOG_TENTH, TWICE
from .figures import FIGURE_1
from .paper import ARPIT2017
from .recipes import ONE_DEVIATION

CONDITIONS = {"real": TRUE, "randX": gaussian_inputs(), "randY": permuted_labels()}


def an_epoch(rate: float, batch: int) -> Recipe:
    """After which examples are told apart by how many of the nets get them right."""
    return Recipe(rate=rate, momentum=0.0, batch=batch, epochs=1)


DIGITS = RunSpec(
    data="digits",
    subset=1000,
    validation=100,
    model="mlp-2x64",
    recipe=an_epoch(rate=0.03, batch=10),
    record=Record(weights="none", examples="final"),
    nets=100,
)
MNIST = replace(DIGITS, data="mnist", model="mlp-2x32")
CIFAR10 = replace(DIGITS, data="cifar10", subset=500, crop=24, model="mlp-2x16", recipe=an_epoch(rate=0.03, batch=25))
PAPER = replace(MNIST, validation=1000, model="mlp-2x4096", recipe=an_epoch(rate=0.01, batch=10))
PAPER_CIFAR10 = replace(PAPER, data="cifar10")

ALL = {
    "": Plan(base=DIGITS, conditions=CONDITIONS),
    "mnist": Plan(base=MNIST, conditions=CONDITIONS, needs_data=True),
    "cifar10": Plan(base=CIFAR10, conditions=CONDITIONS, needs_data=True),
}
PAPER_ALL = {
    "": Plan(base=PAPER, conditions=CONDITIONS),
    "cifar10": Plan(base=PAPER_CIFAR10, conditions=CONDITIONS, needs_data=True),
}

THESE_ALONE = "nets are trained on the 1000 examples that the figure shows and no others, which the paper leaves open"
EXCHANGED = "randY exchanges the labels: redrawn ones make some classes larger, and their examples easier"
REDUCED = (
    THESE_ALONE,
    "16 to 64 units a layer instead of 4096, at up to ten times the rate",
    "of CIFAR-10 500 images of 24 x 24 pixels, for as few examples to a dimension as 1000 of its whole images",
    EXCHANGED,
    ONE_DEVIATION,
)
FULL = (THESE_ALONE, "batches of 10 examples; the paper does not give their size", EXCHANGED, ONE_DEVIATION)
DISPERSION = "dispersion of difficulty"


def figure_1(draw: Drawing, runs: Runs) -> None:
    """How often each example is misclassified, from the hardest to the easiest."""
    xlabel, ylabel = "share of examples, from the hardest", "share of nets that misclassify the example"
    draw.lines(FIGURE_1, difficulty_curves(runs, binomial="randX"), xlabel=xlabel, ylabel=ylabel)


@claim(
    id="A01",
    says=(
        "After one epoch, how often an example is misclassified over 100 initialisations and orders varies far more "
        "from example to example in real data than in noise, next to what equally hard examples would give."
    ),
    source=ARPIT2017.at("section 3.1, figure 1; poster, figure 3.1"),
    kind="above",
    refuted_by="a dispersion, variance over binomial variance, that in real data is less than four times that in noise",
    margin=Margin(
        2 * TWICE.value, "log 4: 'far more' is at least twice the standard deviation, so 4 times the variance"
    ),
    fast=ALL,
    fullscale=PAPER_ALL,
    departs=REDUCED,
    departs_fullscale=FULL,
    findings=(
        Finding(
            "A01[cifar10-randY]", "cifar10", "more than random labels, but not twice as much, where little is learned"
        ),
    ),
)
@pytest.mark.parametrize("noise", ["randX", "randY"])
def test_real_examples_differ_in_difficulty(runs: Runs, judge: Judge, draw: Drawing, noise: str) -> None:
    """The variance is taken over what equally hard examples would give, so that the level of accuracy drops out."""
    figure_1(draw, runs)
    dispersion = runs.value("right", difficulty_dispersion, DISPERSION)
    judge.above(dispersion.log(), "real", noise)


A_TENTH_OF_DEVIATION = "a tenth of the standard deviation: less is not seen in a figure of such curves"
STAGES = {"early": 1.5, "later": 2.5}
"""How many times as often as by guessing nets are right at least."""
HOW_FAR = (
    "the paper does not say how much its nets have learned of random inputs: judged of nets that are right a bit more "
    "often than by guessing, and of others that are so at least two and a half times as often; what nobody has "
    "learned is equally hard without a reason"
)

UNEVEN = "equally hard only as long as little of them is learned"


def at_both_stages(base: RunSpec, early: Recipe, later: Recipe, *, needs_data: bool = True) -> Plan:
    """Random inputs, learned at two rates."""
    conditions = {
        stage: {**gaussian_inputs(), "recipe": recipe} for stage, recipe in (("early", early), ("later", later))
    }
    return Plan(base=base, conditions=conditions, needs_data=needs_data)


@claim(
    id="A02",
    says=(
        "Random inputs are all equally hard: how often each is misclassified after one epoch, over 100 initialisations "
        "and orders, is what a binomial distribution gives."
    ),
    source=ARPIT2017.at("section 3.1, figure 1"),
    kind="fit",
    refuted_by="a variance over examples that is not within a factor of 1.21 of a binomial's",
    margin=Margin(1.21, f"the square of 1.1, {A_TENTH_OF_DEVIATION}"),
    fast={
        "": at_both_stages(DIGITS, DIGITS.recipe, an_epoch(rate=0.15, batch=10), needs_data=False),
        "mnist": at_both_stages(MNIST, an_epoch(rate=0.005, batch=10), MNIST.recipe),
        "cifar10": at_both_stages(CIFAR10, an_epoch(rate=0.01, batch=25), an_epoch(rate=0.05, batch=25)),
    },
    fullscale={
        "": at_both_stages(PAPER, an_epoch(rate=0.001, batch=10), PAPER.recipe, needs_data=False),
        "cifar10": at_both_stages(PAPER_CIFAR10, an_epoch(rate=0.001, batch=10), PAPER.recipe),
    },
    departs=(*REDUCED, HOW_FAR),
    departs_fullscale=(*FULL, HOW_FAR),
    findings=(
        Finding(("A02[early]", "A02[later]"), "digits", "of so many inputs in so few dimensions some are harder"),
        Finding(("A02[mnist-early]", "A02[mnist-later]"), "mnist", UNEVEN),
        Finding("A02[cifar10-later]", "cifar10", UNEVEN),
    ),
)
@pytest.mark.parametrize("stage", STAGES)
def test_random_inputs_are_equally_hard(runs: Runs, judge: Judge, stage: str) -> None:
    """Dispersion is the variance over that of a binomial of the same mean."""
    judge.given(runs.final("train_accuracy"), stage, at_least=STAGES[stage] * runs.chance)
    judge.fit(runs.value("right", difficulty_dispersion, DISPERSION), stage)


@claim(
    id="A03",
    says="With random labels examples differ in difficulty more than with random inputs: nets use shared patterns.",
    source=ARPIT2017.at("section 3.1, figure 1"),
    kind="above",
    refuted_by="a variance over examples, next to a binomial's, that is less than 1.21 times that of random inputs",
    margin=Margin(2 * LOG_TENTH, f"log 1.21, {A_TENTH_OF_DEVIATION}"),
    fast=ALL,
    fullscale=PAPER_ALL,
    departs=REDUCED,
    departs_fullscale=FULL,
)
def test_randomly_labelled_examples_are_not_equally_hard(runs: Runs, judge: Judge) -> None:
    """The paper holds them against random inputs, which it finds equally hard; where nets learned some of both."""
    judge.given(runs.final("train_accuracy"), "randX", "randY", at_least=1.2 * runs.chance)
    judge.above(runs.value("right", difficulty_dispersion, DISPERSION).log(), "randY", "randX")
