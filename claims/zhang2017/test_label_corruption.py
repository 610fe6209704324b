"""Between true and random labels: some of the labels are redrawn."""

import pytest

from memorization_claims import Drawing, Judge, Margin, Plan, Runs, claim

from ..fitting import NOT_FITTED
from .figures import FIGURE_1C
from .paper import ZHANG2017
from .recipes import ALEXNET, CORRUPTED, FITTED, INCEPTION, LEVELS, MLP, PAPER, PAPER_MLP, REDUCED

FULL = {"100 %": CORRUPTED["100 %"]}
FAST = Plan(base=MLP, conditions=CORRUPTED)
FULLSCALE = {
    "inception": Plan(base=INCEPTION, conditions=CORRUPTED),
    "alexnet": Plan(base=ALEXNET, conditions=CORRUPTED),
    "mlp-1x512": Plan(base=PAPER_MLP, conditions=CORRUPTED),
}


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
    departs_fullscale=PAPER,
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
    part="rise",
    says="Test error rises with the share of labels that are random.",
    source=ZHANG2017.at("section 2.1, figure 1c"),
    kind="trend",
    refuted_by="a test error that rises by less than 30 points, on the whole, from true to random labels",
    margin=Margin(0.3, "less than half of the rise of the paper's best net, from 14 % to 90 %"),
    fast=FAST,
    fullscale=FULLSCALE,
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_test_error_rises_with_corruption(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """The more labels are random, the less is generalised, though all of them are fitted."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    error = runs.final("validation_error", "test error")
    draw.levels(FIGURE_1C, error, LEVELS, xlabel="share of random labels")
    judge.trend(error, LEVELS)


@claim(
    id="Z09",
    part="chance",
    says="With all labels random, test error is that of guessing.",
    source=ZHANG2017.at("section 2.1, figure 1c"),
    kind="same",
    refuted_by="a test error with all labels random that lies 5 points or more from that of guessing",
    margin=Margin(0.05, "half of chance with ten classes; the paper's curve ends at 90 %"),
    fast=Plan(base=MLP, conditions=FULL),
    fullscale=Plan(base=INCEPTION, conditions=FULL),
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_test_error_ends_at_chance(runs: Runs, judge: Judge) -> None:
    """At full corruption nothing is left to generalise; at reduced scale these are the runs of Z02."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.same(runs.final("validation_error", "test error"), "100 %", 1 - runs.chance)
