"""What batch norm and early stopping do, beside all that is called a regulariser."""

from dataclasses import replace

from memorization_claims import TRUE, Drawing, Finding, Judge, Margin, Plan, Record, Runs, claim
from memorization_claims.measures.courses.early_peak import early_peak
from memorization_claims.measures.courses.roughness import log_roughness

from ..cost import DEAR, DEARER
from .figures import FIGURE_2B
from .paper import ZHANG2017
from .recipes import CIFAR_CNN, LONG_INCEPTION, LONG_MLP, NARROW_CNN, PAPER, REDUCED, to_the_end

NORMALISED = Plan(
    base=replace(to_the_end(NARROW_CNN, rate=0.05), subset=500, record=Record(weights="none")),
    conditions={"batch norm": {"model": "cnn-bn-8"}, "no batch norm": {"model": "cnn-8"}},
    most=DEARER,
    needs_data=True,
)
"""Both nets are still learning at the end: of one that has fitted all, the course stands still."""
PAPER_NORMALISED = Plan(
    base=LONG_INCEPTION,
    conditions={"batch norm": {"model": "inception"}, "no batch norm": {"model": "inception-nobn"}},
    needs_data=True,
)
REDUCED_COURSE = (
    *REDUCED,
    "the rate, common to both nets as in the paper, is one that suits that with batch norm",
    "training ends before the nets have fitted all",
)


@claim(
    id="Z16",
    part="gain",
    says="Batch norm gains a few points of test accuracy.",
    source=ZHANG2017.at("section 3.1, figure 2b and table 1"),
    kind="above",
    refuted_by="a test accuracy with batch norm less than a point above that without",
    margin=Margin(0.01, "a point of test accuracy: a third of the least that the paper reports, 3 to 4 points"),
    fast=NORMALISED,
    fullscale=PAPER_NORMALISED,
    departs=REDUCED_COURSE,
    departs_fullscale=PAPER,
)
def test_batch_norm_gains_a_few_points(runs: Runs, judge: Judge) -> None:
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
    refuted_by="a course of test accuracy without batch norm less than 1.25 times as rough as with it",
    margin=Margin(0.223, "log 1.25: a quarter rougher; less would not be seen in the paper's figure"),
    fast=NORMALISED,
    fullscale=PAPER_NORMALISED,
    departs=(
        *REDUCED_COURSE,
        "judged over 40 epochs on 1000 images first, where the net with batch norm had fitted all before the end, and "
        "undecided: log roughness in the mean 0.42 [0.29, 0.54] above that with batch norm, against 0.223; runs had "
        "shown the direction when it was shortened",
    ),
    departs_fullscale=PAPER,
    findings=(
        Finding(
            "Z16[steady]",
            "cifar10",
            "while both nets learn, either is the rougher one in about as many runs",
            verdict="undecided",
        ),
    ),
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
        "cifar10": Plan(base=CIFAR_CNN, conditions={"true labels": TRUE}, most=DEAR, needs_data=True),
    },
    fullscale=Plan(base=LONG_INCEPTION, conditions={"true labels": TRUE}, needs_data=True),
    departs=REDUCED,
    departs_fullscale=PAPER,
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
