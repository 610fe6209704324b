"""What the filters of the first layer look like after training on noise."""

from dataclasses import replace

from claims.arpit2017.figures import FIGURE_2
from claims.arpit2017.recipes import MLP, PAPER, PAPER_CNN
from harness.claim import Margin, claim
from harness.conditions import TRUE, gaussian_inputs, random_labels
from harness.drawing import Drawing
from harness.judge import Judge
from harness.measures.filters import log_variation, low_frequencies
from harness.papers import ARPIT2017
from harness.pictures import filter_pictures
from harness.plan import Plan
from harness.runs import Runs
from harness.spec import Recipe, Record

CONDITIONS = {"real": TRUE, "randX": gaussian_inputs(), "randY": random_labels()}
CNN = replace(
    MLP,
    data="cifar10",
    subset=250,
    shrink=2,
    model="cnn-8",
    recipe=Recipe(rate=0.02, batch=25, epochs=80),
    record=Record(every=40),
)
FAST = {
    "": Plan(base=MLP, conditions=CONDITIONS),
    "cifar10": Plan(base=CNN, conditions=CONDITIONS, needs_data=True),
}
FULL = Plan(base=PAPER_CNN, conditions=CONDITIONS)
REDUCED = (
    "a net of 2 x 128 units on digits; on CIFAR-10 a convolutional one with 8 filters of 3 x 3, on 250 images of half "
    "the height and width",
    "initial weights from He et al.'s normal distribution; the paper does not name its own",
)
A_TENTH = Margin(0.0953, "log 1.1: neighbours that differ by a tenth less are hardly seen to in a picture of a filter")
"""Of the roughness."""


@claim(
    id="A04",
    part="smooth",
    says="Filters that a first layer learns from random labels are smooth, not noise.",
    source=ARPIT2017.at("section 3.1, figure 2"),
    kind="above",
    refuted_by="a variation between neighbouring weights that is less than a tenth below that of initial weights",
    margin=A_TENTH,
    fast=FAST,
    fullscale=FULL,
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_random_labels_make_filters_smooth(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """The paper shows the filters and measures nothing; total variation over size, against the initial weights."""
    judge.given(runs.final("train_accuracy"), "randY", at_least=0.9)
    draw.images(FIGURE_2, filter_pictures(runs, "real", "randY", "randX"))
    judge.above(runs.of_filters(log_variation, "log variation of filters"), "initial", "randY")


@claim(
    id="A04",
    part="low-frequencies",
    says="Filters that a first layer learns from random labels have more of their energy at low spatial frequencies.",
    source=ARPIT2017.at("section 3.1, figure 2"),
    kind="above",
    refuted_by="a share of energy at low frequencies that is less than a tenth of all above that of initial weights",
    margin=Margin(0.1, "a tenth of the energy: where less of a picture has changed it still looks like noise"),
    fast=FAST,
    fullscale=FULL,
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_random_labels_make_filters_of_low_frequency(runs: Runs, judge: Judge) -> None:
    """Frequencies up to half of the highest that pixels can show."""
    judge.given(runs.final("train_accuracy"), "randY", at_least=0.9)
    judge.above(runs.of_filters(low_frequencies, "share of energy at low frequencies"), "randY", "initial")


@claim(
    id="A04",
    part="randX",
    says="Filters that a first layer learns from random inputs stay as rough as noise.",
    source=ARPIT2017.at("section 3.1, figure 2"),
    kind="same",
    refuted_by="a variation between neighbouring weights that is a tenth less, or more, than that of initial weights",
    margin=A_TENTH,
    fast=FAST,
    fullscale=FULL,
    departs=(*REDUCED, "a control of ours: the paper shows no filters of random inputs"),
    departs_fullscale=(*PAPER, "a control of ours: the paper shows no filters of random inputs"),
)
def test_random_inputs_leave_filters_rough(runs: Runs, judge: Judge) -> None:
    """Smoothness comes from the images, not from training as such."""
    judge.given(runs.final("train_accuracy"), "randX", at_least=0.9)
    judge.same(runs.of_filters(log_variation, "log variation of filters"), "randX", "initial")
