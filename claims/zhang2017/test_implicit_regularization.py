"""What batch norm and early stopping do, beside all that is called a regulariser."""

from dataclasses import replace

from memorization_claims import TRUE, Drawing, Judge, Margin, Plan, Recipe, Record, Runs, claim
from memorization_claims.measures.courses.early_peak import early_peak
from memorization_claims.measures.courses.roughness import log_roughness

from ..cost import DEAR, DEARER
from ..margins import A_POINT, A_TENTH
from .figures import FIGURE_2B
from .paper import ZHANG2017
from .recipes import PAPER, PAPER_PLAIN, REDUCED
from .regularisers import CIFAR_CNN, LONG_INCEPTION, LONG_MLP, LONG_PLAIN_INCEPTION

CONSTANT = Recipe(rate=0.05, batch=50, epochs=40)
NORMALISED = Plan(
    base=replace(CIFAR_CNN, subset=500, validation=1000, recipe=CONSTANT, record=Record(weights="none")),
    conditions={"batch norm": {"model": "cnn-bn-8"}, "no batch norm": {"model": "cnn-8"}},
    most=DEAR,
    needs_data=True,
)
PLAIN_CNN = replace(CIFAR_CNN, model="cnn-16")
PAPER_NORMALISED = Plan(
    base=LONG_INCEPTION,
    conditions={
        "batch norm": TRUE,
        "no batch norm": {"model": LONG_PLAIN_INCEPTION.model, "recipe": LONG_PLAIN_INCEPTION.recipe},
    },
    needs_data=True,
)
REDUCED_COURSE = (
    *REDUCED,
    "the rate, common to both nets as in the paper, is one that suits that with batch norm: it has fitted all before "
    "the end, and that without has not",
)


@claim(
    id="Z16",
    part="gain",
    says="Batch norm gains test accuracy.",
    source=ZHANG2017.at("section 3.1, figure 2b and table 1"),
    kind="above",
    refuted_by="a test accuracy with batch norm less than a point above that without",
    margin=A_POINT,
    fast=NORMALISED,
    fullscale=PAPER_NORMALISED,
    departs=REDUCED_COURSE,
    departs_fullscale=(*PAPER, PAPER_PLAIN),
)
def test_batch_norm_gains_accuracy(runs: Runs, judge: Judge) -> None:
    """Between nets that have both learned something."""
    accuracy = runs.final("validation_accuracy", "test accuracy")
    judge.given(accuracy, at_least=1.5 * runs.chance)
    judge.above(accuracy, "batch norm", "no batch norm")


@claim(
    id="Z16",
    part="steady",
    says="Batch norm steadies training: without it test accuracy moves more from one evaluation to the next.",
    source=ZHANG2017.at("section 3.1, figure 2b"),
    kind="above",
    refuted_by="a course of test accuracy without batch norm less than a tenth rougher than with it",
    margin=A_TENTH,
    fast=NORMALISED,
    fullscale=PAPER_NORMALISED,
    departs=REDUCED_COURSE,
    departs_fullscale=(*PAPER, PAPER_PLAIN),
)
def test_batch_norm_steadies_training(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """Roughness is what is left when the trend is taken out, over the last two thirds of training."""
    draw.course(FIGURE_2B, runs, "validation_accuracy", panel="batch norm", ylabel="test accuracy")
    judge.given(runs.final("validation_accuracy", "test accuracy"), at_least=1.5 * runs.chance)
    roughness = runs.value("validation_accuracy", log_roughness, "log roughness of test accuracy", after=1 / 3)
    judge.above(roughness, "no batch norm", "batch norm")


@claim(
    id="Z17",
    says="On true labels early stopping gains nothing: test accuracy at its peak is that at the end of training.",
    source=ZHANG2017.at("section 3.1, figure 2b"),
    kind="same",
    refuted_by="a test accuracy at its peak that differs by 1.5 points or more from that at the end",
    margin=Margin(0.015, "less than half of the least that the paper calls a potential gain, 3.4 points on ImageNet"),
    fast={
        "mlp-1x512": Plan(base=LONG_MLP, conditions={"true labels": TRUE}),
        "cifar10": Plan(base=CIFAR_CNN, conditions={"true labels": TRUE}, most=DEARER, needs_data=True),
        "cifar10-nobn": Plan(base=PLAIN_CNN, conditions={"true labels": TRUE}, most=DEAR, needs_data=True),
    },
    fullscale={
        "inception": Plan(base=LONG_INCEPTION, conditions={"true labels": TRUE}, needs_data=True),
        "inception-nobn": Plan(base=LONG_PLAIN_INCEPTION, conditions={"true labels": TRUE}, needs_data=True),
    },
    departs=REDUCED,
    departs_fullscale=(*PAPER, PAPER_PLAIN),
)
def test_early_stopping_gains_nothing(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """The peak is found on one half of the test set and read off the other, so that luck does not make one."""
    draw.course(FIGURE_2B, runs, "validation_accuracy", panel="to the end", ylabel="test accuracy")
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.given(runs.final("validation_accuracy", "test accuracy"), at_least=2 * runs.chance)
    peak, end = early_peak(
        runs.array("true labels", "validation_accuracy_even"), runs.array("true labels", "validation_accuracy_odd")
    )
    judge.same(runs.samples("test accuracy", {"peak": peak, "end": end}), "peak", "end")
