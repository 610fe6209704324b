"""Nets trained on noise have denser decision boundaries around real images."""

import pytest

from claims.arpit2017.courses import (
    CSR,
    GREY,
    IN_TEN,
    PAPER_EACH,
    PAPER_NOISE,
    RADIUS,
    SMALLER,
    cnn,
    cnn_bn,
    mlp,
    paper,
)
from claims.arpit2017.recipes import PAPER
from harness.claim import Margin, claim
from harness.judge import Judge
from harness.measurement import GreyLevels
from harness.measures.critical_samples import FGSM, PGD, critical_sample_ratio, critical_samples_missed
from harness.papers import ARPIT2017
from harness.runs import Runs

IN_A_HUNDRED = Margin(0.01, "one image in a hundred: ten gradients for less than that are not worth their while")
SEARCH = "all searches follow the log-odds of the predicted class, whose gradient does not vanish where softmax does"
ON_NETS = {
    "mlp-2x128-real": mlp("real"),
    "mlp-2x128-randY": mlp("randY", seeds=30),
    "cnn-12-real": cnn("real"),
    "cnn-bn-12-real": cnn_bn("real", seeds=16),
}


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
    departs_fullscale=(*PAPER, SEARCH),
)
def test_langevin_search_misses_no_more_than_a_few(runs: Runs, judge: Judge) -> None:
    """Within 0.3 grey levels of validation images, on nets that have fitted."""
    (data,) = runs.specs
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.at_most(runs.measure(critical_samples_missed, "share of images missed", radius=RADIUS), data)


@claim(
    id="A15",
    part="FGSM",
    says="Langevin search finds more critical samples than the fast gradient sign method.",
    source=ARPIT2017.at("section 4.1"),
    kind="above",
    refuted_by="a critical sample ratio that is higher by less than a point",
    margin=IN_A_HUNDRED,
    fast=ON_NETS,
    fullscale=PAPER_EACH,
    departs=(*SMALLER, GREY, SEARCH),
    departs_fullscale=(*PAPER, SEARCH),
)
def test_langevin_search_finds_more_than_one_gradient_step(runs: Runs, judge: Judge) -> None:
    """Ten noisy steps against one to the corner of the box, on the same nets and images."""
    (data,) = runs.specs
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    found = {
        "Langevin": runs.measure(critical_sample_ratio, CSR, radius=RADIUS)[data],
        "gradient": runs.measure(critical_sample_ratio, CSR, radius=RADIUS, **FGSM)[data],
    }
    judge.above(runs.samples(CSR, found), "Langevin", "gradient")


@claim(
    id="A15",
    part="PGD",
    says="Langevin search finds more critical samples than as many gradient steps without noise.",
    source=ARPIT2017.at("section 4.1: 'LASS explores the box more thoroughly'"),
    kind="above",
    refuted_by="a critical sample ratio that is higher by less than a point",
    margin=IN_A_HUNDRED,
    fast=ON_NETS,
    fullscale=PAPER_EACH,
    departs=(*SMALLER, GREY, SEARCH),
    departs_fullscale=(*PAPER, SEARCH),
)
def test_langevin_search_finds_more_than_gradient_steps(runs: Runs, judge: Judge) -> None:
    """Ten noisy steps against ten of a quarter of the radius, on the same nets and images."""
    (data,) = runs.specs
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    found = {
        "Langevin": runs.measure(critical_sample_ratio, CSR, radius=RADIUS)[data],
        "gradient": runs.measure(critical_sample_ratio, CSR, radius=RADIUS, **PGD)[data],
    }
    judge.above(runs.samples(CSR, found), "Langevin", "gradient")


@claim(
    id="A16",
    says="After training on noise, more validation images have another prediction close by than after real data.",
    source=ARPIT2017.at("section 4.2, figure 9"),
    kind="above",
    refuted_by="a critical sample ratio after noise that exceeds that after real data by less than 10 points",
    margin=IN_TEN,
    fast={
        "mlp-2x128-randX": mlp("real", "randX"),
        "mlp-2x128-randY": mlp("real", "randY"),
        "cnn-bn-12-randX": cnn_bn("real", "randX", seeds=16),
    },
    fullscale=PAPER_NOISE,
    departs=(*SMALLER, GREY),
    departs_fullscale=PAPER,
)
def test_noise_makes_more_critical_samples(runs: Runs, judge: Judge) -> None:
    """The critical sample ratio, from below, by Langevin search within 0.3 grey levels."""
    real, noise = runs.specs
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.above(runs.measure(critical_sample_ratio, CSR, radius=RADIUS), noise, real)


@claim(
    id="A16",
    part="own",
    says="More new noise inputs have another prediction close by, for a net trained on such, than real images for one "
    "trained on these.",
    source=ARPIT2017.at("section 4.2, figure 9"),
    kind="above",
    refuted_by="a critical sample ratio on noise that exceeds that on real data by less than 10 points",
    margin=IN_TEN,
    fast=mlp("real", "randX"),
    fullscale=paper("real", "randX"),
    departs=(*SMALLER, GREY, "each net is judged on new inputs like its own; the paper does not say on which"),
    departs_fullscale=(*PAPER, "each net is judged on new inputs like its own; the paper does not say on which"),
)
def test_noise_makes_more_critical_samples_among_its_own(runs: Runs, judge: Judge) -> None:
    """On real images, the statistics of batch norm after training on noise are those of other data."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.above(runs.measure(critical_sample_ratio, CSR, on="held-out", radius=RADIUS), "randX", "real")


@claim(
    id="A24",
    says="Whatever the radius, more validation images have another prediction that close after noise than after real "
    "data.",
    source=ARPIT2017.at("section 4.2, footnote 6"),
    kind="above",
    refuted_by="a critical sample ratio after noise that exceeds that after real data by less than 5 points",
    margin=Margin(0.05, "half of what is asked at the paper's radius: it is the order alone that is to stay"),
    fast={"mlp-2x128-randX": mlp("real", "randX"), "mlp-2x128-randY": mlp("real", "randY")},
    fullscale=PAPER_NOISE,
    departs=(*SMALLER, GREY),
    departs_fullscale=PAPER,
)
@pytest.mark.parametrize("radius", [0.1, 0.9])
def test_the_radius_does_not_change_the_order(runs: Runs, judge: Judge, radius: float) -> None:
    """A third of the paper's radius, and three times as much; nothing is trained for another one."""
    real, noise = runs.specs
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.above(runs.measure(critical_sample_ratio, CSR, radius=GreyLevels(radius)), noise, real)
