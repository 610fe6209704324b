"""Nets fit random labels, and then know nothing of the test set."""

from dataclasses import replace

from memorization_claims import Judge, Margin, Plan, Runs, claim

from ..fitting import NOT_FITTED
from ..margins import AT_CHANCE, FITTED
from .paper import ZHANG2017
from .recipes import (
    ALEXNET,
    CNN,
    DEEP_MLP,
    INCEPTION,
    LABELS,
    MLP,
    NARROW_ALEXNET,
    NARROW_INCEPTION,
    NARROW_PLAIN_INCEPTION,
    OWN_ALEXNET,
    OWN_DEEP_MLP,
    OWN_MLP,
    PAPER,
    PAPER_DEEP_MLP,
    PAPER_MLP,
    PAPER_PLAIN,
    PLAIN,
    PLAIN_INCEPTION,
    REDUCED,
    SLOWER_DECAY,
    WITH_OWN,
    sharing,
)

RANDOM = {"random labels": LABELS["random labels"]}
NETS = {
    "mlp-1x512": Plan(base=MLP, conditions=LABELS),
    "cnn-16": Plan(base=CNN, conditions=LABELS),
    "alexnet-16": Plan(base=NARROW_ALEXNET, conditions=LABELS),
    "inception-16": Plan(base=NARROW_INCEPTION, conditions=LABELS),
    "inception-nobn-16": Plan(base=NARROW_PLAIN_INCEPTION, conditions=LABELS),
    "mlp-3x512": Plan(base=DEEP_MLP, conditions=LABELS),
}
PAPER_NETS = {
    "inception": sharing(INCEPTION, LABELS),
    "inception-nobn": sharing(PLAIN_INCEPTION, LABELS),
    "alexnet": sharing(ALEXNET, LABELS),
    "mlp-3x512": sharing(PAPER_DEEP_MLP, LABELS),
    "mlp-1x512": sharing(PAPER_MLP, LABELS),
}
WITH_OWN_DECAY = {
    "alexnet-95": Plan(base=OWN_ALEXNET, conditions=LABELS),
    "mlp-3x512-95": Plan(base=OWN_DEEP_MLP, conditions=LABELS),
    "mlp-1x512-95": Plan(base=OWN_MLP, conditions=LABELS),
}
"""Besides, where the question is whether the paper's recipe fits."""


@claim(
    id="Z01",
    says="A net fits random labels with the hyperparameters with which it fits the true ones.",
    source=ZHANG2017.at("section 2.1, table 1"),
    kind="bound",
    refuted_by=NOT_FITTED,
    margin=FITTED,
    fast=NETS,
    fullscale=PAPER_NETS | WITH_OWN_DECAY,
    departs=(*REDUCED, PLAIN),
    departs_fullscale=(*PAPER, PAPER_PLAIN, WITH_OWN),
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
    source=ZHANG2017.at("section 2.1, table 1 and figure 1c"),
    kind="same",
    refuted_by="a test accuracy after fitting random labels that lies 5 points or more from chance",
    margin=AT_CHANCE,
    fast={name: replace(plan, conditions=RANDOM) for name, plan in NETS.items()},
    fullscale={name: replace(plan, conditions=RANDOM) for name, plan in PAPER_NETS.items()},
    departs=(*REDUCED, PLAIN),
    departs_fullscale=(*PAPER, PAPER_PLAIN, SLOWER_DECAY),
)
def test_random_labels_leave_the_test_set_at_chance(runs: Runs, judge: Judge) -> None:
    """What was memorised says nothing about new images."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.same(runs.final("validation_accuracy", "test accuracy"), "random labels", runs.chance)


WIDER = "Random labels alone move the gap between training and test accuracy considerably, {}."
GAPS = ZHANG2017.at("sections 1.1 and 2.2, table 1")


@claim(
    id="Z10",
    part="convolutional",
    says=WIDER.format("in convolutional nets"),
    source=GAPS,
    kind="above",
    refuted_by="a gap on random labels that is less than 33 points wider than on true ones",
    margin=Margin(0.33, "half of the least in the paper's table: AlexNet's gaps are 24 and 90 points"),
    fast=Plan(base=CNN, conditions=LABELS),
    fullscale={"inception": PAPER_NETS["inception"], "alexnet": PAPER_NETS["alexnet"]},
    departs=REDUCED,
    departs_fullscale=(*PAPER, SLOWER_DECAY),
)
def test_labels_alone_decide_the_generalisation_gap(runs: Runs, judge: Judge) -> None:
    """One net, one algorithm, the same images: a bound on the gap that ignores the labels would hold for both."""
    train, test = runs.final("train_accuracy"), runs.final("validation_accuracy")
    judge.given(train, at_least=0.99)
    judge.above(train.less(test, "gap of training and test accuracy"), "random labels", "true labels")


@claim(
    id="Z10",
    part="mlp",
    says=WIDER.format("in multi-layer perceptrons"),
    source=GAPS,
    kind="above",
    refuted_by="a gap on random labels that is less than 19 points wider than on true ones",
    margin=Margin(0.19, "half of the least in the paper's table: the gaps of MLP 1x512 are 49 and 89 points"),
    fast=Plan(base=MLP, conditions=LABELS),
    fullscale={name: PAPER_NETS[name] for name in ("mlp-3x512", "mlp-1x512")},
    departs=REDUCED,
    departs_fullscale=(*PAPER, SLOWER_DECAY),
)
def test_labels_alone_decide_the_generalisation_gap_of_mlps(runs: Runs, judge: Judge) -> None:
    """MLPs generalise less well than convolutional nets, so that less is left to widen."""
    train, test = runs.final("train_accuracy"), runs.final("validation_accuracy")
    judge.given(train, at_least=0.99)
    judge.above(train.less(test, "gap of training and test accuracy"), "random labels", "true labels")
