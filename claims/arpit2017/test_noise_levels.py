"""With part of the data noise, a net learns the rest first; the more noise, the denser its decision boundaries."""

import pytest

from memorization_claims import Drawing, Judge, Margin, Runs, claim
from memorization_claims.measures.courses.early_peak import at_the_peak, early_peak, fall
from memorization_claims.measures.nets.critical_samples import critical_sample_ratio

from ..margins import A_POINT, A_TENTH, IN_TEN, IN_TWENTY
from .courses import (
    CSR,
    GREY,
    LEVELS,
    MNIST_PARTLY,
    ON_LABELS,
    PAPER_LEVELS,
    PAPER_NETS,
    PAPER_PARTLY,
    PARTLY,
    REDUCED_NETS,
    SHARES,
    both,
    levels_figure,
    room,
)
from .paper import ARPIT2017
from .recipes import HALVES, highest_accuracy

FIGURES_7_AND_8 = ARPIT2017.at("section 4.2, figures 7 and 8")
RANDOM_LABELS_ALONE = ARPIT2017.at("section 4.2, figures 7b and 8b")
NINE_IN_TEN = "fitted: nine in ten of the examples, where random labels agree with true ones at one in ten"
MLP_ON_MNIST = (
    "on MNIST 50,000 examples and an MLP of 2 x 1024 units, whose weights along training fit memory, until it has "
    "fitted all or for 1000 epochs; the paper does not name its net"
)
FROM_20_TO_80 = max(SHARES.values()) - min(SHARES.values())
A_FALL = Margin(A_POINT.value / FROM_20_TO_80, f"{A_POINT.reason}; from 20 to 80 % of noise")
IMAGES = slice(300)
"""Validation images that critical samples are sought among, which is dear."""
AT_EACH_SHARE = pytest.mark.parametrize("share", list(SHARES), ids=lambda share: share.removesuffix(" %"))


@claim(
    id="A19",
    says="The more of the training set is noise, the more validation images have another prediction close by.",
    source=FIGURES_7_AND_8,
    kind="trend",
    refuted_by="a critical sample ratio that rises by less than 5 points from 20 to 80 % of noise",
    margin=Margin(IN_TWENTY.value / FROM_20_TO_80, f"{IN_TWENTY.reason}; from 20 to 80 % of noise"),
    fast=LEVELS,
    fullscale=PAPER_LEVELS,
    departs=(*REDUCED_NETS, GREY),
    departs_fullscale=(*PAPER_NETS, MLP_ON_MNIST),
)
def test_critical_samples_increase_with_noise(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """The critical sample ratio at the end of training, within 0.3 grey levels.

    It could be seen: at 20 % of noise one image in twenty at least is not critical.
    """
    measured = runs.traced(CSR, critical_sample_ratio, part=IMAGES)
    figure, noise = levels_figure(runs), runs.first.corruption.kind
    draw.course(figure, measured, "train_accuracy", panel=f"{noise}: train accuracy")
    draw.course(figure, measured, "validation_accuracy", panel=f"{noise}: validation accuracy")
    draw.course(figure, measured, CSR, panel=f"{noise}: {CSR}")
    ratio = measured.final(CSR)
    judge.given(measured.final("train_accuracy"), at_least=0.99)
    judge.control(room(ratio), "20 %", at_least=IN_TWENTY.value)
    judge.trend(ratio, SHARES)


@claim(
    id="A20",
    part="final",
    says="The more of the training set is noise, the lower the validation accuracy ends.",
    source=FIGURES_7_AND_8,
    kind="trend",
    refuted_by="a final validation accuracy that falls by less than a point from 20 to 80 % of noise",
    margin=A_FALL,
    fast=LEVELS,
    fullscale=PAPER_LEVELS,
    departs=REDUCED_NETS,
    departs_fullscale=(*PAPER_NETS, MLP_ON_MNIST),
)
def test_final_accuracy_falls_with_noise(runs: Runs, judge: Judge) -> None:
    """Noise examples interfere with what is learned about the real data."""
    judge.trend(runs.final("validation_accuracy"), SHARES, rising=False)


@claim(
    id="A20",
    part="highest",
    says="The more of the training set is noise, the lower the validation accuracy peaks.",
    source=FIGURES_7_AND_8,
    kind="trend",
    refuted_by="a highest validation accuracy that falls by less than a point from 20 to 80 % of noise",
    margin=A_FALL,
    fast=LEVELS,
    fullscale=PAPER_LEVELS,
    departs=REDUCED_NETS,
    departs_fullscale=(*PAPER_NETS, MLP_ON_MNIST),
)
def test_highest_accuracy_falls_with_noise(runs: Runs, judge: Judge) -> None:
    """The peak is found on one half of the validation set and read off the other, so that luck does not raise it."""
    judge.trend(highest_accuracy(runs), SHARES, rising=False)


@claim(
    id="A21",
    says="With part of the labels random, validation accuracy peaks before the training set is fitted, and falls then.",
    source=RANDOM_LABELS_ALONE,
    kind="above",
    refuted_by="a validation accuracy at the fit that is less than a point below its peak",
    margin=A_POINT,
    fast=LEVELS["randY"],
    fullscale=ON_LABELS,
    departs=REDUCED_NETS,
    departs_fullscale=(*PAPER_NETS, MLP_ON_MNIST),
)
@AT_EACH_SHARE
def test_accuracy_peaks_before_the_fit(runs: Runs, judge: Judge, share: str) -> None:
    """The peak is found on one half of the validation set and read off the other, so that luck does not make one."""
    judge.given(runs.final("train_accuracy"), share, at_least=0.99)
    peak, end = early_peak(runs.array(share, HALVES[0]), runs.array(share, HALVES[1]))
    judge.above(runs.samples("validation accuracy", {"peak": peak, "fit": end}), "peak", "fit")


@claim(
    id="A21",
    part="labels-alone",
    says="Validation accuracy falls from its peak by more with random labels than with as much noise among the inputs.",
    source=RANDOM_LABELS_ALONE,
    kind="above",
    refuted_by="a fall from the peak to the end that with random labels is larger by less than a point",
    margin=A_POINT,
    fast=both(PARTLY),
    fullscale={"mnist": both(MNIST_PARTLY), "cifar10": both(PAPER_PARTLY)},
    departs=REDUCED_NETS,
    departs_fullscale=(*PAPER_NETS, MLP_ON_MNIST),
)
@AT_EACH_SHARE
def test_accuracy_falls_with_random_labels_alone(runs: Runs, judge: Judge, share: str) -> None:
    """The paper says it of random labels: a fall with either noise would be due to longer training, not to labels."""
    labels, inputs = f"randY, {share}", f"randX, {share}"
    judge.given(runs.final("train_accuracy"), labels, inputs, at_least=0.99)
    judge.above(runs.value(HALVES, fall, "fall of the validation accuracy"), labels, inputs)


@claim(
    id="A22",
    says="While a net goes on from the peak of its validation accuracy to fitting random labels, many more validation "
    "images come to have another prediction close by.",
    source=RANDOM_LABELS_ALONE,
    kind="above",
    refuted_by="a critical sample ratio at the fit that is less than 10 points above that at the peak",
    margin=IN_TEN,
    fast=LEVELS["randY"],
    fullscale=ON_LABELS,
    departs=(*REDUCED_NETS, GREY),
    departs_fullscale=(*PAPER_NETS, MLP_ON_MNIST),
)
@AT_EACH_SHARE
def test_critical_samples_increase_from_peak_to_fit(runs: Runs, judge: Judge, share: str) -> None:
    """The peak is that of the accuracy, so that it is not sought in what is compared.

    It could be seen: at the peak one image in ten at least is not critical.
    """
    measured = runs.traced(CSR, critical_sample_ratio, part=IMAGES)
    judge.given(runs.final("train_accuracy"), share, at_least=0.99)
    peak, end = at_the_peak(measured.array(share, "validation_accuracy"), measured.array(share, CSR))
    ratio = runs.samples(CSR, {"peak": peak, "fit": end})
    judge.control(room(ratio), "peak", at_least=IN_TEN.value)
    judge.above(ratio, "fit", "peak")


@claim(
    id="A29",
    says="Where part of the training set is noise, the clean examples are fitted before the others.",
    source=ARPIT2017.at("section 4.2"),
    kind="above",
    refuted_by="a time to fit the corrupted examples that is less than a tenth longer than that for the clean ones",
    margin=A_TENTH,
    fast=LEVELS,
    fullscale=PAPER_LEVELS,
    departs=(*REDUCED_NETS, NINE_IN_TEN),
    departs_fullscale=(*PAPER_NETS, MLP_ON_MNIST, NINE_IN_TEN),
)
@AT_EACH_SHARE
def test_clean_examples_are_fitted_first(runs: Runs, judge: Judge, share: str) -> None:
    """Epochs until nine in ten of the examples are right, of the clean ones and of the corrupted ones."""
    judge.given(runs.final("train_accuracy"), share, at_least=0.99)
    clean = runs.time_to(0.9, "clean_accuracy", "time")[share]
    corrupted = runs.time_to(0.9, "corrupted_accuracy", "time")[share]
    times = runs.samples("time to fit", {"clean": clean, "corrupted": corrupted}, "epochs").log()
    judge.above(times, "corrupted", "clean")
