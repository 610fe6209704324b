"""Nets that are given random labels hunt before they fit."""

from memorization_claims import Finding, Judge, Margin, Runs, claim
from memorization_claims.measures.courses.hunting import off_chance, share_at_chance

from .paper import GU2019
from .recipes import PAPER, PAPER_PATHS, PATHS, REDUCED


@claim(
    id="G02",
    part="longer",
    says="A net stays at chance for longer on random labels than on true ones.",
    source=GU2019.at("section 2, figure 1"),
    kind="above",
    refuted_by="epochs to twice chance on random labels that are less than twice those on true labels",
    margin=Margin(0.693, "log 2: a stage of its own lasts at least twice as long as what comes before any fit"),
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_random_labels_keep_a_net_at_chance_for_longer(runs: Runs, judge: Judge) -> None:
    """Absolute: epochs until training accuracy is twice chance, which depend on the learning rate as all epochs do."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    time = runs.time_to(off_chance(runs.chance), "train_accuracy", "time at chance")
    judge.above(time.log(), "random labels", "true labels")


@claim(
    id="G02",
    part="stage",
    says="On random labels, a larger share of the time to fit is spent at chance: a plateau, and then a quick rise.",
    source=GU2019.at("section 2, figure 1"),
    kind="above",
    refuted_by="a share of the time to fit spent at chance that is less than 20 points larger on random labels",
    margin=Margin(0.2, "a fifth of the time to fit: less would be no stage but a slower start of a slower course"),
    fast=PATHS,
    fullscale=PAPER_PATHS,
    departs=REDUCED,
    departs_fullscale=PAPER,
    findings=(
        Finding("G02[stage]", "digits", "the share of time at chance is the same; random labels are slower throughout"),
        Finding("G02[stage]", "mnist", "more of the time is spent at chance, but less than a stage of its own"),
    ),
)
def test_random_labels_make_a_hunting_stage(runs: Runs, judge: Judge) -> None:
    """Relative: the same share at any learning rate, so that a course that is slow throughout has no stage.

    Z05 asks the same of random labels alone, and takes the start from the loss.
    """
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    share = runs.value("train_accuracy", share_at_chance, "share of time at chance", chance=runs.chance)
    judge.above(share, "random labels", "true labels")
