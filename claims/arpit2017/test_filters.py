"""What the filters of the first layer look like after training on noise."""

from dataclasses import replace

import pytest

from memorization_claims import (
    TRUE,
    Drawing,
    Finding,
    Judge,
    Plan,
    Recipe,
    Record,
    Runs,
    Samples,
    claim,
    gaussian_inputs,
    random_labels,
)
from memorization_claims.drawing.pictures import filter_pictures
from memorization_claims.measures.nets.filters import low_frequencies, smoothness

from ..departures import HE_NORMAL
from ..margins import A_TENTH, IN_TWENTY, LOG_TENTH
from .courses import PAPER_COURSE
from .figures import FIGURE_2
from .paper import ARPIT2017
from .recipes import MLP, ONE_DEVIATION, PAPER

CONDITIONS = {"real": TRUE, "randX": gaussian_inputs(), "randY": random_labels()}
DIGITS = replace(MLP, model="mlp-2x16", recipe=Recipe(rate=0.07, batch=50, epochs=100), record=Record(every=100))
CIFAR10 = replace(
    MLP,
    data="cifar10",
    subset=250,
    shrink=2,
    model="alexnet-8",
    recipe=Recipe(rate=0.02, batch=25, epochs=50),
    record=Record(every=50),
)
SLOWLY = {**gaussian_inputs(), "recipe": replace(CIFAR10.recipe, rate=0.01, epochs=80)}
"""At the rate of the others this net does not learn random inputs."""
FAST = {
    "": Plan(base=DIGITS, conditions=CONDITIONS),
    "cifar10": Plan(base=CIFAR10, conditions=CONDITIONS | {"randX": SLOWLY}, needs_data=True),
}
FULL = Plan(base=PAPER_COURSE, conditions=CONDITIONS)
REDUCED = (
    "a net of 2 x 16 units on digits: one so narrow that its filters move; on CIFAR-10 one like the paper's, with 8 "
    "filters of 5 x 5 and without batch norm, on 250 images of half the height and width",
    HE_NORMAL,
)
SLOWER = (
    "random inputs of CIFAR-10 at half the rate of the others, for 80 epochs instead of 50, by which they are learned"
)
CONTROL = "a control of ours: the paper shows no filters of random inputs"
LESS = "smoother than noise, but by less than a picture shows, and less than filters of real data"
SMOOTHNESS = "log smoothness of filters"
DATA = pytest.mark.parametrize("data", ["real", "randY"])
"""Figure 2 left and right."""


def learned_something(runs: Runs, judge: Judge, data: str) -> None:
    """More than half as much again as by guessing: otherwise filters had nothing to learn."""
    judge.given(runs.final("train_accuracy"), data, at_least=1.5 * runs.chance)


def smooth_on_real_data(runs: Runs, judge: Judge) -> Samples:
    """The positive control: where filters of real data are not smooth, training does not reach them at all."""
    smooth = runs.value("filters", smoothness, SMOOTHNESS)
    judge.control(smooth, "real", at_least=LOG_TENTH)
    return smooth


@claim(
    id="A04",
    part="real",
    says="Filters that a first layer learns from real data are smooth, not noise.",
    source=ARPIT2017.at("section 3.1, figure 2 left"),
    kind="above",
    refuted_by="neighbouring weights that differ by less than a tenth less than those of the initial filters",
    margin=A_TENTH,
    fast=FAST,
    fullscale=FULL,
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_real_data_make_filters_smooth(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """The paper shows the filters and measures nothing; how much neighbours differ, next to the size of a filter."""
    learned_something(runs, judge, "real")
    draw.images(FIGURE_2, filter_pictures(runs))
    judge.above(runs.value("filters", smoothness, SMOOTHNESS), "real", "initial")


@claim(
    id="A04",
    part="smooth",
    says="Filters that a first layer learns from random labels are smooth, not noise.",
    source=ARPIT2017.at("section 3.1, figure 2 right"),
    kind="above",
    refuted_by="neighbouring weights that differ by less than a tenth less than those of the initial filters",
    margin=A_TENTH,
    fast=FAST,
    fullscale=FULL,
    departs=REDUCED,
    departs_fullscale=PAPER,
    findings=(Finding("A04[smooth]", "digits", LESS),),
)
def test_random_labels_make_filters_smooth(runs: Runs, judge: Judge) -> None:
    """Where those that are learned from real data are smooth."""
    learned_something(runs, judge, "randY")
    judge.above(smooth_on_real_data(runs, judge), "randY", "initial")


@claim(
    id="A04",
    part="low-frequencies",
    says="Filters that a first layer learns have more of their energy at low spatial frequencies than noise.",
    source=ARPIT2017.at("section 3.1, figure 2"),
    kind="above",
    refuted_by="a share of energy at low frequencies that is less than 5 points above that of the initial filters",
    margin=IN_TWENTY,
    fast=FAST,
    fullscale=FULL,
    departs=REDUCED,
    departs_fullscale=PAPER,
)
@DATA
def test_filters_have_low_frequencies(runs: Runs, judge: Judge, data: str) -> None:
    """Frequencies up to half of the highest that pixels can show."""
    learned_something(runs, judge, data)
    low = runs.value("filters", low_frequencies, "share of energy at low frequencies")
    if data != "real":
        judge.control(low, "real", at_least=IN_TWENTY.value)
    judge.above(low, data, "initial")


@claim(
    id="A04",
    part="learned",
    says="What training adds to the filters of a first layer is smooth, not noise.",
    source=ARPIT2017.at("section 3.1, figure 2"),
    kind="above",
    refuted_by="changes of neighbouring weights that differ by less than a tenth less than the initial filters'",
    margin=A_TENTH,
    fast=FAST,
    fullscale=FULL,
    departs=(*REDUCED, "the paper shows filters: what is added shows as well where they have moved little"),
    departs_fullscale=(*PAPER, "the paper shows filters: what is added shows as well where they have moved little"),
)
@DATA
def test_what_is_learned_is_smooth(runs: Runs, judge: Judge, data: str) -> None:
    """Trained less initial weights, against initial ones; the net need not have forgotten those."""
    learned_something(runs, judge, data)
    added = runs.value("filter changes", smoothness, "log smoothness of what is added to filters")
    if data != "real":
        judge.control(added, "real", at_least=LOG_TENTH)
    judge.above(added, data, "initial")


@claim(
    id="A04",
    part="randX",
    says="Filters that a first layer learns from random inputs stay as rough as noise.",
    source=ARPIT2017.at("section 3.1, figure 2"),
    kind="same",
    refuted_by="neighbouring weights that differ by a tenth less, or more, than those of the initial filters",
    margin=A_TENTH,
    fast=FAST,
    fullscale=FULL,
    departs=(*REDUCED, SLOWER, ONE_DEVIATION, CONTROL),
    departs_fullscale=(*PAPER, ONE_DEVIATION, CONTROL),
)
def test_random_inputs_leave_filters_rough(runs: Runs, judge: Judge) -> None:
    """Smoothness comes from the images, not from training as such."""
    learned_something(runs, judge, "randX")
    judge.same(smooth_on_real_data(runs, judge), "randX", "initial")
