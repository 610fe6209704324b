"""On natural images, what noise does to the need for capacity depends on the kind of noise."""

from dataclasses import replace

import pytest

from memorization_claims.drawing.drawing import Drawing
from memorization_claims.judging.claim import Finding, Margin, claim
from memorization_claims.judging.judge import Judge
from memorization_claims.lab.runs import Runs
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record

from .capacity import ON_DIGITS, PAPER_CNN_WIDTHS, PARTLY_NOISE, WIDTHS, crossed, sketch
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
FAST = Plan(base=ON_CIFAR, conditions=crossed(PARTLY_NOISE, WIDTHS), seeds=20, needs_data=True)
FULLSCALE = Plan(
    base=replace(PAPER_CNN, validation=None, record=Record(every=5, weights="none")),
    conditions=crossed(PARTLY_NOISE, PAPER_CNN_WIDTHS),
    needs_data=True,
)
DEPARTS = (
    "1000 images of 16 x 16 pixels and nets of 2 x 16, 2 x 64 and 2 x 256 units with momentum 0.9 instead of "
    "convolutional ones, for 40 epochs",
    "four inputs in five, or three labels in five, are random; the paper does not say how many",
    "judged on 2000 test images first, by the highest accuracy too, and for random labels also from the middle width: "
    "12 seeds decided next to nothing, and what they showed was known when all test images and 20 seeds were taken",
    "initial weights from He et al.'s normal distribution; the paper does not name its own",
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
        Finding(
            "A10[randX-narrow]",
            "fast",
            "cifar10",
            "a net 16 times as wide gains 1.5 points less with random inputs than on real data alone [0.9, 2.0]",
        ),
        Finding(
            "A10[randX-middle]",
            "fast",
            "cifar10",
            "a net four times as wide gains as much on real data: 0.3 points less with random inputs [-0.1, 0.7]",
        ),
    ),
)
@pytest.mark.parametrize("start", ["narrow", "middle"])
def test_random_inputs_take_a_wider_net(runs: Runs, judge: Judge, draw: Drawing, start: str) -> None:
    """As A09, on natural images."""
    found = runs.final("validation_accuracy")
    sketch(draw, FIGURE_5, found, runs, "real", "randX", "randY", panel="CIFAR-10")
    judge.given(found, "real, wide", at_least=2 * runs.chance)
    judge.interaction(found, ("randX, wide", f"randX, {start}"), ("real, wide", f"real, {start}"))


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
    findings=(
        Finding(
            "A10[randY]", "fast", "cifar10", "a net 16 times as wide gains 3.6 points with random labels [3.2, 4.0]"
        ),
    ),
)
def test_with_random_labels_width_does_not_matter(runs: Runs, judge: Judge) -> None:
    """Over all widths, where a relationship would show most; the nets have learned something all the same."""
    found = runs.final("validation_accuracy")
    judge.given(found, "randY, wide", "randY, narrow", at_least=1.2 * runs.chance)
    judge.same(found, "randY, wide", "randY, narrow")
