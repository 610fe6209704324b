"""Nets fit images whose pixels are shuffled, scattered or noise, and start sooner on them than on random labels."""

import pytest

from memorization_claims import (
    TRUE,
    Drawing,
    Finding,
    Judge,
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
from ..margins import A_TENTH, FITTED
from .figures import FIGURE_1A
from .paper import ZHANG2017
from .recipes import CNN, INCEPTION, MLP, PAPER, REDUCED, START, sharing, to_the_end

INPUTS = {
    "true images": TRUE,
    "shuffled pixels": shuffled_pixels(),
    "random pixels": random_pixels(),
    "Gaussian inputs": gaussian_inputs(),
}
STARTING_CNN = to_the_end(CNN, epochs=15)
"""Long enough to start on random labels; that it fits all of these is Z01 and Z03."""
NOISE = {
    "random labels": random_labels(),
    "random pixels": random_pixels(),
    "Gaussian inputs": gaussian_inputs(),
}


@claim(
    id="Z03",
    says="A convolutional net fits images whose pixels are shuffled, each at random or all alike, and images of noise.",
    source=ZHANG2017.at("section 2.1, figure 1a"),
    kind="bound",
    refuted_by=NOT_FITTED,
    margin=FITTED,
    fast=Plan(base=CNN, conditions=INPUTS),
    fullscale=sharing(INCEPTION, INPUTS),
    departs=REDUCED,
    departs_fullscale=PAPER,
)
@pytest.mark.parametrize("images", ["shuffled pixels", "random pixels", "Gaussian inputs"])
def test_images_without_structure_are_fitted(runs: Runs, judge: Judge, draw: Drawing, images: str) -> None:
    """The recipe that fits the true images fits these; a convolutional net's, to which neighbours matter."""
    draw.course(FIGURE_1A, runs, "loss", panel="true labels")
    accuracy = runs.final("train_accuracy")
    judge.given(accuracy, "true images", at_least=0.99)
    judge.at_least(accuracy, images, refutes=False)


@claim(
    id="Z06",
    says="Training starts to converge sooner on random pixels and on Gaussian inputs than on random labels.",
    source=ZHANG2017.at("section 2.1, figure 1a"),
    kind="above",
    refuted_by="a start on random labels that comes less than a tenth later",
    margin=A_TENTH,
    fast={"mlp-1x512": Plan(base=MLP, conditions=NOISE), "cnn-16": Plan(base=STARTING_CNN, conditions=NOISE)},
    fullscale=Plan(base=INCEPTION, conditions=NOISE),
    departs=(*REDUCED, START),
    departs_fullscale=(*PAPER, START),
    findings=(
        Finding(
            ("Z06[cnn-16-random pixels]", "Z06[cnn-16-Gaussian inputs]"),
            "digits",
            "the net starts sooner on random inputs in some runs only, by about what the scatter is",
            verdict="undecided",
        ),
    ),
)
@pytest.mark.parametrize("images", ["random pixels", "Gaussian inputs"])
def test_noise_in_the_images_starts_sooner_than_noise_in_the_labels(
    runs: Runs, judge: Judge, draw: Drawing, images: str
) -> None:
    """Images without structure lie further from each other than images of one class do."""
    draw.course(FIGURE_1A, runs, "loss", panel="beside random labels")
    start = runs.time_to(STARTED * runs.loss_of_guessing, "loss", "time to start", falling=True)
    judge.above(start.log(), "random labels", images)
