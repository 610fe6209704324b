"""Between true and random labels: some of the labels are redrawn."""

import pytest

from memorization_claims import Drawing, Judge, Plan, Runs, claim
from memorization_claims.measures.values.least_step import least_step

from ..fitting import NOT_FITTED
from ..margins import A_POINT, AT_CHANCE, FITTED
from .figures import FIGURE_1C
from .paper import ZHANG2017
from .recipes import CNN, CORRUPTED, LEVELS, MLP, PAPER, REDUCED, SLOWER_DECAY, THREE_NETS, sharing

FAST = {"mlp-1x512": Plan(base=MLP, conditions=CORRUPTED), "cnn-16": Plan(base=CNN, conditions=CORRUPTED)}
FULLSCALE = {name: sharing(base, CORRUPTED) for name, base in THREE_NETS.items()}


@claim(
    id="Z07",
    says="A net fits the training set whatever the share of labels that are random.",
    source=ZHANG2017.at("section 2.1, figure 1b"),
    kind="bound",
    refuted_by=NOT_FITTED,
    margin=FITTED,
    fast=FAST,
    fullscale=FULLSCALE,
    departs=REDUCED,
    departs_fullscale=(*PAPER, SLOWER_DECAY),
)
@pytest.mark.parametrize("level", list(LEVELS)[1:], ids=lambda level: level.removesuffix(" %"))
def test_every_level_of_corruption_is_fitted(runs: Runs, judge: Judge, level: str) -> None:
    """Labels that are partly right are no harder than random ones."""
    accuracy = runs.final("train_accuracy")
    judge.given(runs.relabelled(), level, at_least=0.5 * LEVELS[level] * (1 - runs.chance))
    judge.given(accuracy, "0 %", at_least=0.99)
    judge.at_least(accuracy, level, refutes=False)


@claim(
    id="Z09",
    part="each-step",
    says="Test error rises steadily with the share of labels that are random: with each further quarter of them.",
    source=ZHANG2017.at("sections 1.1 and 2.1, figure 1c"),
    kind="bound",
    refuted_by="a quarter of further random labels with which test error rises by less than a point",
    margin=A_POINT,
    fast=FAST,
    fullscale=FULLSCALE,
    departs=REDUCED,
    departs_fullscale=(*PAPER, SLOWER_DECAY),
)
def test_test_error_rises_steadily_with_corruption(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """The more labels are random, the less is generalised, though all of them are fitted; Z02 says where that ends."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    error = runs.final("validation_error", "test error")
    draw.levels(FIGURE_1C, error, LEVELS, xlabel="share of random labels")
    judge.at_least(runs.samples("least step in test error", {"steps": least_step(error.stack(*LEVELS))}), "steps")


@claim(
    id="Z09",
    part="signal",
    says="A net that fits labels of which some are random captures what signal is left: it is better than guessing.",
    source=ZHANG2017.at("section 1.1, figure 1c"),
    kind="bound",
    refuted_by="a test accuracy less than 5 points above chance though labels are left that are true",
    margin=AT_CHANCE,
    fast=FAST,
    fullscale=FULLSCALE,
    departs=REDUCED,
    departs_fullscale=(*PAPER, SLOWER_DECAY),
)
@pytest.mark.parametrize("level", list(LEVELS)[1:-1], ids=lambda level: level.removesuffix(" %"))
def test_the_signal_that_is_left_is_captured(runs: Runs, judge: Judge, level: str) -> None:
    """While at the same time the random labels are fitted."""
    judge.given(runs.final("train_accuracy"), level, at_least=0.99)
    accuracy = runs.final("validation_accuracy", "test accuracy")
    judge.at_least(runs.samples("test accuracy above chance", {level: accuracy[level] - runs.chance}), level)
