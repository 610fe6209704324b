"""On real data, training depends on some examples much more than on others; on noise, on all alike."""

from dataclasses import replace

import pytest

from memorization_claims import (
    TRUE,
    Drawing,
    Finding,
    Judge,
    Margin,
    Plan,
    Recipe,
    Record,
    Runs,
    claim,
    gaussian_inputs,
    random_labels,
    unique_gaussian_inputs,
    unique_labels,
)
from memorization_claims.drawing.curves import disparity_curves
from memorization_claims.lab.sensitivity import Part
from memorization_claims.measures.loss_sensitivity.disparity import (
    disparity,
    disparity_once_learned,
    share_as_sensitive,
)

from ..cost import DEAR, DEARER
from ..margins import IN_TWENTY
from .figures import FIGURE_3
from .paper import ARPIT2017
from .sensitivity import BY_CLASS, DIGITS, FULL, MNIST, PAPER, PAPER_BY_CLASS, REDUCED

NOISE = {"real": TRUE, "randX": gaussian_inputs(), "randY": random_labels(), "half": gaussian_inputs(0.5)}
WITH_CLASSES = {
    "": Plan(base=DIGITS, conditions=NOISE, unrolled=True),
    "mnist": Plan(base=MNIST, conditions=NOISE, unrolled=True, needs_data=True, most=DEAR),
}
PAPER_WITH_CLASSES = Plan(base=PAPER, conditions=NOISE, unrolled=True)
UNIQUE = {"real": unique_labels(), "randX": unique_gaussian_inputs()}
LONG = replace(PAPER, recipe=replace(PAPER.recipe, rate=0.1, epochs=600), record=replace(PAPER.record, every=5))
PAPER_UNIQUE = Plan(base=LONG, conditions=UNIQUE, unrolled=True)


def each_its_own(examples: int, rate: float, epochs: int, most: int = DEAR) -> Plan:
    """As many classes as examples; the loss is taken the less often, the more it costs."""
    base = replace(
        DIGITS,
        subset=examples,
        recipe=Recipe(rate=rate, momentum=0.0, batch=20, epochs=epochs),
        record=Record(every=examples // 40, weights="none"),
    )
    return Plan(base=base, conditions=UNIQUE, unrolled=True, most=most)


HALF = "half noise is randX in half of the examples; the poster does not say which noise it shows"
GINI = "Gini coefficient of sensitivity"
NOT_MORE_UNEQUAL = "a Gini coefficient of loss-sensitivity that for real data is larger by less than 0.05"


@claim(
    id="A05",
    says="How much the loss owes to each training example differs more from example to example in real data.",
    source=ARPIT2017.at("section 3.2, figure 3 left; poster, figure 3.2"),
    kind="above",
    refuted_by=NOT_MORE_UNEQUAL,
    margin=IN_TWENTY,
    fast=WITH_CLASSES,
    fullscale=PAPER_WITH_CLASSES,
    departs=(*REDUCED, "500 digits", HALF),
    departs_fullscale=(*FULL, HALF),
)
@pytest.mark.parametrize("norm", ["l1", "l2", "linf", "total-l1"])
@pytest.mark.parametrize("noise", ["randX", "randY", "half"])
def test_training_depends_on_some_real_examples(
    runs: Runs, judge: Judge, draw: Drawing, noise: str, norm: Part
) -> None:
    """Averaged over the course; the paper shows l1 and mentions the other norms, and the poster shows half noise."""
    judge.given(runs.final("train_accuracy"), at_least=2 * runs.chance)
    draw.lines(FIGURE_3, disparity_curves(runs, norm), panel=norm, xlabel="epochs", ylabel="Gini coefficient")
    judge.above(runs.value(f"sensitivity/{norm}", disparity, GINI), "real", noise)


@claim(
    id="A05",
    part="others",
    says="How much training on an example moves the loss on other classes differs more between examples of real data.",
    source=ARPIT2017.at("section 3.2"),
    kind="above",
    refuted_by=NOT_MORE_UNEQUAL,
    margin=IN_TWENTY,
    fast=BY_CLASS,
    fullscale=PAPER_BY_CLASS,
    departs=(*REDUCED, "200 digits"),
    departs_fullscale=FULL,
)
def test_training_on_some_real_examples_moves_the_loss_on_others(runs: Runs, judge: Judge) -> None:
    """That loss is taken on no example of the class, so that none of it is the gradient in an example's own pixels."""
    judge.given(runs.final("train_accuracy"), at_least=2 * runs.chance)
    judge.above(runs.value("sensitivity/others", disparity, GINI), "real", "randX")


MUCH = "much is more than half of the real examples have: the most that a subset may be"


@claim(
    id="A05",
    part="level",
    says="On random data the loss owes much to virtually all training examples, by the measure of the median real one.",
    source=ARPIT2017.at("section 3.2"),
    kind="bound",
    refuted_by="fewer than nine in ten random examples to which the loss owes more than to the median real example",
    margin=Margin(0.9, "nine in ten: 'virtually all' leaves out no more than what would count as some, one in ten"),
    fast=WITH_CLASSES,
    fullscale=PAPER_WITH_CLASSES,
    departs=(*REDUCED, "500 digits", MUCH),
    departs_fullscale=(*FULL, MUCH),
)
@pytest.mark.parametrize("noise", ["randX", "randY"])
def test_training_depends_on_virtually_all_random_examples(runs: Runs, judge: Judge, noise: str) -> None:
    """In the unit of the loss, where the Gini coefficient only compares the examples of one set."""
    judge.given(runs.final("train_accuracy"), "real", noise, at_least=2 * runs.chance)
    random, real = (runs.array(condition, "sensitivity/l1") for condition in (noise, "real"))
    share = share_as_sensitive(random, real, runs.epochs(noise))
    judge.at_least(runs.samples("share of examples above the median real one", {noise: share}), noise)


FASTER = "ten times the paper's rate: at its own, a thousand classes are not learned in 1000 epochs"
CLOSE = "where both have learned as much, real data are a little more unequal, and no more than a figure shows"
GROWING = (
    "real data are more unequal the more examples there are, of 400 by about as much as counts; most nets do not learn "
    "nine in ten of those in the budget"
)
LEARNED = {"half": 0.5, "most": 0.9}
"""How much of the training set nets have learned when they are compared."""


@claim(
    id="A06",
    says=(
        "How much the loss owes to each training example differs more in real data also where every example is a class "
        "of its own."
    ),
    source=ARPIT2017.at("section 3.2, figure 3 right; poster, figure 3.2"),
    kind="above",
    refuted_by=NOT_MORE_UNEQUAL,
    margin=IN_TWENTY,
    fast={
        "100": each_its_own(100, rate=0.2, epochs=100),
        "200": each_its_own(200, rate=0.15, epochs=120),
        "400": each_its_own(400, rate=0.15, epochs=120, most=DEARER),
    },
    fullscale=PAPER_UNIQUE,
    departs=(*REDUCED, "100 to 400 digits", "the loss is taken every second to tenth epoch"),
    departs_fullscale=(*FULL, FASTER),
    findings=(
        Finding(("A06[100-half]", "A06[100-most]"), "digits", "where both have learned as much, both are as unequal"),
        Finding("A06[200-half]", "digits", CLOSE),
        Finding("A06[200-most]", "digits", CLOSE, verdict="undecided"),
        Finding(("A06[400-half]", "A06[400-most]"), "digits", GROWING, verdict="undecided"),
    ),
)
@pytest.mark.parametrize("learned", LEARNED)
def test_training_depends_on_some_real_examples_also_without_classes(
    runs: Runs, judge: Judge, draw: Drawing, learned: str
) -> None:
    """Where both have learned as much, since noise is then learned sooner.

    It could be seen: by then examples differ, in either data, by as much as is asked for between them.
    """
    level = LEARNED[learned]
    judge.given(runs.final("train_accuracy"), at_least=level)
    draw.lines(FIGURE_3, disparity_curves(runs), panel="each its own class", xlabel="epochs", ylabel="Gini coefficient")
    traces = ("sensitivity/l1", "train_accuracy")
    unequal = runs.value(traces, disparity_once_learned, GINI, level=level)
    judge.control(unequal, at_least=IN_TWENTY.value)
    judge.above(unequal, "real", "randX")
