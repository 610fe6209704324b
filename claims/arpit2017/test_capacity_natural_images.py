"""On natural images, what noise does to the need for capacity depends on the kind of noise."""

from dataclasses import replace

import pytest

from claims.arpit2017.capacity import (
    FIGURE_5,
    ON_DIGITS,
    PAPER_CNN_WIDTHS,
    PARTLY_NOISE,
    WIDTHS,
    accuracy,
    crossed,
    sketch,
)
from claims.arpit2017.recipes import PAPER, PAPER_CNN
from harness.claim import Margin, claim
from harness.drawing import Drawing
from harness.judge import Judge
from harness.papers import ARPIT2017
from harness.plan import Plan
from harness.runs import Runs
from harness.spec import Recipe, Record

WHEN = pytest.mark.parametrize("when", ["final", "best"])
START = pytest.mark.parametrize("start", ["narrow", "middle"])
ON_CIFAR = replace(
    ON_DIGITS,
    data="cifar10",
    subset=1000,
    validation=2000,
    shrink=2,
    recipe=Recipe(rate=0.01, batch=50, epochs=40),
    record=Record(every=4, weights="none"),
)
FAST = Plan(base=ON_CIFAR, conditions=crossed(PARTLY_NOISE, WIDTHS), needs_data=True)
FULLSCALE = Plan(
    base=replace(PAPER_CNN, validation=None, record=Record(every=5, weights="none")),
    conditions=crossed(PARTLY_NOISE, PAPER_CNN_WIDTHS),
    needs_data=True,
)
DEPARTS = (
    "1000 images of 16 x 16 pixels and nets of 2 x 16, 2 x 64 and 2 x 256 units with momentum 0.9 instead of "
    "convolutional ones, for 40 epochs",
    "four inputs in five, or three labels in five, are random; the paper does not say how many",
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
)
@START
@WHEN
def test_random_inputs_take_a_wider_net(runs: Runs, judge: Judge, draw: Drawing, when: str, start: str) -> None:
    """As A09, on natural images."""
    found = accuracy(runs, when)
    sketch(draw, FIGURE_5, found, runs, "real", "randX", "randY", panel=f"CIFAR-10, {when}")
    judge.given(found, "real, wide", at_least=2 * runs.chance)
    judge.interaction(found, ("randX, wide", f"randX, {start}"), ("real, wide", f"real, {start}"))


@claim(
    id="A10",
    part="randY",
    says="On CIFAR-10 with random labels among the examples, validation accuracy is the same whatever the width.",
    source=ARPIT2017.at("section 3.3.1"),
    kind="same",
    refuted_by="validation accuracies of a wide net and of a narrower one that differ by 2 points or more",
    margin=Margin(0.02, "2 points, twice what runs scatter by: less cannot be noticed where each point is one run"),
    fast=FAST,
    fullscale=FULLSCALE,
    departs=DEPARTS,
    departs_fullscale=PAPER_DEPARTS,
)
@START
@WHEN
def test_with_random_labels_width_does_not_matter(runs: Runs, judge: Judge, when: str, start: str) -> None:
    """The paper noticed no relationship between the two; the nets have learned something all the same."""
    found = accuracy(runs, when)
    judge.given(found, "randY, wide", f"randY, {start}", at_least=1.2 * runs.chance)
    judge.same(found, "randY, wide", f"randY, {start}")
