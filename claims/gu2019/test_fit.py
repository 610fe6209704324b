"""VGG and ResNet fit any labels, and generalise where there is something to learn."""

from dataclasses import replace

from memorization_claims import Judge, Margin, Runs, claim, random_labels

from ..fitting import NOT_FITTED
from ..margins import AT_CHANCE, FITTED
from .paper import GU2019
from .recipes import ADAM, DISSECTED, PAPER, PAPER_DISSECTED, best, given_that_nets_fit

RANDOM = {"random labels": random_labels()}
MORE = {model: replace(plan, conditions=RANDOM) for model, plan in DISSECTED.items()}


@claim(
    id="G01",
    part="fit",
    says="A deeper net and one of another architecture fit random labels as the first one does, and all fit true ones.",
    source=GU2019.at("sections 2 and 4"),
    kind="bound",
    refuted_by=NOT_FITTED,
    margin=FITTED,
    fast=DISSECTED,
    fullscale=PAPER_DISSECTED,
    departs=ADAM,
    departs_fullscale=PAPER,
)
def test_nets_fit_random_labels(runs: Runs, judge: Judge) -> None:
    """At some epoch of the budget; the true labels show that the recipe can train the net at all."""
    accuracy = best(runs)
    judge.given(accuracy, "true labels", at_least=FITTED.value)
    judge.at_least(accuracy, "random labels", refutes=False)


@claim(
    id="G01",
    part="good",
    says="Nets that fit true labels classify test images well.",
    source=GU2019.at("section 2"),
    kind="bound",
    refuted_by="a test accuracy after fitting true labels below 75 %",
    margin=Margin(0.75, "three in four: the paper calls no figure good, and has 83.73 % of natural images for VGG11"),
    fast=DISSECTED,
    fullscale=PAPER_DISSECTED,
    departs=ADAM,
    departs_fullscale=PAPER,
)
def test_nets_that_fit_true_labels_generalise(runs: Runs, judge: Judge) -> None:
    """Test accuracy, at the end, of nets that have fitted."""
    given_that_nets_fit(runs, judge, "true labels")
    judge.at_least(runs.final("validation_accuracy", "test accuracy"), "true labels")


@claim(
    id="G01",
    part="chance",
    says="Nets that fit random labels classify test images no better, and no worse, than chance.",
    source=GU2019.at("section 2"),
    kind="same",
    refuted_by="a test accuracy after fitting random labels that is five points or more from chance",
    margin=AT_CHANCE,
    fast=MORE,
    fullscale=PAPER_DISSECTED,
    departs=ADAM,
    departs_fullscale=PAPER,
)
def test_nets_that_fit_random_labels_guess(runs: Runs, judge: Judge) -> None:
    """Each seed has a labelling of its own, whose chance agreement with the true labels is most of the spread."""
    given_that_nets_fit(runs, judge, "random labels")
    judge.same(runs.final("validation_accuracy", "test accuracy"), "random labels", runs.chance)
