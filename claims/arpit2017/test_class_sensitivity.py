"""Which classes' examples the loss on a class depends on."""

import pytest

from memorization_claims import Drawing, Finding, Judge, Runs, Samples, claim
from memorization_claims.drawing.curves import class_matrices
from memorization_claims.measures.loss_sensitivity.disparity import own_and_other, own_class_excess

from ..margins import A_TENTH
from .figures import FIGURE_4
from .paper import ARPIT2017
from .sensitivity import BY_CLASS, EARLY, FULL, PAPER_BY_CLASS, REDUCED

FEW = (*REDUCED, "200 digits")


@claim(
    id="A07",
    says="The loss on a class is more sensitive to training examples of that class than to others.",
    source=ARPIT2017.at("section 3.2, figure 4"),
    kind="above",
    refuted_by="a sensitivity to examples of the same class that is less than a tenth above that to others",
    margin=A_TENTH,
    fast=BY_CLASS,
    fullscale=PAPER_BY_CLASS,
    departs=FEW,
    departs_fullscale=FULL,
)
@pytest.mark.parametrize("data", ["real", "randX"])
def test_classes_depend_on_their_own_examples(runs: Runs, judge: Judge, draw: Drawing, data: str) -> None:
    """Cells on the diagonal against those off it, each averaged; the total derivative has more on the diagonal only."""
    judge.given(runs.final("train_accuracy"), at_least=2 * runs.chance)
    draw.matrix(FIGURE_4, class_matrices(runs), xlabel="class of the example", ylabel="class of the loss", log=True)
    own_class, other_classes = own_and_other(runs.array(data, "sensitivity/classes"), runs.epochs(data))
    judge.above(
        runs.samples("log sensitivity", {"own class": own_class, "others": other_classes}), "own class", "others"
    )


STAGES = {"early": EARLY, "late": 1.0}
"""Shares of the training time: until real data are learned, and until noise is."""
DERIVATIVES = {"indirect": "classes", "total": "total-classes"}

TURNS = (
    "the sign turns with training and with the direct part, so that paper and poster may both be right of other times"
)
EARLIER = f"before noise is learned, real data spread more, as the paper has it: {TURNS}"
LATER = f"once noise is learned, real data spread less, as the poster has it: {TURNS}"
A_TENTH_MORE = f"before noise is learned, real data spread about a tenth more: {TURNS}"
ABOUT_ALIKE = f"once noise is learned, both are bound about alike: {TURNS}"


def excess(runs: Runs, stage: str, derivative: str) -> Samples:
    """How many times as much the loss on a class owes to examples of its own, as a logarithm."""
    trace, until = f"sensitivity/{DERIVATIVES[derivative]}", STAGES[stage]
    return runs.value(trace, own_class_excess, "log same-class over other sensitivity", until=until)


def seen(runs: Runs, judge: Judge, bound: Samples) -> None:
    """A class is bound to its own examples at all, by a tenth, on one kind of data or the other."""
    more = bound.stack("real", "randX").max(axis=1)
    judge.control(runs.samples(f"larger {bound.name}", {"real or randX": more}), at_least=A_TENTH.value)


@claim(
    id="A08",
    part="paper",
    says="The loss on a class is less bound to examples of that class, and more to those of others, in real data.",
    source=ARPIT2017.at("section 3.2, figure 4"),
    kind="contested",
    refuted_by="real data whose ratio of same-class to other sensitivity is not a tenth smaller than that of noise",
    margin=A_TENTH,
    fast=BY_CLASS,
    fullscale=PAPER_BY_CLASS,
    departs=FEW,
    departs_fullscale=FULL,
    findings=(
        Finding(
            "A08[paper-early-indirect]",
            "digits",
            A_TENTH_MORE,
            verdict="undecided",
        ),
        Finding(("A08[paper-late-indirect]", "A08[paper-late-total]"), "digits", LATER),
        Finding(("A08[paper-mnist-late-indirect]", "A08[paper-mnist-late-total]"), "mnist", ABOUT_ALIKE),
    ),
)
@pytest.mark.parametrize("derivative", DERIVATIVES)
@pytest.mark.parametrize("stage", STAGES)
def test_real_data_spread_over_classes(runs: Runs, judge: Judge, stage: str, derivative: str) -> None:
    """The paper's text: "more spread out for real data"."""
    judge.given(runs.final("train_accuracy"), at_least=2 * runs.chance)
    bound = excess(runs, stage, derivative)
    seen(runs, judge, bound)
    judge.contested(bound, "randX", "real")


@claim(
    id="A08",
    part="poster",
    says="The loss on a class is more bound to examples of that class in real data.",
    source=ARPIT2017.at("poster, figure 3.3"),
    kind="contested",
    refuted_by="real data whose ratio of same-class to other sensitivity is not a tenth larger than that of noise",
    margin=A_TENTH,
    fast=BY_CLASS,
    fullscale=PAPER_BY_CLASS,
    departs=FEW,
    departs_fullscale=FULL,
    findings=(
        Finding("A08[poster-early-indirect]", "digits", A_TENTH_MORE),
        Finding("A08[poster-early-total]", "digits", EARLIER),
        Finding(("A08[poster-mnist-early-indirect]", "A08[poster-mnist-early-total]"), "mnist", EARLIER),
        Finding("A08[poster-mnist-late-total]", "mnist", ABOUT_ALIKE),
        Finding("A08[poster-mnist-late-indirect]", "mnist", ABOUT_ALIKE, verdict="undecided"),
    ),
)
@pytest.mark.parametrize("derivative", DERIVATIVES)
@pytest.mark.parametrize("stage", STAGES)
def test_real_data_stay_within_classes(runs: Runs, judge: Judge, stage: str, derivative: str) -> None:
    """The poster on the same figure: "more highly class-correlated for real data"."""
    judge.given(runs.final("train_accuracy"), at_least=2 * runs.chance)
    bound = excess(runs, stage, derivative)
    seen(runs, judge, bound)
    judge.contested(bound, "real", "randX")
