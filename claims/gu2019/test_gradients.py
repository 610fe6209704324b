"""While a net hunts its gradients are small and cancel; when it fits they are large and agree."""

import pytest

from memorization_claims import Drawing, Finding, Judge, Margin, Runs, claim
from memorization_claims.measures.courses.hunting import off_chance
from memorization_claims.measures.courses.stages import log_between, log_growth, log_while, mean_between, mean_while

from ..margins import A_TENTH, FITTED, TWICE
from .figures import FIGURE_1
from .paper import GU2019
from .recipes import (
    AGREEMENT,
    CLASSES,
    DIRECTIONS,
    G_IN_NATS,
    PAPER_OF_PATHS,
    PAPER_PATHS,
    PATHS,
    REDUCED,
    UPDATE,
    G,
    best,
)

SHARED = Margin(
    0.347,
    "log sqrt 2: the mean gradient's square doubles, so that what a batch's gradients share makes up as much of it as "
    "is left of them where they are orthogonal",
)
OF_A_CLASS = Margin(
    0.083,
    "1/12: that mean cosine doubles the square of the mean of thirteen gradients, as many as a class has in the batch",
)
SIZES = [pytest.param(G, id="input"), pytest.param(UPDATE, id="update")]
MEASURES = [pytest.param(AGREEMENT, id="gradients"), pytest.param(DIRECTIONS, id="directions")]
STAGES = (
    "stages by training accuracy: hunting below twice chance, fitting from 40 to 90 %, both from the first epoch on: "
    "before it gradients are those of the initial weights, as large as in fitting"
)
OF_A_BATCH = "`update` is the length of the mean gradient in the parameters, of one batch of 128, as the argument needs"
FITTING = "the fitting stage is that of a training accuracy from 50 to 90 %"
BATCH = "agreement: length of the mean gradient over their mean length, in one batch of 128; the paper has no measure"
NOT_FEATURES = "not in the paper, which says that features of a class become alike and gradients of a batch agree again"
CLASS = "agreement within classes: mean cosine of two gradients of one class, less that of two of different ones"


@claim(
    id="G03",
    says="On random labels, the gradient is small while the net is near chance and large while it fits.",
    source=GU2019.at("section 2, figure 1"),
    kind="above",
    refuted_by="a gradient in the fitting stage that is less than twice as large as in the hunting stage",
    margin=TWICE,
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=(*REDUCED, STAGES, OF_A_BATCH),
    departs_fullscale=(*PAPER_OF_PATHS, STAGES, OF_A_BATCH),
)
@pytest.mark.parametrize("size", SIZES)
def test_gradients_are_small_in_hunting_and_large_in_fitting(
    runs: Runs, judge: Judge, draw: Drawing, size: str
) -> None:
    """The gradient magnitude G of each net, and how long its updates are, as logarithms, over the epochs of a stage."""
    if size == G:
        draw.course(FIGURE_1, runs, "train_accuracy", panel="training")
        draw.course(FIGURE_1, runs, "validation_accuracy", panel="test", ylabel="test accuracy")
        draw.course(FIGURE_1, runs, G, panel="gradients", ylabel=G_IN_NATS, log="y")
    judge.given(best(runs), "random labels", at_least=FITTED.value)
    course, chance = (size, "train_accuracy"), off_chance(runs.chance)
    hunting = runs.value(course, log_while, "hunting", at_least=0.0, below=chance)["random labels"]
    fitting = runs.value(course, log_while, "fitting", at_least=0.4, below=0.9)["random labels"]
    judge.above(runs.samples("log gradient magnitude", {"hunting": hunting, "fitting": fitting}), "fitting", "hunting")


@claim(
    id="G03",
    part="growth",
    says="From the first epoch on, the gradient grows more on random labels than on true ones.",
    source=GU2019.at("section 2, figure 1"),
    kind="above",
    refuted_by="a growth from the first epoch to the peak that is less than a tenth larger on random labels",
    margin=A_TENTH,
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=(*REDUCED, OF_A_BATCH),
    departs_fullscale=(*PAPER_OF_PATHS, OF_A_BATCH),
)
@pytest.mark.parametrize("size", SIZES)
def test_gradients_grow_more_on_random_labels(runs: Runs, judge: Judge, size: str) -> None:
    """The contrast to true labels, which are fitted from the start: most of their nets are never at chance."""
    judge.given(best(runs), at_least=FITTED.value)
    judge.above(runs.value(size, log_growth, "growth of the log gradient magnitude"), "random labels", "true labels")


@claim(
    id="G04",
    part="cancel",
    says="Early in training, gradients within a batch agree on true labels and cancel on random ones.",
    source=GU2019.at("section 2"),
    kind="above",
    refuted_by="an agreement in the first five epochs that is less than sqrt 2 times as large on true labels",
    margin=SHARED,
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=(*REDUCED, BATCH),
    departs_fullscale=(*PAPER_OF_PATHS, BATCH),
)
@pytest.mark.parametrize("measure", MEASURES)
def test_gradients_of_random_labels_cancel_early(runs: Runs, judge: Judge, measure: str) -> None:
    """After epochs 1 to 5: before training, gradients depend on the initial weights more than on labels."""
    judge.given(best(runs), at_least=FITTED.value)
    early = runs.value(measure, log_between, "log agreement of early gradients", first=1, last=5)
    judge.above(early, "true labels", "random labels")


@claim(
    id="G04",
    part="again",
    says="On random labels, gradients within a batch agree again when fitting starts.",
    source=GU2019.at("section 2"),
    kind="above",
    refuted_by="an agreement in the fitting stage that is less than sqrt 2 times that of the first five epochs",
    margin=SHARED,
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=(*REDUCED, BATCH, FITTING),
    departs_fullscale=(*PAPER_OF_PATHS, BATCH, FITTING),
)
@pytest.mark.parametrize("measure", MEASURES)
def test_gradients_of_random_labels_agree_again(runs: Runs, judge: Judge, measure: str) -> None:
    """Within the same runs: the agreement while they fit against that of epochs 1 to 5."""
    judge.given(best(runs), "random labels", at_least=FITTED.value)
    early = runs.value(measure, log_between, "early", first=1, last=5)["random labels"]
    course = (measure, "train_accuracy")
    fitting = runs.value(course, log_while, "fitting", at_least=0.5, below=0.9)["random labels"]
    judge.above(runs.samples("log agreement of gradients", {"early": early, "fitting": fitting}), "fitting", "early")


@claim(
    id="G04",
    part="class",
    says="That is since images of one class are alike: early on, gradients agree within classes, on true labels alone.",
    source=GU2019.at("section 2"),
    kind="above",
    refuted_by="a mean cosine within classes, less that between them, that is less than 1/12 larger on true labels",
    margin=OF_A_CLASS,
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=(*REDUCED, CLASS),
    departs_fullscale=(*PAPER_OF_PATHS, CLASS),
)
def test_gradients_agree_within_true_classes(runs: Runs, judge: Judge) -> None:
    """After epochs 1 to 5. Examples of one label share the gradient in the last biases, whatever they show."""
    judge.given(best(runs), at_least=FITTED.value)
    early = runs.value(CLASSES, mean_between, "agreement within classes", first=1, last=5)
    judge.above(early, "true labels", "random labels")


@claim(
    id="G04",
    part="class-again",
    says="On random labels, gradients agree within classes, too, when fitting starts.",
    source=GU2019.at("section 2"),
    kind="above",
    refuted_by="a mean cosine within classes, less that between them, that is less than 1/12 larger in fitting",
    margin=OF_A_CLASS,
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=(*REDUCED, CLASS, FITTING, NOT_FEATURES),
    departs_fullscale=(*PAPER_OF_PATHS, CLASS, FITTING, NOT_FEATURES),
    findings=(
        Finding(
            "G04[class-again]",
            "digits",
            "gradients of one label agree most in the first epochs, before the net fits anything",
        ),
    ),
)
def test_gradients_agree_within_random_classes_again(runs: Runs, judge: Judge) -> None:
    """Within the same runs, while they fit against epochs 1 to 5: by then a class has features of its own."""
    judge.given(best(runs), "random labels", at_least=FITTED.value)
    early = runs.value(CLASSES, mean_between, "early", first=1, last=5)["random labels"]
    course = (CLASSES, "train_accuracy")
    fitting = runs.value(course, mean_while, "fitting", at_least=0.5, below=0.9)["random labels"]
    judge.above(runs.samples("agreement within classes", {"early": early, "fitting": fitting}), "fitting", "early")
