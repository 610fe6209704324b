"""On natural images, what noise does to the need for capacity depends on the kind of noise."""

from dataclasses import replace

import pytest

from memorization_claims import Drawing, Finding, Judge, Margin, Plan, Recipe, Record, Runs, claim

from ..cost import DEARER
from ..departures import HE_NORMAL
from .capacity import HOW_MUCH_NOISE, ON_DIGITS, PAPER_CNN_WIDTHS, PARTLY_NOISE, WIDTHS, sketch
from .figures import FIGURE_5
from .paper import ARPIT2017
from .recipes import PAPER, PAPER_CNN

ON_CIFAR = replace(
    ON_DIGITS,
    data="cifar10",
    subset=1000,
    validation=None,
    shrink=2,
    recipe=Recipe(rate=0.01, batch=50, epochs=40),
    record=Record(every=40, weights="none"),
)
FAST = Plan.crossed(ON_CIFAR, {"data": PARTLY_NOISE, "width": WIDTHS}, most=DEARER, needs_data=True)
FULLSCALE = Plan.crossed(
    replace(PAPER_CNN, validation=None, record=Record(every=5, weights="none")),
    {"data": PARTLY_NOISE, "width": PAPER_CNN_WIDTHS},
    needs_data=True,
)
DEPARTS = (
    "1000 images of 16 x 16 pixels and nets of 2 x 16, 2 x 64 and 2 x 256 units with momentum 0.9 instead of "
    "convolutional ones, for 40 epochs",
    HOW_MUCH_NOISE,
    "judged on 2000 test images first, by the highest accuracy too, and for random labels also from the middle width: "
    "next to nothing was decided, and what runs had shown was known when all test images were taken",
    HE_NORMAL,
)
PAPER_DEPARTS = (
    *PAPER,
    "Zhang et al.'s small AlexNet with 16, 64 and 128 channels; the paper does not say how it widens its net",
)


@claim(
    id="A10",
    part="randX",
    says="On CIFAR-10 too, a wider net gains more validation accuracy with random inputs among the examples.",
    source=ARPIT2017.at("section 3.3.1"),
    kind="interaction",
    refuted_by="a gain from a narrower net to a wide one that random inputs raise by less than a point",
    margin=Margin(0.01, "a point of validation accuracy more from a wider net, as for A09"),
    fast=FAST,
    fullscale=FULLSCALE,
    departs=DEPARTS,
    departs_fullscale=PAPER_DEPARTS,
    findings=(
        Finding(("A10[randX-narrow]", "A10[randX-middle]"), "cifar10", "a wide net gains no more with random inputs"),
    ),
)
@pytest.mark.parametrize("start", ["narrow", "middle"])
def test_random_inputs_take_a_wider_net(runs: Runs, judge: Judge, draw: Drawing, start: str) -> None:
    """As A09, on natural images."""
    reached = runs.final("validation_accuracy")
    sketch(draw, FIGURE_5, reached, runs, "real", "randX", "randY", panel="CIFAR-10")
    judge.given(reached, "real, wide", at_least=2 * runs.chance)
    judge.interaction(reached, ("randX, wide", f"randX, {start}"), ("real, wide", f"real, {start}"))


@claim(
    id="A10",
    part="randY",
    says="On CIFAR-10 with random labels among the examples, validation accuracy is the same whatever the width.",
    source=ARPIT2017.at("section 3.3.1"),
    kind="same",
    refuted_by="validation accuracies of the widest net and of the narrowest that differ by 2 points or more",
    margin=Margin(0.02, "2 points, twice what runs scatter by: less cannot be noticed where each point is one run"),
    fast=FAST,
    fullscale=FULLSCALE,
    departs=DEPARTS,
    departs_fullscale=PAPER_DEPARTS,
    findings=(Finding("A10[randY]", "cifar10", "a wide net is more accurate with random labels too"),),
)
def test_with_random_labels_width_does_not_matter(runs: Runs, judge: Judge) -> None:
    """Over all widths, where a relationship would show most; the nets have learned something all the same."""
    reached = runs.final("validation_accuracy")
    judge.given(reached, "randY, wide", "randY, narrow", at_least=1.2 * runs.chance)
    judge.same(reached, "randY, wide", "randY, narrow")
