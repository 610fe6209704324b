"""While a net hunts its gradients are small and cancel; when it fits they are large and agree."""

import pytest

from memorization_claims import Drawing, Judge, Margin, Runs, claim
from memorization_claims.measures.courses.hunting import off_chance
from memorization_claims.measures.courses.stages import log_between, log_while

from .figures import FIGURE_1
from .paper import GU2019
from .recipes import AGREEMENT, DIRECTIONS, G_IN_NATS, PAPER, PAPER_PATHS, PATHS, REDUCED, G

SHARED = Margin(
    0.347,
    "log sqrt 2: the mean gradient's square doubles, so that what a batch's gradients share makes up as much of it as "
    "is left of them where they are orthogonal",
)
MEASURES = [pytest.param(AGREEMENT, id="gradients"), pytest.param(DIRECTIONS, id="directions")]
STAGES = "stages by training accuracy: hunting below twice chance, fitting from 40 to 90 %"
FITTING = "the fitting stage is that of a training accuracy from 50 to 90 %"
BATCH = "agreement: length of the mean gradient over their mean length, in one batch of 128; the paper has no measure"


@claim(
    id="G03",
    says="On random labels, the input gradient is small while the net hunts and large while it fits.",
    source=GU2019.at("section 2, figure 1"),
    kind="above",
    refuted_by="a gradient magnitude in the fitting stage that is less than twice that in the hunting stage",
    margin=Margin(0.693, "log 2: gradients that are to make a slow update a quick one are at least twice as large"),
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=(*REDUCED, STAGES),
    departs_fullscale=(*PAPER, STAGES),
)
def test_gradients_are_small_in_hunting_and_large_in_fitting(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """The gradient magnitude G of each net, averaged over the epochs of a stage as a logarithm."""
    draw.course(FIGURE_1, runs, "train_accuracy", panel="training")
    draw.course(FIGURE_1, runs, "validation_accuracy", panel="test", ylabel="test accuracy")
    draw.course(FIGURE_1, runs, G, panel="gradients", ylabel=G_IN_NATS, log="y")
    judge.given(runs.final("train_accuracy"), "random labels", at_least=0.99)
    course, chance = (G, "train_accuracy"), off_chance(runs.chance)
    hunting = runs.value(course, log_while, "log G", at_least=0.0, below=chance)["random labels"]
    fitting = runs.value(course, log_while, "log G", at_least=0.4, below=0.9)["random labels"]
    judge.above(runs.samples("log gradient magnitude", {"hunting": hunting, "fitting": fitting}), "fitting", "hunting")


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
    departs_fullscale=(*PAPER, BATCH),
)
@pytest.mark.parametrize("measure", MEASURES)
def test_gradients_of_random_labels_cancel_early(runs: Runs, judge: Judge, measure: str) -> None:
    """After epochs 1 to 5: before training, gradients depend on the initial weights more than on labels."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
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
    departs_fullscale=(*PAPER, BATCH, FITTING),
)
@pytest.mark.parametrize("measure", MEASURES)
def test_gradients_of_random_labels_agree_again(runs: Runs, judge: Judge, measure: str) -> None:
    """Within the same runs: the agreement while they fit against that of epochs 1 to 5."""
    judge.given(runs.final("train_accuracy"), "random labels", at_least=0.99)
    early = runs.value(measure, log_between, "early", first=1, last=5)["random labels"]
    course = (measure, "train_accuracy")
    fitting = runs.value(course, log_while, "fitting", at_least=0.5, below=0.9)["random labels"]
    judge.above(runs.samples("log agreement of gradients", {"early": early, "fitting": fitting}), "fitting", "early")
