"""Nets that are given random labels hunt before they fit."""

from memorization_claims import Finding, Judge, Margin, Runs, Samples, claim
from memorization_claims.measures.courses.hunting import off_chance, share_at_chance
from memorization_claims.measures.courses.start import wait_and_rise

from ..margins import A_TENTH, FITTED
from .paper import GU2019
from .recipes import PAPER_OF_PATHS, PAPER_PATHS, PATHS, REDUCED, best

A_STAGE = Margin(0.2, "a fifth of the time to fit: less would be no stage but a slower start of a slower course")
NEEDS_A_STAGE = "refuted only where random labels make a stage at all: small nets may have none"
START = "fitting starts when the training loss has fallen to 90 % of that of guessing"
NO_STAGE = "true where small nets make no stage of random labels either, so that a stage could not have been seen"
NOT_SEEN = "not seen at this size: on random labels, too, small nets leave chance early, and rise slowly from there"


@claim(
    id="G02",
    part="longer",
    says="Random labels make a slower start: a net stays at chance for longer than on true ones.",
    source=GU2019.at("section 2, figure 1"),
    kind="above",
    refuted_by="epochs to twice chance that are less than a tenth more on random labels",
    margin=A_TENTH,
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=REDUCED,
    departs_fullscale=PAPER_OF_PATHS,
)
def test_random_labels_keep_a_net_at_chance_for_longer(runs: Runs, judge: Judge) -> None:
    """Absolute: epochs until training accuracy is twice chance, which is later wherever all is slower."""
    judge.given(best(runs), at_least=FITTED.value)
    time = runs.time_to(off_chance(runs.chance), "train_accuracy", "time at chance")
    judge.above(time.log(), "random labels", "true labels")


@claim(
    id="G02",
    part="stage",
    says="On random labels, a larger share of the time to fit is spent at chance: a stage of its own.",
    source=GU2019.at("section 2, figure 1"),
    kind="above",
    refuted_by="a share of the time to fit spent at chance that is less than 20 points larger on random labels",
    margin=A_STAGE,
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=(*REDUCED, NEEDS_A_STAGE),
    departs_fullscale=(*PAPER_OF_PATHS, NEEDS_A_STAGE),
    findings=(
        Finding("G02[stage]", "digits", NOT_SEEN, verdict="undecided"),
        Finding("G02[stage]", "mnist", NOT_SEEN, verdict="undecided"),
    ),
)
def test_random_labels_make_a_hunting_stage(runs: Runs, judge: Judge) -> None:
    """Relative: the same share at any learning rate, so that a course that is slow throughout has no stage."""
    judge.given(best(runs), at_least=FITTED.value)
    share = share_of_time(runs)
    judge.control(share, "random labels", at_least=A_STAGE.value)
    judge.above(share, "random labels", "true labels")


@claim(
    id="G02",
    part="rise",
    says="Once random labels start to be fitted, it goes quickly: the rise is shorter than the stage before it.",
    source=GU2019.at("section 2, figure 1"),
    kind="above",
    refuted_by="a stage before the start that is less than a tenth longer than the rise from there to the fit",
    margin=A_TENTH,
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=(*REDUCED, NEEDS_A_STAGE, START),
    departs_fullscale=(*PAPER_OF_PATHS, NEEDS_A_STAGE, START),
    findings=(
        Finding("G02[rise]", "digits", NOT_SEEN, verdict="undecided"),
        Finding("G02[rise]", "mnist", NOT_SEEN, verdict="undecided"),
    ),
)
def test_once_started_nets_fit_quickly(runs: Runs, judge: Judge) -> None:
    """Wait and rise of the same runs, as for Z05."""
    judge.given(best(runs), "random labels", at_least=FITTED.value)
    judge.control(share_of_time(runs), "random labels", at_least=A_STAGE.value)
    losses, accuracies = runs.array("random labels", "loss"), runs.array("random labels", "train_accuracy")
    wait, rise = wait_and_rise(losses, accuracies, runs.epochs("random labels"), loss_of_guessing=runs.loss_of_guessing)
    judge.above(runs.samples("time", {"wait": wait, "rise": rise}, "epochs").log(), "wait", "rise")


@claim(
    id="G02",
    part="direct",
    says="True labels are fitted directly, without a stage at chance.",
    source=GU2019.at("section 2, figure 1"),
    kind="bound",
    refuted_by="a fifth of the time to fit or more that is spent at chance on true labels",
    margin=A_STAGE,
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=REDUCED,
    departs_fullscale=PAPER_OF_PATHS,
    findings=(
        Finding("G02[direct]", "digits", NO_STAGE, verdict="undecided"),
        Finding("G02[direct]", "mnist", NO_STAGE, verdict="undecided"),
    ),
)
def test_true_labels_are_fitted_directly(runs: Runs, judge: Judge) -> None:
    """The same share of time, on true labels alone; that random ones make a stage shows that one would be seen."""
    judge.given(best(runs), at_least=FITTED.value)
    share = share_of_time(runs)
    judge.control(share, "random labels", at_least=A_STAGE.value)
    judge.at_most(share, "true labels")


def share_of_time(runs: Runs) -> Samples:
    """The share of the time to fit that nets are at chance."""
    return runs.value("train_accuracy", share_at_chance, "share of time at chance", chance=runs.chance)
