"""On natural images, what noise does to the need for capacity depends on the kind of noise."""

from dataclasses import replace

import pytest

from memorization_claims import Drawing, Finding, Judge, Plan, Recipe, Record, Runs, claim

from ..cost import DEAR
from ..departures import HE_NORMAL
from ..margins import A_POINT
from .capacity import (
    ON_DIGITS,
    ONE_SCALE,
    PAPER_CNN_WIDTHS,
    PARTLY_NOISE,
    TEST_IMAGES,
    UNTIL_FITTED,
    WIDTHS,
    accuracy,
    fitted,
    sketch,
)
from .figures import FIGURE_5
from .paper import ARPIT2017
from .recipes import BATCHES_OF_100, PAPER_CNN

ON_CIFAR = replace(
    ON_DIGITS,
    data="cifar10",
    subset=1000,
    validation=2000,
    shrink=4,
    recipe=Recipe(rate=0.01, batch=50, epochs=150, stop_accuracy=1.0),
)
PAPER_ON_CIFAR = replace(
    PAPER_CNN,
    validation=None,
    recipe=replace(PAPER_CNN.recipe, epochs=200, decay_every=50, stop_accuracy=1.0),
    record=Record(weights="none"),
)
"""Nets of all widths are to fit, so that the rate falls more slowly than in the paper."""
REMOVED = {"removed": {"subset": 200}}
PAPER_REMOVED = {"removed": {"subset": 10_000}}
WITH_X = {name: PARTLY_NOISE[name] for name in ("real", "randX")}
WITH_Y = {"randY": PARTLY_NOISE["randY"]}
HOW_MUCH_NOISE = "four inputs in five, or three labels in five, are random; the paper does not say how many"
DEPARTS = (
    "1000 images of 8 x 8 pixels, so that there are more of them than pixels, and nets of 2 x 32, 2 x 64 and 2 x 256 "
    "units with momentum 0.9 instead of convolutional ones",
    HOW_MUCH_NOISE,
    UNTIL_FITTED,
    ONE_SCALE,
    TEST_IMAGES,
    HE_NORMAL,
)
PAPER_DEPARTS = (
    "100, 200 and 400 channels; the paper does not say how it widens its net of 200",
    BATCHES_OF_100,
    "the rate halves every 50 epochs instead of 15, for up to 200, so that narrow nets can fit",
    UNTIL_FITTED,
    HE_NORMAL,
    HOW_MUCH_NOISE,
    ONE_SCALE,
    TEST_IMAGES,
)
WHEN = pytest.mark.parametrize("when", ["final", "best"])
START = pytest.mark.parametrize("start", ["narrow", "middle"])


@claim(
    id="A10",
    part="randX",
    says=(
        "On CIFAR-10 too, a wider net gains more validation accuracy with random inputs among the examples, than on "
        "real data alone and than without those inputs."
    ),
    source=ARPIT2017.at("section 3.3.1"),
    kind="interaction",
    refuted_by="a gain from a narrower net to a wide one that random inputs raise by less than a point",
    margin=A_POINT,
    fast=Plan.crossed(ON_CIFAR, {"data": {**WITH_X, **REMOVED}, "width": WIDTHS}, most=DEAR, needs_data=True),
    fullscale=Plan.crossed(
        PAPER_ON_CIFAR, {"data": {**WITH_X, **PAPER_REMOVED}, "width": PAPER_CNN_WIDTHS}, needs_data=True
    ),
    departs=DEPARTS,
    departs_fullscale=PAPER_DEPARTS,
    findings=(
        Finding(
            ("A10[randX-final-narrow-real]", "A10[randX-final-middle-real]"),
            "cifar10",
            "a wide net gains no more than on real images, which want it too",
        ),
        Finding(
            "A10[randX-best-middle-real]",
            "cifar10",
            "a wide net gains no more than on real images, as far as noise costs accuracy",
            verdict="undecided",
        ),
        Finding(
            "A10[randX-final-middle-removed]",
            "cifar10",
            "a wide net gains hardly more than without the random inputs",
            verdict="undecided",
        ),
        Finding(
            (
                "A10[randX-best-narrow-real]",
                "A10[randX-final-narrow-removed]",
                "A10[randX-best-narrow-removed]",
                "A10[randX-best-middle-removed]",
            ),
            "cifar10",
            "a wide net gains about a point more, or less than that",
            verdict="undecided",
        ),
    ),
)
@pytest.mark.parametrize("other", ["real", "removed"])
@START
@WHEN
def test_random_inputs_take_a_wider_net(
    runs: Runs, judge: Judge, draw: Drawing, when: str, start: str, other: str
) -> None:
    """As A09 and A11, where nets of these widths show it on digits.

    All nets fit, and accuracy with noise is off that of guessing. The noise costs the narrower net accuracy beside the
    same number of images without it: that is what a wide one could win back.
    """
    reached = accuracy(runs, when)
    sketch(draw, FIGURE_5, reached, runs, "real", "randX", "removed", panel=f"CIFAR-10, {when}")
    arms = ("randX, wide", f"randX, {start}"), (f"{other}, wide", f"{other}, {start}")
    fitted(runs, judge, *arms[0], *arms[1])
    judge.given(reached, "randX, wide", at_least=1.5 * runs.chance)
    cost = reached.between("accuracy that noise costs", {start: (f"removed, {start}", f"randX, {start}")})
    judge.control(cost, at_least=A_POINT.value)
    judge.interaction(reached, *arms)


@claim(
    id="A10",
    part="randY",
    says="On CIFAR-10 with random labels among the examples, validation accuracy is the same whatever the width.",
    source=ARPIT2017.at("section 3.3.1"),
    kind="same",
    refuted_by="validation accuracies of the widest net and of a narrower one that differ by a point or more",
    margin=A_POINT,
    fast=Plan.crossed(ON_CIFAR, {"data": WITH_Y, "width": WIDTHS}, needs_data=True),
    fullscale=Plan.crossed(PAPER_ON_CIFAR, {"data": WITH_Y, "width": PAPER_CNN_WIDTHS}, needs_data=True),
    departs=DEPARTS,
    departs_fullscale=PAPER_DEPARTS,
    findings=(
        Finding(
            ("A10[randY-final-narrow]", "A10[randY-final-middle]"),
            "cifar10",
            "a wide net is more accurate with random labels too",
        ),
        Finding(
            ("A10[randY-best-narrow]", "A10[randY-best-middle]"),
            "cifar10",
            "a wide net is more accurate by about a point",
            verdict="undecided",
        ),
    ),
)
@START
@WHEN
def test_with_random_labels_width_does_not_matter(runs: Runs, judge: Judge, when: str, start: str) -> None:
    """All nets fit, and they have learned something all the same."""
    reached = accuracy(runs, when)
    arms = "randY, wide", f"randY, {start}"
    fitted(runs, judge, *arms)
    judge.given(reached, *arms, at_least=1.2 * runs.chance)
    judge.same(reached, *arms)
