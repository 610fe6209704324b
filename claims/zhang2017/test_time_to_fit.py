"""How long it takes to fit random labels, and when that time is spent."""

import pytest

from claims.zhang2017.recipes import ALEXNET, CORRUPTED, INCEPTION, LABELS, LEVELS, MLP, PAPER, PAPER_MLP, REDUCED
from harness.claim import Margin, claim
from harness.judge import Judge
from harness.measures.start import wait_and_rise
from harness.papers import ZHANG2017
from harness.plan import Plan
from harness.runs import Runs


@claim(
    id="Z04",
    says="Random labels take only a small constant factor longer to fit than true ones.",
    source=ZHANG2017.at("sections 1 and 2.1, figure 1"),
    kind="bound",
    refuted_by="random labels that take ten times as long or longer, on the geometric mean",
    margin=Margin(2.303, "log 10: nobody would call an order of magnitude small; the paper's figures show 2 to 4"),
    fast=Plan(base=MLP, conditions=LABELS),
    fullscale={
        "inception": Plan(base=INCEPTION, conditions=LABELS),
        "alexnet": Plan(base=ALEXNET, conditions=LABELS),
        "mlp-1x512": Plan(base=PAPER_MLP, conditions=LABELS),
    },
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_random_labels_take_a_small_factor_longer(runs: Runs, judge: Judge) -> None:
    """The ratio of the times to a training accuracy of 99 %."""
    time = runs.time_to(0.99, "train_accuracy", "time to fit")
    judge.at_most(time.log(), "random labels", less="true labels")


@claim(
    id="Z05",
    says="Once the fitting of random labels starts, it is quick: the rise is shorter than the wait before it.",
    source=ZHANG2017.at("section 2.1, figure 1a"),
    kind="above",
    refuted_by="a rise, from the start to the fit, that is longer than the wait before the start",
    margin=Margin(0.0, "shorter at all; the paper gives no number"),
    fast=Plan(base=MLP, conditions=LABELS),
    fullscale=Plan(base=INCEPTION, conditions=LABELS),
    departs=(*REDUCED, "the start is the first loss a tenth below that of guessing; the paper reads it off a figure"),
    departs_fullscale=(*PAPER, "the start is the first loss a tenth below that of guessing"),
)
def test_once_started_random_labels_are_fitted_quickly(runs: Runs, judge: Judge) -> None:
    """Wait and rise of the same runs, as logarithms."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    losses, accuracies = runs.trace("random labels", "loss"), runs.trace("random labels", "train_accuracy")
    wait, rise = wait_and_rise(losses, accuracies, runs.epochs("random labels"), loss_of_guessing=runs.loss_of_guessing)
    judge.above(runs.samples("time", {"wait": wait, "rise": rise}, "epochs").log(), "wait", "rise")


@claim(
    id="Z08",
    says="The more labels are random, the longer the fit takes.",
    source=ZHANG2017.at("section 2.1, figure 1b"),
    kind="trend",
    refuted_by="a time to fit that grows, on the whole, by less than a half over the range",
    margin=Margin(0.405, "log 1.5 over the range: less would not show in the paper's figure"),
    fast=Plan(base=MLP, conditions=CORRUPTED),
    fullscale={
        "inception": Plan(base=INCEPTION, conditions=CORRUPTED),
        "alexnet": Plan(base=ALEXNET, conditions=CORRUPTED),
        "mlp-1x512": Plan(base=PAPER_MLP, conditions=CORRUPTED),
    },
    departs=REDUCED,
    departs_fullscale=PAPER,
)
@pytest.mark.parametrize("levels", [tuple(LEVELS), tuple(LEVELS)[1:]], ids=["from-0", "from-25"])
def test_the_fit_takes_longer_with_corruption(runs: Runs, judge: Judge, levels: tuple[str, ...]) -> None:
    """From true labels on; and, as the slowdown is called steady, among the corrupted levels by the same slope."""
    time = runs.time_to(0.99, "train_accuracy", "time to fit")
    judge.trend(time.log(), {name: LEVELS[name] for name in levels})
