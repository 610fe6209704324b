"""Nets fit random labels, and then know nothing of the test set."""

from memorization_claims import Judge, Margin, Plan, Runs, claim, random_labels

from ..fitting import NOT_FITTED
from .paper import ZHANG2017
from .recipes import (
    ALEXNET,
    CNN,
    FITTED,
    INCEPTION,
    LABELS,
    MLP,
    NARROW_ALEXNET,
    NARROW_INCEPTION,
    PAPER,
    PAPER_MLP,
    REDUCED,
    paper,
)

RANDOM = {"random labels": random_labels()}


@claim(
    id="Z01",
    says="A net fits random labels with the hyperparameters with which it fits the true ones.",
    source=ZHANG2017.at("section 2.1, table 1"),
    kind="bound",
    refuted_by=NOT_FITTED,
    margin=FITTED,
    fast={
        "mlp-1x512": Plan(base=MLP, conditions=LABELS),
        "cnn-16": Plan(base=CNN, conditions=LABELS),
        "alexnet-16": Plan(base=NARROW_ALEXNET, conditions=LABELS),
        "inception-16": Plan(base=NARROW_INCEPTION, conditions=LABELS),
        "mlp-3x512": Plan(base=MLP, conditions=LABELS).changed(model="mlp-3x512"),
    },
    fullscale={
        "inception": Plan(base=INCEPTION, conditions=LABELS),
        "inception-nobn": Plan(base=paper("inception-nobn", rate=0.1), conditions=LABELS),
        "alexnet": Plan(base=ALEXNET, conditions=LABELS),
        "mlp-3x512": Plan(base=paper("mlp-3x512", rate=0.01), conditions=LABELS),
        "mlp-1x512": Plan(base=PAPER_MLP, conditions=LABELS),
    },
    departs=(
        *REDUCED,
        "not judged without batch norm: at this rate a narrow Inception without it does not fit true labels either",
    ),
    departs_fullscale=PAPER,
)
def test_random_labels_are_fitted(runs: Runs, judge: Judge) -> None:
    """The recipe that fits true labels fits random ones, of which all but those that chance kept are wrong."""
    judge.given(runs.relabelled(), "random labels", at_least=0.5 * (1 - runs.chance))
    accuracy = runs.final("train_accuracy")
    judge.given(accuracy, "true labels", at_least=0.99)
    judge.at_least(accuracy, "random labels", refutes=False)


@claim(
    id="Z02",
    says="A net that has fitted random labels is at chance on the test set.",
    source=ZHANG2017.at("section 2.1, table 1"),
    kind="same",
    refuted_by="a test accuracy after fitting random labels that lies 5 points or more from chance",
    margin=Margin(0.05, "half of chance with ten classes; the paper's figures lie within 0.6 points of it"),
    fast=Plan(base=MLP, conditions=RANDOM),
    fullscale=Plan(base=PAPER_MLP, conditions=RANDOM),
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_random_labels_leave_the_test_set_at_chance(runs: Runs, judge: Judge) -> None:
    """What was memorised says nothing about new images."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.same(runs.final("validation_accuracy", "test accuracy"), "random labels", runs.chance)


@claim(
    id="Z10",
    says=(
        "Random labels alone move the gap between training and test accuracy from small to as large as it can be, so "
        "that no bound on it that ignores the labels can be useful."
    ),
    source=ZHANG2017.at("sections 1.1 and 2.2"),
    kind="above",
    refuted_by="a gap on random labels that is less than 50 points wider than on true ones",
    margin=Margin(
        0.5,
        "a bound that holds for both is then vacuous or off by half the scale; the paper's gaps are 14 and 90 points",
    ),
    fast=Plan(base=MLP, conditions=LABELS),
    fullscale=Plan(base=INCEPTION, conditions=LABELS),
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_labels_alone_decide_the_generalisation_gap(runs: Runs, judge: Judge) -> None:
    """One net, one algorithm, the same images: only the labels differ."""
    train, test = runs.final("train_accuracy"), runs.final("validation_accuracy")
    judge.given(train, at_least=0.99)
    judge.above(train.less(test, "gap of training and test accuracy"), "random labels", "true labels")
