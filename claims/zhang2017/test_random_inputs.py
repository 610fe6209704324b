"""Nets fit images whose pixels are shuffled, scattered or noise, and start sooner on them than on random labels."""

import pytest

from memorization_claims import (
    TRUE,
    Drawing,
    Judge,
    Margin,
    Plan,
    Runs,
    claim,
    gaussian_inputs,
    random_labels,
    random_pixels,
    shuffled_pixels,
)
from memorization_claims.measures.courses.start import STARTED

from ..fitting import NOT_FITTED
from .figures import FIGURE_1A
from .paper import ZHANG2017
from .recipes import FITTED, INCEPTION, MLP, PAPER, REDUCED, START

INPUTS = {
    "true images": TRUE,
    "shuffled pixels": shuffled_pixels(),
    "random pixels": random_pixels(),
    "Gaussian inputs": gaussian_inputs(),
}
NOISE = {
    "random labels": random_labels(),
    "random pixels": random_pixels(),
    "Gaussian inputs": gaussian_inputs(),
}


@claim(
    id="Z03",
    says="A net fits images whose pixels are shuffled, each at random or all alike, and images of pure noise.",
    source=ZHANG2017.at("section 2.1, figure 1a"),
    kind="bound",
    refuted_by=NOT_FITTED,
    margin=FITTED,
    fast=Plan(base=MLP, conditions=INPUTS),
    fullscale=Plan(base=INCEPTION, conditions=INPUTS),
    departs=REDUCED,
    departs_fullscale=PAPER,
)
@pytest.mark.parametrize("images", ["shuffled pixels", "random pixels", "Gaussian inputs"])
def test_images_without_structure_are_fitted(runs: Runs, judge: Judge, draw: Drawing, images: str) -> None:
    """The recipe that fits the true images fits these."""
    draw.course(FIGURE_1A, runs, "loss", panel="true labels")
    accuracy = runs.final("train_accuracy")
    judge.given(accuracy, "true images", at_least=0.99)
    judge.at_least(accuracy, images, refutes=False)


@claim(
    id="Z06",
    says="Training starts to converge sooner on random pixels and on Gaussian inputs than on random labels.",
    source=ZHANG2017.at("section 2.1, figure 1a"),
    kind="above",
    refuted_by="a start on random labels that comes less than a fifth later",
    margin=Margin(0.182, "log 1.2: a fifth is what can be seen in the paper's figure"),
    fast=Plan(base=MLP, conditions=NOISE),
    fullscale=Plan(base=INCEPTION, conditions=NOISE),
    departs=(*REDUCED, START),
    departs_fullscale=(*PAPER, START),
)
@pytest.mark.parametrize("images", ["random pixels", "Gaussian inputs"])
def test_noise_in_the_images_starts_sooner_than_noise_in_the_labels(
    runs: Runs, judge: Judge, draw: Drawing, images: str
) -> None:
    """Images without structure lie further from each other than images of one class do."""
    draw.course(FIGURE_1A, runs, "loss", panel="beside random labels")
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    start = runs.time_to(STARTED * runs.loss_of_guessing, "loss", "time to start", falling=True)
    judge.above(start.log(), "random labels", images)
