"""How dense a net's decision boundaries are around the data, from the first epoch to the last."""

from collections.abc import Mapping
from typing import Any

import pytest

from memorization_claims import Drawing, Finding, Judge, Margin, Runs, claim
from memorization_claims.measures.courses.average import early_average
from memorization_claims.measures.courses.early_peak import early_peak, largest_rise
from memorization_claims.measures.nets.critical_samples import critical_sample_ratio, targeted_critical_sample_ratio

from ..margins import IN_TEN, IN_TWENTY
from .courses import (
    BETWEEN_NOISES,
    CSR,
    DECADES,
    EACH,
    FROM_THE_FIRST,
    GREY,
    GRID,
    PAPER_EACH,
    PAPER_NETS,
    SMALLER,
    paper,
    room,
)
from .figures import FIGURE_9
from .paper import ARPIT2017

SEARCHES: Mapping[str, Mapping[str, Any]] = {
    "Langevin": {"function": critical_sample_ratio},
    "all-classes": {"function": targeted_critical_sample_ratio, "part": slice(None, None, 2)},
}
BOTH = pytest.mark.parametrize("search", list(SEARCHES))
TWO_SEARCHES = (
    "beside Langevin search, which misses more critical samples while logits are small, a search towards each class in "
    "turn, which does not depend on their scale, on every second image"
)


def grows(setting: str) -> tuple[str, str]:
    """The items of one net and kind of data, by either search."""
    langevin, all_classes = (f"A17[grows-{setting}-{search}]" for search in SEARCHES)
    return langevin, all_classes


@claim(
    id="A17",
    part="grows",
    says="In the course of training, more and more validation images have another prediction close by.",
    source=ARPIT2017.at("section 4.2, figure 9"),
    kind="trend",
    refuted_by="a critical sample ratio that rises, on the whole, by less than 5 points from epoch 1 to epoch 40",
    margin=Margin(
        IN_TWENTY.value / DECADES["epoch 40"], f"{IN_TWENTY.reason}; per decade of epochs, of which there are 1.6"
    ),
    fast=EACH,
    fullscale=PAPER_EACH,
    departs=(*SMALLER, GREY, FROM_THE_FIRST, TWO_SEARCHES),
    departs_fullscale=(*PAPER_NETS, FROM_THE_FIRST, TWO_SEARCHES),
    findings=(
        Finding(grows("mlp-2x128-real"), "digits", "on real data the ratio falls"),
        Finding(
            grows("mlp-2x128-randX"),
            "digits",
            "on noise the ratio rises in some nets and not in others",
            verdict="undecided",
        ),
        Finding(grows("cnn-12-real"), "cifar10", "on real data the ratio falls"),
        Finding(grows("cnn-12-randY"), "cifar10", "without batch norm the ratio falls on random labels too"),
        Finding(
            (*grows("cnn-12-randX"), grows("cnn-bn-12-randX")[1]),
            "cifar10",
            "on noise inputs the ratio is no higher at the end than after the first epoch",
        ),
        Finding(
            (grows("cnn-bn-12-randX")[0], grows("cnn-bn-12-randY")[1], *grows("cnn-bn-12-real")),
            "cifar10",
            "with batch norm the ratio rises in some nets and not in others",
            verdict="undecided",
        ),
    ),
)
@BOTH
def test_critical_samples_increase_in_training(runs: Runs, judge: Judge, draw: Drawing, search: str) -> None:
    """The critical sample ratio after epochs 1, 3, 10 and 40: the paper has it increase gradually, and then settle.

    It could be seen: after the first epoch one image in twenty at least is not critical.
    """
    measured = runs.traced(CSR, **SEARCHES[search])
    draw.course(FIGURE_9, measured, CSR, panel=f"{runs.first.model}, {search}")
    (data,) = runs.specs
    ratio = measured.over(CSR, data, GRID, CSR)
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.control(room(ratio), "epoch 1", at_least=IN_TWENTY.value)
    judge.trend(ratio, DECADES)


@claim(
    id="A17",
    part="settles",
    says="In the end, the share of validation images that have another prediction close by no longer changes.",
    source=ARPIT2017.at("section 4.2, figure 9"),
    kind="same",
    refuted_by="a critical sample ratio that changes by 5 points or more in the last quarter of training",
    margin=IN_TWENTY,
    fast=EACH,
    fullscale=PAPER_EACH,
    departs=(*SMALLER, GREY),
    departs_fullscale=PAPER_NETS,
)
def test_critical_samples_settle(runs: Runs, judge: Judge) -> None:
    """The critical sample ratio three quarters through training, and at the end.

    That it can change is what the same nets show from the first epoch on, in the part on its growth.
    """
    measured = runs.traced(CSR, critical_sample_ratio)
    (data,) = runs.specs
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    last = {"late": 0.75 * runs.budget, "end": runs.budget}
    judge.same(measured.over(CSR, data, last, CSR), "end", "late")


def early(net: str) -> tuple[str, str]:
    """The items of one net, by either search."""
    langevin, all_classes = (f"A18[early-{net}-{search}]" for search in SEARCHES)
    return langevin, all_classes


@claim(
    id="A18",
    part="early",
    says="Early in training, noise inputs have brought forth more critical samples than random labels.",
    source=ARPIT2017.at("poster, figure 4.1"),
    kind="above",
    refuted_by="a critical sample ratio over the first quarter of training that is higher by less than 5 points",
    margin=IN_TWENTY,
    fast=BETWEEN_NOISES,
    fullscale=paper("randX", "randY"),
    departs=(*SMALLER, GREY, FROM_THE_FIRST, TWO_SEARCHES),
    departs_fullscale=(*PAPER_NETS, FROM_THE_FIRST, TWO_SEARCHES),
    findings=(
        Finding(early("mlp-2x128"), "digits", "random labels have more critical samples from the start"),
        Finding(
            (*early("cnn-12"), *early("cnn-bn-12")),
            "cifar10",
            "random labels have as many critical samples or more from the start",
        ),
    ),
)
@BOTH
def test_critical_samples_come_fast_on_noise_inputs(runs: Runs, judge: Judge, draw: Drawing, search: str) -> None:
    """The average over the first quarter: the poster has it increase very rapidly for randX, for randY eventually.

    It could be seen: of random labels one image in twenty at least is not critical then.
    """
    measured = runs.traced(CSR, **SEARCHES[search])
    draw.course(FIGURE_9, measured, CSR, panel=f"{runs.first.model}, noise, {search}")
    early = measured.value(CSR, early_average, f"early {CSR}", share=0.25)
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.control(room(early), "randY", at_least=IN_TWENTY.value)
    judge.above(early, "randX", "randY")


@claim(
    id="A18",
    part="level",
    says="In the end there are almost as many critical samples after random labels as after noise inputs.",
    source=ARPIT2017.at("poster, figure 4.1"),
    kind="same",
    refuted_by="critical sample ratios at the end of training that differ by 10 points or more",
    margin=Margin(IN_TEN.value, "one in ten, below which fewer are not many: the poster says almost, and not as many"),
    fast=BETWEEN_NOISES,
    fullscale=paper("randX", "randY"),
    departs=(*SMALLER, GREY),
    departs_fullscale=PAPER_NETS,
    findings=(
        Finding("A18[level-mlp-2x128]", "digits", "random labels end with many more"),
        Finding(
            "A18[level-cnn-bn-12]",
            "cifar10",
            "with batch norm random labels end with about one in ten more",
            verdict="undecided",
        ),
    ),
)
def test_critical_samples_end_at_one_level_on_noise(runs: Runs, judge: Judge) -> None:
    """Around the same real validation images. That levels can differ is what real data show against either noise."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.same(runs.measure(critical_sample_ratio, CSR), "randY", "randX")


HALVES = (
    "on 60 images of each half of the training set: a rise, or the peak, is sought on one and read off the other, so "
    "that luck does not make one"
)
FALLS = "the ratio falls from the initial weights on"
FROM_THE_START = "from the initial weights on, which are no updates old at either scale"


def among_training_examples(runs: Runs) -> tuple[Runs, str]:
    """The runs with the critical sample ratio on training examples of two halves, `even` and `odd`; their condition."""
    (data,) = runs.specs
    halves = runs.traced("even", critical_sample_ratio, on="training", part=slice(0, 120, 2))
    return halves.traced("odd", critical_sample_ratio, on="training", part=slice(1, 120, 2)), data


@claim(
    id="A23",
    part="rises",
    says="Among the training examples, critical samples first increase.",
    source=ARPIT2017.at("section 4.2, footnote 5"),
    kind="above",
    refuted_by="a critical sample ratio that nowhere in training comes to lie 5 points above an earlier one",
    margin=IN_TWENTY,
    fast=EACH,
    fullscale=PAPER_EACH,
    departs=(*SMALLER, GREY, FROM_THE_START, HALVES),
    departs_fullscale=(*PAPER_NETS, FROM_THE_START, HALVES),
    findings=(
        Finding("A23[rises-mlp-2x128-real]", "digits", FALLS),
        Finding("A23[rises-mlp-2x128-randX]", "digits", "the ratio rises in some nets alone", verdict="undecided"),
        Finding(
            tuple(f"A23[rises-cnn-bn-12-{data}]" for data in ("real", "randX", "randY")),
            "cifar10",
            "with batch norm the ratio rises in some nets alone",
            verdict="undecided",
        ),
    ),
)
def test_critical_samples_rise_among_training_examples(runs: Runs, judge: Judge) -> None:
    """Its largest rise, wherever that begins: what the initial weights have may fall away before.

    It could be seen: one example in twenty at least is not critical where the rise begins.
    """
    halves, data = among_training_examples(runs)
    low, high = largest_rise(halves.array(data, "even"), halves.array(data, "odd"))
    ratio = runs.samples(CSR, {"low": low, "high": high})
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.control(room(ratio), "low", at_least=IN_TWENTY.value)
    judge.above(ratio, "high", "low")


@claim(
    id="A23",
    part="falls",
    says="Once the training examples are learned, fewer and fewer of them are critical samples.",
    source=ARPIT2017.at("section 4.2, footnote 5"),
    kind="above",
    refuted_by="a critical sample ratio at the end that is less than 5 points below its peak",
    margin=IN_TWENTY,
    fast=EACH,
    fullscale=PAPER_EACH,
    departs=(*SMALLER, GREY, FROM_THE_FIRST, HALVES),
    departs_fullscale=(*PAPER_NETS, FROM_THE_FIRST, HALVES),
)
def test_critical_samples_fall_among_training_examples(runs: Runs, judge: Judge) -> None:
    """Log loss goes on pushing learned examples away from the boundary.

    It could be seen: at the peak, after the first epoch or later, one example in twenty at least is critical.
    """
    halves, data = among_training_examples(runs)
    trained = halves.epochs(data) >= 1
    peak, end = early_peak(halves.array(data, "even")[..., trained], halves.array(data, "odd")[..., trained])
    ratio = runs.samples(CSR, {"peak": peak, "end": end})
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.control(ratio, "peak", at_least=IN_TWENTY.value)
    judge.above(ratio, "peak", "end")
