"""Nets take similar paths to true labels, and different ones to random labels."""

import pytest

from memorization_claims import Drawing, Finding, Judge, Margin, Runs, claim
from memorization_claims.measures.courses.paths import path_spread, spread_on_own_clocks

from .figures import FIGURE_4
from .paper import GU2019
from .recipes import G_IN_NATS, PAPER, PAPER_PATHS, PATHS, REDUCED, TEN_PATHS, G

OBVIOUS = Margin(0.405, "log 1.5: 'obviously different' paths against similar ones differ at least by half")
TRACES = [pytest.param("train_accuracy", id="accuracy"), pytest.param(G, id="gradient")]
RESCALED = [pytest.param("train_accuracy", False, id="accuracy"), pytest.param(G, True, id="gradient")]
SPREAD = "spread over 4 initialisations of one training set instead of 10"
IN_EPOCHS = "as in the figure, time is in epochs: that training takes longer on random labels is part of the spread"
ON_OWN_CLOCKS = "time is in units of each net's own time to fit, and G a logarithm; the figure has epochs and G itself"


@claim(
    id="G10",
    says="Between initialisations, training differs more, epoch by epoch, on random labels than on true ones.",
    source=GU2019.at("section 4, figure 4"),
    kind="above",
    refuted_by="a spread of the courses on random labels that is less than 1.5 times that on true labels",
    margin=OBVIOUS,
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=(*REDUCED, SPREAD, IN_EPOCHS),
    departs_fullscale=(*PAPER, IN_EPOCHS),
)
@pytest.mark.parametrize("trace", TRACES)
def test_paths_vary_more_on_random_labels(runs: Runs, judge: Judge, draw: Drawing, trace: str) -> None:
    """Standard deviation over initialisations, averaged over the epochs that both arms are given."""
    draw.paths(FIGURE_4, runs, trace, ylabel=G_IN_NATS if trace == G else "training accuracy")
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.above(runs.value(trace, path_spread, "spread of the paths").log(), "random labels", "true labels")


@claim(
    id="G10",
    part="rescaled",
    says="Whatever its speed and scale, the course of training differs more between initialisations on random labels.",
    source=GU2019.at("section 4, figure 4"),
    kind="above",
    refuted_by="a spread of the courses, each on its own clock, that is less than 1.5 times that on true labels",
    margin=OBVIOUS,
    fast=TEN_PATHS,
    fullscale=PAPER_PATHS,
    departs=(
        "a net of 2 x 64 units instead of VGG11, with batches of 32 and twice the learning rate",
        *REDUCED[1:],
        ON_OWN_CLOCKS,
        "judged on four small convolutional nets a run first, which was undecided: log ratio of the spreads -0.33 "
        "[-0.63, -0.03] of accuracy, 0.20 [-0.04, 0.44] of the gradient",
    ),
    departs_fullscale=(*PAPER, ON_OWN_CLOCKS),
    findings=(
        Finding("G10[rescaled-accuracy]", "digits", "on their own clocks, courses lie no wider apart; they are longer"),
        Finding(
            "G10[rescaled-gradient]",
            "digits",
            "as logarithms, gradients lie no wider apart; they are longer and larger",
        ),
    ),
)
@pytest.mark.parametrize(("trace", "logarithm"), RESCALED)
def test_paths_vary_more_on_random_labels_at_any_speed(runs: Runs, judge: Judge, trace: str, logarithm: bool) -> None:
    """Standard deviation over initialisations, averaged from the start to each net's time to an accuracy of 90 %.

    A slower course lies wider apart in epochs, and a larger gradient in its own unit, from nothing but speed and scale.
    """
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    name = "spread of the paths on their own clocks"
    spread = runs.value((trace, "train_accuracy"), spread_on_own_clocks, name, logarithm=logarithm)
    judge.above(spread.log(), "random labels", "true labels")
