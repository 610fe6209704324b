"""Nets take similar paths to true labels, and different ones to random labels."""

import pytest

from memorization_claims import Drawing, Finding, Judge, Margin, Runs, claim
from memorization_claims.measures.courses.paths import path_spread, spread_on_own_clocks, spread_until_fit

from ..departures import HE_NORMAL
from ..margins import FITTED
from .figures import FIGURE_4
from .paper import GU2019
from .recipes import G_IN_NATS, HELD, NO_DECAY, PAPER_OF_PATHS, PAPER_PATHS, PATHS, SMALL, TEN_PATHS, TEST_SET, G, best

OBVIOUS = Margin(0.405, "log 1.5: 'obviously different' paths against similar ones differ at least by half")
TRACES = [pytest.param("train_accuracy", id="accuracy"), pytest.param(G, id="gradient")]
RESCALED = [pytest.param("train_accuracy", False, id="accuracy"), pytest.param(G, True, id="gradient")]
BOTH = {"cnn": PATHS, "mlp": TEN_PATHS}
OF_TEN = (f"a net of 2 x 64 units instead of VGG11, with {SMALL}", HE_NORMAL, NO_DECAY, TEST_SET)
OF_BOTH = (
    f"`mlp` is a net of 2 x 64 units, and `cnn` a small convolutional one, with {SMALL}; of `cnn` there are 4 "
    "initialisations of one training set instead of 10",
    f"of `cnn`, {HELD}",
    *OF_TEN[1:],
)
IN_EPOCHS = "as in the figure, time is in epochs: that training takes longer on random labels is part of the spread"
NOT_IN_PAPER = "not in the paper: whether paths differ by more than their speed and scale"
ON_OWN_CLOCKS = "time is in units of each net's own time to fit, and G a logarithm; the figure has epochs and G itself"


def seen(runs: Runs, judge: Judge, trace: str) -> None:
    """Over the whole budget, where that courses are longer is part of it, random labels spread them obviously more."""
    spread = runs.value(trace, path_spread, "spread of the paths").log()
    further = spread.between("log ratio of spreads", {"random over true labels": ("random labels", "true labels")})
    judge.control(further, at_least=OBVIOUS.value)


@claim(
    id="G10",
    says="Between initialisations, training differs more, epoch by epoch, on random labels than on true ones.",
    source=GU2019.at("section 4, figure 4"),
    kind="above",
    refuted_by="a spread of the courses on random labels that is less than 1.5 times that on true labels",
    margin=OBVIOUS,
    fast=TEN_PATHS,
    fullscale=PAPER_PATHS,
    departs=(*OF_TEN, IN_EPOCHS),
    departs_fullscale=(*PAPER_OF_PATHS, IN_EPOCHS),
)
@pytest.mark.parametrize("trace", TRACES)
def test_paths_vary_more_on_random_labels(runs: Runs, judge: Judge, draw: Drawing, trace: str) -> None:
    """Standard deviation over initialisations, averaged over all epochs of the budget."""
    draw.paths(FIGURE_4, runs, trace, ylabel=G_IN_NATS if trace == G else "training accuracy")
    judge.given(best(runs), at_least=FITTED.value)
    judge.above(runs.value(trace, path_spread, "spread of the paths").log(), "random labels", "true labels")


@claim(
    id="G10",
    part="rising",
    says="While nets fit, too, training differs more between initialisations on random labels than on true ones.",
    source=GU2019.at("section 4, figure 4"),
    kind="above",
    refuted_by="a spread of the courses up to the fit that is less than 1.5 times as large on random labels",
    margin=OBVIOUS,
    fast=BOTH,
    fullscale=PAPER_PATHS,
    departs=OF_BOTH,
    departs_fullscale=PAPER_OF_PATHS,
    findings=(
        Finding(
            ("G10[rising-cnn-accuracy]", "G10[rising-mlp-accuracy]"),
            "digits",
            "until the fit, courses lie no further apart; they are longer",
        ),
        Finding("G10[rising-mlp-gradient]", "digits", "until the fit, gradients lie hardly further apart"),
    ),
)
@pytest.mark.parametrize("trace", TRACES)
def test_paths_vary_more_until_all_nets_fit(runs: Runs, judge: Judge, trace: str) -> None:
    """Averaged up to the epoch at which the last net of the arm has an accuracy of 90 %: what follows is no path."""
    judge.given(best(runs), at_least=FITTED.value)
    seen(runs, judge, trace)
    spread = runs.value((trace, "train_accuracy"), spread_until_fit, "spread of the paths up to the fit")
    judge.above(spread.log(), "random labels", "true labels")


@claim(
    id="G10",
    part="rescaled",
    says="Whatever its speed and scale, the course of training differs more between initialisations on random labels.",
    source=GU2019.at("section 4, figure 4"),
    kind="above",
    refuted_by="a spread of the courses, each on its own clock, that is less than 1.5 times that on true labels",
    margin=OBVIOUS,
    fast=BOTH,
    fullscale=PAPER_PATHS,
    departs=(NOT_IN_PAPER, *OF_BOTH, ON_OWN_CLOCKS),
    departs_fullscale=(NOT_IN_PAPER, *PAPER_OF_PATHS, ON_OWN_CLOCKS),
    findings=(
        Finding(
            ("G10[rescaled-cnn-accuracy]", "G10[rescaled-mlp-accuracy]"),
            "digits",
            "on their own clocks, courses lie no wider apart; they are longer",
        ),
        Finding(
            "G10[rescaled-cnn-gradient]",
            "digits",
            "as logarithms, gradients lie little further apart",
            verdict="undecided",
        ),
        Finding(
            "G10[rescaled-mlp-gradient]",
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
    judge.given(best(runs), at_least=FITTED.value)
    seen(runs, judge, trace)
    name = "spread of the paths on their own clocks"
    spread = runs.value((trace, "train_accuracy"), spread_on_own_clocks, name, logarithm=logarithm)
    judge.above(spread.log(), "random labels", "true labels")
