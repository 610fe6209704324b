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

from .figures import FIGURE_1
from .paper import ARPIT2017

CONDITIONS = {"real": TRUE, "randX": gaussian_inputs(), "randY": permuted_labels()}
RANDOM_INPUTS, RANDOM_LABELS = ({name: CONDITIONS[name]} for name in ("randX", "randY"))
AFTER_ONE_EPOCH = Record(weights="none", examples="final")

DIGITS = RunSpec(
    data="digits",
    # As many as figure 1 shows; of 200, the first choice, the dispersion against randY lay on the margin.
    subset=1000,
    validation=100,
    model="mlp-2x64",
    recipe=Recipe(rate=0.03, momentum=0.0, batch=10, epochs=1),
    record=AFTER_ONE_EPOCH,
    nets=100,
)
CIFAR10 = replace(
    DIGITS,
    data="cifar10",
    subset=500,
    crop=24,
    model="mlp-2x16",
    recipe=Recipe(rate=0.01, momentum=0.0, batch=25, epochs=1),
)
PAPER = RunSpec(
    data="mnist",
    subset=1000,
    validation=1000,
    model="mlp-2x4096",
    recipe=Recipe(rate=0.01, momentum=0.0, batch=10, epochs=1),
    record=AFTER_ONE_EPOCH,
    nets=100,
)
EXCHANGED = "randY exchanges the labels: redrawn ones make some classes larger, and their examples easier"
REDUCED = (
    "digits instead of MNIST and 64 units a layer instead of 4096",
    EXCHANGED,
)
BOTH = (
    *REDUCED,
    "of CIFAR-10 500 images of 24 x 24 pixels, for as few examples to a dimension as 1000 of its whole images, and 16 "
    "units a layer",
)
FULL = (
    "batches of 10 examples; the paper does not give their size",
    EXCHANGED,
)
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
    source=ARPIT2017.at("section 3.1, figure 1"),
    kind="above",
    refuted_by="a dispersion, variance over binomial variance, that in real data is less than four times that in noise",
    margin=Margin(1.386, "log 4: 'far more' is at least twice the standard deviation, so four times the variance"),
    fast=Plan(base=DIGITS, conditions=CONDITIONS),
    fullscale=Plan(base=PAPER, conditions=CONDITIONS),
    departs=REDUCED,
    departs_fullscale=FULL,
)
@pytest.mark.parametrize("noise", ["randX", "randY"])
def test_real_examples_differ_in_difficulty(runs: Runs, judge: Judge, draw: Drawing, noise: str) -> None:
    """The variance is taken over what equally hard examples would give, so that the level of accuracy drops out."""
    figure_1(draw, runs)
    dispersion = runs.value("right", difficulty_dispersion, DISPERSION)
    judge.above(dispersion.log(), "real", noise)


NOT_SEEN = "of a spread a tenth wider or narrower than a binomial's: less would not be seen in the paper's curves"
LEARNED = 1.5
"""Times chance: a training accuracy below it leaves nothing whose spread over examples could be told from guessing."""


@claim(
    id="A02",
    says=(
        "Random inputs are all equally hard: how often each is misclassified after one epoch, over 100 initialisations "
        "and orders, is what a binomial distribution gives."
    ),
    source=ARPIT2017.at("section 3.1, figure 1"),
    kind="fit",
    refuted_by="a variance over examples that is not within a factor of 1.21 of a binomial's",
    margin=Margin(1.21, f"the square {NOT_SEEN}"),
    fast={
        "": Plan(base=DIGITS, conditions=CONDITIONS),
        "cifar10": Plan(base=CIFAR10, conditions=RANDOM_INPUTS, needs_data=True),
    },
    fullscale={
        "": Plan(base=PAPER, conditions=CONDITIONS),
        "cifar10": Plan(base=PAPER, conditions=RANDOM_INPUTS, needs_data=True).changed(data="cifar10"),
    },
    departs=BOTH,
    departs_fullscale=FULL,
    findings=(Finding("A02", "digits", "of so many inputs in so few dimensions some are harder"),),
)
def test_random_inputs_are_equally_hard(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """Where nets have learned something of them: what nobody has learned is equally hard without a reason."""
    judge.given(runs.final("train_accuracy"), "randX", at_least=LEARNED * runs.chance)
    figure_1(draw, runs)
    judge.fit(runs.value("right", difficulty_dispersion, DISPERSION), "randX")


@claim(
    id="A03",
    says="With random labels, examples are not all equally hard: some share patterns that nets use.",
    source=ARPIT2017.at("section 3.1"),
    kind="bound",
    refuted_by="a variance over examples that is less than 1.21 times a binomial's",
    margin=Margin(1.21, f"the square {NOT_SEEN}"),
    fast={
        "": Plan(base=DIGITS, conditions=CONDITIONS),
        "cifar10": Plan(base=CIFAR10, conditions=RANDOM_LABELS, needs_data=True),
    },
    fullscale={
        "": Plan(base=PAPER, conditions=CONDITIONS),
        "cifar10": Plan(base=PAPER, conditions=RANDOM_LABELS, needs_data=True).changed(data="cifar10"),
    },
    departs=BOTH,
    departs_fullscale=FULL,
)
def test_randomly_labelled_examples_are_not_equally_hard(runs: Runs, judge: Judge) -> None:
    """The dispersion over what equally hard examples would give."""
    judge.at_least(runs.value("right", difficulty_dispersion, DISPERSION), "randY")
