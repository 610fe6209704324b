"""The generator is good enough to be a prior for what nets have learned: judged by its images, not by what nets say."""

from memorization_claims import Judge, Margin, Runs, Samples, claim
from memorization_claims.measures.nets.coverage import rarest_share
from memorization_claims.measures.nets.likeness import distance_between, distance_to_nearest

from ..margins import TWICE
from .paper import GU2019
from .recipes import ADAM, GENERATED, PAPER_GENERATED, PAPER_GENERATORS, REDUCED_GENERATOR, given_that_nets_fit

NO_MEASURE = "the paper has no measure of its generator; it says that it is trained to converge"
DEPARTS = (*ADAM, REDUCED_GENERATOR, NO_MEASURE)
SOME = slice(1000)
"""Real images to compare with: as many as are generated, or as there are."""


@claim(
    id="G13",
    part="near",
    says="Generated images look like data: they are not far further from held-out images than training images are.",
    source=GU2019.at("sections 3 and 4"),
    kind="bound",
    refuted_by="generated images twice as far from the nearest held-out image as training images are",
    margin=TWICE,
    fast=GENERATED,
    fullscale=PAPER_GENERATED,
    departs=DEPARTS,
    departs_fullscale=(*PAPER_GENERATORS, NO_MEASURE),
)
def test_generated_images_are_near_to_real_ones(runs: Runs, judge: Judge) -> None:
    """Images as they are drawn, before any is changed to excite a net."""
    generated = runs.measure(distance_to_nearest, "distance to the nearest held-out image", on="generated")
    real = runs.measure(distance_to_nearest, "distance to the nearest held-out image", on="training", part=SOME)
    judge.at_most(beside(runs, generated, real), "generated", less="real")


@claim(
    id="G13",
    part="diverse",
    says="Generated images are not all alike: they lie at least half as far apart as real ones.",
    source=GU2019.at("sections 3 and 4"),
    kind="bound",
    refuted_by="generated images less than half as far from each other as training images are",
    margin=Margin(-TWICE.value, "minus log 2: half as far is far nearer, as twice as far is far further"),
    fast=GENERATED,
    fullscale=PAPER_GENERATED,
    departs=DEPARTS,
    departs_fullscale=(*PAPER_GENERATORS, NO_MEASURE),
)
def test_generated_images_are_diverse(runs: Runs, judge: Judge) -> None:
    """A generator that makes one image, and that one well, would be near to the data too."""
    generated = runs.measure(distance_between, "distance between images", on="generated")
    real = runs.measure(distance_between, "distance between images", on="training", part=SOME)
    judge.at_least(beside(runs, generated, real), "generated", less="real")


def beside(runs: Runs, generated: Samples, real: Samples) -> Samples:
    """Logarithms of the same distance of both kinds of images."""
    return runs.samples(
        generated.name, {"generated": generated["true labels"], "real": real["true labels"]}, "pixel deviations"
    ).log()


@claim(
    id="G13",
    part="covers",
    says="Every class is found among the generated images.",
    source=GU2019.at("section 4"),
    kind="bound",
    refuted_by="a class that is found in fewer than one generated image of fifty",
    margin=Margin(0.02, "a fifth of what each of ten equally frequent classes has; a class that is left out has none"),
    fast=GENERATED,
    fullscale=PAPER_GENERATED,
    departs=DEPARTS,
    departs_fullscale=(*PAPER_GENERATORS, NO_MEASURE),
)
def test_every_class_is_generated(runs: Runs, judge: Judge) -> None:
    """The share of the class that the net finds least often among 1000 images."""
    given_that_nets_fit(runs, judge)
    judge.at_least(runs.measure(rarest_share, "share of the rarest class", on="generated"), "true labels")
