"""Nets fit random labels, and then know nothing of the test set."""

from claims.zhang2017.recipes import CNN, MLP, PAPER, REDUCED, paper
from harness.claim import Margin, claim
from harness.conditions import TRUE, random_labels
from harness.judge import Judge
from harness.papers import ZHANG2017
from harness.plan import Plan
from harness.runs import Runs

CONDITIONS = {"true labels": TRUE, "random labels": random_labels()}


@claim(
    id="Z01",
    says="A net fits random labels with the hyperparameters with which it fits the true ones.",
    source=ZHANG2017.at("section 2.1, table 1"),
    kind="bound",
    refuted_by="a training accuracy on random labels below 99 % on average, where true labels are fitted",
    margin=Margin(0.99, "the lowest accuracy that the paper reports as fitted is 99.34 %"),
    fast={
        "mlp-1x512": Plan(base=MLP, conditions=CONDITIONS),
        "cnn-16": Plan(base=CNN, conditions=CONDITIONS),
    },
    fullscale={
        "inception": Plan(base=paper("inception", rate=0.1), conditions=CONDITIONS),
        "inception-nobn": Plan(base=paper("inception-nobn", rate=0.1), conditions=CONDITIONS),
        "alexnet": Plan(base=paper("alexnet", rate=0.01), conditions=CONDITIONS),
        "mlp-3x512": Plan(base=paper("mlp-3x512", rate=0.01), conditions=CONDITIONS),
        "mlp-1x512": Plan(base=paper("mlp-1x512", rate=0.01), conditions=CONDITIONS),
    },
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_random_labels_are_fitted(runs: Runs, judge: Judge) -> None:
    """The recipe that fits true labels fits random ones, of which all but those that chance kept are wrong."""
    judge.given(runs.relabelled(), "random labels", at_least=0.5 * (1 - runs.chance))
    accuracy = runs.final("train_accuracy")
    judge.given(accuracy, "true labels", at_least=0.99)
    judge.at_least(accuracy, "random labels")


@claim(
    id="Z02",
    says="A net that has fitted random labels is at chance on the test set.",
    source=ZHANG2017.at("section 2.1, table 1"),
    kind="same",
    refuted_by="a test accuracy after fitting random labels that lies 5 points or more from chance",
    margin=Margin(0.05, "half of chance with ten classes; the paper's figures lie within 0.6 points of it"),
    fast=Plan(base=MLP, conditions={"random labels": random_labels()}, seeds=20),
    fullscale=Plan(base=paper("mlp-1x512", rate=0.01), conditions={"random labels": random_labels()}, seeds=20),
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_random_labels_leave_the_test_set_at_chance(runs: Runs, judge: Judge) -> None:
    """What was memorised says nothing about new images."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.same(runs.final("validation_accuracy", "test accuracy"), "random labels", runs.chance)
