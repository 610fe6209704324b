"""The generator is good enough to be a prior for what nets have learned."""

from memorization_claims import Judge, Margin, Runs, claim
from memorization_claims.measures.nets.confidence import confidence, rarest_share

from .paper import GU2019
from .recipes import GENERATED, PAPER_GENERATED, PAPER_GENERATORS, REDUCED_GENERATORS


@claim(
    id="G13",
    part="confident",
    says="A net that was trained on the images from which the generator learned is sure of generated ones.",
    source=GU2019.at("sections 3 and 4"),
    kind="bound",
    refuted_by="generated images whose likeliest class has, in their mean, half of the probability or less",
    margin=Margin(0.5, "the likeliest class is given more than all others together"),
    fast=GENERATED,
    fullscale=PAPER_GENERATED,
    departs=REDUCED_GENERATORS,
    departs_fullscale=PAPER_GENERATORS,
)
def test_nets_are_sure_of_generated_images(runs: Runs, judge: Judge) -> None:
    """Images as they are drawn, before any is changed to excite a net."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.at_least(runs.measure(confidence, "probability of the likeliest class", on="generated"), "true labels")


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
    departs=REDUCED_GENERATORS,
    departs_fullscale=PAPER_GENERATORS,
)
def test_every_class_is_generated(runs: Runs, judge: Judge) -> None:
    """The share of the class that the net finds least often among 1000 images."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.at_least(runs.measure(rarest_share, "share of the rarest class", on="generated"), "true labels")
