"""Nets trained on noise have denser decision boundaries around real images."""

from collections.abc import Mapping
from typing import Any

import pytest

from memorization_claims import Cases, Finding, Generated, Judge, Margin, Runs, Samples, claim
from memorization_claims.measures.nets.critical_samples import (
    FGSM,
    PGD,
    critical_sample_ratio,
    critical_samples_missed,
    targeted_critical_sample_ratio,
)
from memorization_claims.measures.theorems import zero_gradient

from ..margins import IN_TEN, IN_TWENTY
from .courses import (
    AGAINST_REAL,
    CSR,
    EACH,
    GREY,
    PAPER_EACH,
    PAPER_NETS,
    PAPER_NOISE,
    SMALLER,
    cnn_bn,
    mlp,
    paper,
    room,
    searched,
    within,
)
from .paper import ARPIT2017

IN_A_HUNDRED = Margin(
    0.01,
    "one image in a hundred: ten gradients for less than that are not worth their while; five, as of curves in a "
    "figure, is more than any search finds beyond the fast gradient sign method",
)
NO_MORE = "a critical sample ratio that is higher by less than a point, where a search over all classes is by a point"
SEARCH = "all searches follow the log-odds of the predicted class, whose gradient does not vanish where softmax does"
OWN_INPUTS = "each net is judged on new inputs like its own; the paper does not say on which"
TWO_RADII = "judged at a third of the radius, 0.1, and at three times as much, 0.9"
WITH_ROOM = (
    "within three times the radius, 0.9, since within the paper's hardly any search finds more than another; of the "
    "net on random labels in the place of digits, which has no room there, within the paper's"
)
THREE_TIMES = "within three times the radius, 0.9, where searches have more room to differ"
NOTHING_LEFT = (
    "as many steps without noise find as much as Langevin search or up to two points more, and a search over all "
    "classes hardly more than they do"
)
ON_NETS = {name: plan for name, plan in EACH.items() if "randX" not in name}
WIDE = {name: plan if name == "mlp-2x128-randY" else searched(plan, 0.9) for name, plan in ON_NETS.items()}
"""Radii at which a search over all target classes finds more than the fast gradient sign method, chosen by that."""
PAPER_WIDE = {name: searched(plan, 0.9) for name, plan in PAPER_EACH.items()}


def surfaces(dimensions: int) -> dict[str, Cases]:
    """Nets whose gradient is zero at the samples, of two kinds."""
    names = ("bowl", "plateau")
    return {name: Cases(options={"surface": name, "dimensions": dimensions, "samples": 200}) for name in names}


CONSTRUCTED = (
    "nets are constructed, since no gradient is zero in any that was trained; the prediction is another one in half of "
    "the box around each sample"
)


@claim(
    id="A15",
    part="misses",
    says="Langevin search finds the critical samples that the fast gradient sign method finds.",
    source=ARPIT2017.at("section 4.1"),
    kind="bound",
    refuted_by="one image in a hundred or more that the fast gradient sign method finds critical and the search misses",
    margin=Margin(0.01, "one image in a hundred: the search is random, so that not a single miss is too much to ask"),
    fast=ON_NETS,
    fullscale=PAPER_EACH,
    departs=(*SMALLER, GREY, SEARCH),
    departs_fullscale=(*PAPER_NETS, SEARCH),
    findings=(
        Finding(
            ("A15[misses-cnn-12-randY]", "A15[misses-cnn-bn-12-randY]"),
            "cifar10",
            "up to one image in a hundred is missed",
            verdict="undecided",
        ),
    ),
)
def test_langevin_search_misses_no_more_than_a_few(runs: Runs, judge: Judge) -> None:
    """Within 0.3 grey levels of validation images, on nets that have fitted, where one in twenty could be missed."""
    (data,) = runs.specs
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.control(runs.measure(critical_sample_ratio, f"{CSR} by one step", **FGSM), at_least=IN_TWENTY.value)
    judge.at_most(runs.measure(critical_samples_missed, "share of images missed"), data)


def beside_langevin(runs: Runs, judge: Judge, search: Mapping[str, Any]) -> Samples:
    """The critical sample ratio by Langevin search, and by another search on the same nets and images.

    The control is that there is something to gain: a search over all target classes finds more than the other by the
    margin.
    """
    (data,) = runs.specs
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    langevin, gradient = (runs.measure(critical_sample_ratio, CSR, **settings) for settings in ({}, search))
    all_targets = runs.measure(targeted_critical_sample_ratio, CSR, steps=3, alpha=0.5)
    gain = all_targets.less(gradient, "what a search over all target classes finds more")
    judge.control(gain, at_least=IN_A_HUNDRED.value)
    return runs.samples(CSR, {"Langevin": langevin[data], "gradient": gradient[data]})


@claim(
    id="A15",
    part="FGSM",
    says="Langevin search finds more critical samples than the fast gradient sign method.",
    source=ARPIT2017.at("section 4.1"),
    kind="above",
    refuted_by=NO_MORE,
    margin=IN_A_HUNDRED,
    fast=WIDE,
    fullscale=PAPER_WIDE,
    departs=(*SMALLER, GREY, SEARCH, WITH_ROOM),
    departs_fullscale=(*PAPER_NETS, SEARCH, THREE_TIMES),
    findings=(
        Finding(
            ("A15[FGSM-cnn-12-real]", "A15[FGSM-cnn-bn-12-real]", "A15[FGSM-cnn-12-randY]"),
            "cifar10",
            "the search finds half a point to a point more",
            verdict="undecided",
        ),
        Finding("A15[FGSM-cnn-bn-12-randY]", "cifar10", "the search finds a point or two more", verdict="undecided"),
        Finding("A15[FGSM-mlp-2x128-real]", "digits", "the search finds one to three points more", verdict="undecided"),
    ),
)
def test_langevin_search_finds_more_than_one_gradient_step(runs: Runs, judge: Judge) -> None:
    """Ten noisy steps against one to the corner of the box, on the same nets and images."""
    judge.above(beside_langevin(runs, judge, FGSM), "Langevin", "gradient")


@claim(
    id="A15",
    part="PGD",
    says="Langevin search finds more critical samples than as many gradient steps without noise.",
    source=ARPIT2017.at("section 4.1: 'LASS explores the box more thoroughly'"),
    kind="above",
    refuted_by=NO_MORE,
    margin=IN_A_HUNDRED,
    fast=WIDE,
    fullscale=PAPER_WIDE,
    departs=(*SMALLER, GREY, SEARCH, WITH_ROOM),
    departs_fullscale=(*PAPER_NETS, SEARCH, THREE_TIMES),
    findings=tuple(
        Finding(f"A15[PGD-{name}]", plan.dataset, NOTHING_LEFT, verdict="undecided") for name, plan in WIDE.items()
    ),
)
def test_langevin_search_finds_more_than_gradient_steps(runs: Runs, judge: Judge) -> None:
    """Ten noisy steps against ten of a quarter of the radius, on the same nets and images."""
    judge.above(beside_langevin(runs, judge, PGD), "Langevin", "gradient")


@claim(
    id="A15",
    part="zero-gradient",
    says="Where the gradient is zero and another prediction close by, noise lets Langevin search find it.",
    source=ARPIT2017.at("section 4.1"),
    kind="exact",
    refuted_by="a net of which Langevin search finds less than half of such samples",
    margin=Margin(0.5, "most of the samples, where a search along the gradient finds none"),
    fast=surfaces(dimensions=64),
    fullscale=surfaces(dimensions=3072),
    departs=(CONSTRUCTED,),
    departs_fullscale=(CONSTRUCTED,),
)
def test_noise_leaves_points_without_gradient(cases: Generated, judge: Judge) -> None:
    """At the bottom of a bowl, a large second derivative, and on a plateau. Gradients without noise find nothing."""
    judge.exact(*cases.errors(zero_gradient, "share of critical samples missed"))


@claim(
    id="A16",
    says="After training on noise, many more validation images have another prediction close by than after real data.",
    source=ARPIT2017.at("section 4.2, figure 9: 'much higher'"),
    kind="above",
    refuted_by="a critical sample ratio after noise that exceeds that after real data by less than 10 points",
    margin=IN_TEN,
    fast=AGAINST_REAL,
    fullscale=PAPER_NOISE,
    departs=(*SMALLER, GREY),
    departs_fullscale=PAPER_NETS,
    findings=(
        Finding(
            ("A16[cnn-12-randX]", "A16[cnn-12-randY]"),
            "cifar10",
            "without batch norm either noise makes more, random labels one in fifteen",
            verdict="undecided",
        ),
        Finding(
            "A16[cnn-bn-12-randX]",
            "cifar10",
            "to a net with the statistics of noise in its batch norm, real images are no closer to a boundary",
        ),
        Finding(
            "A16[cnn-bn-12-randY]", "cifar10", "with batch norm random labels make one in ten more", verdict="undecided"
        ),
    ),
)
def test_noise_makes_more_critical_samples(runs: Runs, judge: Judge) -> None:
    """The critical sample ratio, from below, by Langevin search within 0.3 grey levels.

    It could be seen: one real image in ten at least is not critical.
    """
    real, noise = runs.specs
    ratio = runs.measure(critical_sample_ratio, CSR)
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.control(room(ratio), real, at_least=IN_TEN.value)
    judge.above(ratio, noise, real)


@claim(
    id="A16",
    part="own",
    says="Many more new noise inputs have another prediction close by, for a net trained on such, than real images for "
    "one trained on these.",
    source=ARPIT2017.at("section 4.2, figure 9: 'much higher'"),
    kind="above",
    refuted_by="a critical sample ratio on noise that exceeds that on real data by less than 10 points",
    margin=IN_TEN,
    fast={"mlp-2x128": mlp("real", "randX"), "cnn-bn-12": cnn_bn("real", "randX")},
    fullscale=paper("real", "randX"),
    departs=(*SMALLER, GREY, OWN_INPUTS),
    departs_fullscale=(*PAPER_NETS, OWN_INPUTS),
    findings=(Finding("A16[own-cnn-bn-12]", "cifar10", "with batch norm it is one in ten more", verdict="undecided"),),
)
def test_noise_makes_more_critical_samples_among_its_own(runs: Runs, judge: Judge) -> None:
    """On real images, the statistics of batch norm after training on noise are those of other data.

    It could be seen: one real image in ten at least is not critical.
    """
    ratio = runs.measure(critical_sample_ratio, CSR, on="held-out")
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.control(room(ratio), "real", at_least=IN_TEN.value)
    judge.above(ratio, "randX", "real")


@claim(
    id="A24",
    says="Whatever the radius, more validation images have another prediction that close after noise than after real "
    "data.",
    source=ARPIT2017.at("section 4.2, footnote 6"),
    kind="above",
    refuted_by="a critical sample ratio after noise that exceeds that after real data by less than 5 points",
    margin=IN_TWENTY,
    fast={name: plan for name, plan in AGAINST_REAL.items() if not name.startswith("cnn-12")},
    fullscale=PAPER_NOISE,
    departs=(*SMALLER, GREY, TWO_RADII),
    departs_fullscale=(*PAPER_NETS, TWO_RADII),
    findings=(
        Finding(
            "A24[cnn-bn-12-randX-0.1]",
            "cifar10",
            "with batch norm noise inputs make no more within so little, as at the paper's radius",
        ),
        Finding("A24[cnn-bn-12-randX-0.9]", "cifar10", "within so much about one in twenty more", verdict="undecided"),
        Finding(
            "A24[cnn-bn-12-randY-0.1]", "cifar10", "within so little about one in thirty more", verdict="undecided"
        ),
    ),
)
@pytest.mark.parametrize("radius", [0.1, 0.9])
def test_the_radius_does_not_change_the_order(runs: Runs, judge: Judge, radius: float) -> None:
    """A third of the paper's radius, and three times as much; nothing is trained for another one.

    It could be seen: one real image in twenty at least is not critical.
    """
    real, noise = runs.specs
    ratio = runs.measure(critical_sample_ratio, CSR, radius=within(runs, radius))
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.control(room(ratio), real, at_least=IN_TWENTY.value)
    judge.above(ratio, noise, real)
