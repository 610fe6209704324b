"""One way to learn, N ways to memorise: nets compared by the images that one of them answers to most strongly."""

from typing import Any

import pytest

from memorization_claims import TRUE, Drawing, Judge, Margin, Runs, claim, permuted_labels, random_labels
from memorization_claims.drawing.pictures import pictures
from memorization_claims.measures.dissection.dissimilarity import dissimilarity, found, recognised

from ..cost import DEARER
from .figures import FIGURE_2, FIGURE_3
from .pairs import FULL, ONE_IN_FOUR, ONE_IN_TEN, REDUCED, Conditions, fast, full
from .paper import GU2019
from .recipes import CONDITIONS, DCGAN

OTHER = {labels: (labels, f"{labels}, other net") for labels in CONDITIONS}
"""The pair of each labelling: a net, and another that has at least another seed."""
OTHERS = {"another seed": ("a net",) * 2, "another depth": ("a net", "deeper"), "another kind": ("a net", "residual")}
REFERENCE = "not in the paper: what 'different' is to be measured against"
DIVERGENCES = [pytest.param("jensen-shannon", id="js"), pytest.param("kullback-leibler", id="kl")]


def beside(**other: Any) -> Conditions:
    """Both labellings, each with another net of which something is changed."""
    others = {f"{labels}, other net": {**changes, **other} for labels, changes in CONDITIONS.items()}
    return {labels: {**changes} for labels, changes in CONDITIONS.items()} | others


def nets(deeper: str, residual: str) -> Conditions:
    """True labels, and nets of another depth and of another architecture."""
    return {"a net": {**TRUE}, "deeper": {"model": deeper}, "residual": {"model": residual}}


NETS = {
    "seed": fast(beside()),
    "depth": fast(beside(model="vgg6-16"), most=DEARER),
    "architecture": fast(beside(model="resnet8-16"), most=DEARER),
}
GAN = fast(beside(), generator=DCGAN, most=DEARER)
FULL_NETS = {
    "seed": full(beside()),
    "depth": full(beside(model="vgg13")),
    "architecture": full(beside(model="resnet32")),
}
ONE_WAY = fast(nets("vgg6-16", "resnet8-16"))
FULL_ONE_WAY = full(nets("vgg13", "resnet32"))
LABELLINGS: Conditions = {"random labels": {**random_labels()}, "permuted labels": {**permuted_labels()}}


@claim(
    id="G05",
    says="On the images that it answers to most strongly, a net is far further from others if the labels are random.",
    source=GU2019.at("sections 3 and 4, figure 2"),
    kind="above",
    refuted_by="a dissimilarity on random labels that is less than twice that on true labels",
    margin=Margin(
        0.693, "log 2: what is 'extremely similar' and what is 'different' differ by a factor of two at least"
    ),
    fast={**NETS, "gan": GAN, "test-images": fast(beside(), generator=None)},
    fullscale={**FULL_NETS, "test-images": full(beside(), generator=None)},
    departs=REDUCED,
    departs_fullscale=FULL,
)
@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_random_labels_set_nets_apart(runs: Runs, judge: Judge, draw: Drawing, divergence: str) -> None:
    """Another seed, another depth, another architecture; and another seed on real images, with nothing sought."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    distance = runs.compare(dissimilarity, "dissimilarity", "nats", pairs=OTHER, divergence=divergence)
    draw.groups(FIGURE_2, distance, panel=divergence)
    judge.above(distance.log(), "random labels", "true labels")


@claim(
    id="G06",
    part="same",
    says="On true labels, a net of another depth or architecture is as near as one of another seed.",
    source=GU2019.at("section 4, figure 2"),
    kind="same",
    refuted_by="a dissimilarity to another depth or architecture that differs by a tenth of log 2 from that to a seed",
    margin=ONE_IN_TEN,
    fast=ONE_WAY,
    fullscale=FULL_ONE_WAY,
    departs=REDUCED,
    departs_fullscale=FULL,
)
@pytest.mark.parametrize("other", ["another depth", "another kind"], ids=["depth", "architecture"])
def test_size_and_architecture_do_not_matter_on_true_labels(runs: Runs, judge: Judge, other: str) -> None:
    """Figure 2's thin bars, against each other."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.same(runs.compare(dissimilarity, "dissimilarity", "nats", pairs=OTHERS), other, "another seed")


@claim(
    id="G06",
    part="small",
    says="On true labels, nets of another seed, depth or architecture have learned almost the same.",
    source=GU2019.at("section 4, figure 2"),
    kind="bound",
    refuted_by="a dissimilarity on true labels above a quarter of log 2",
    margin=Margin(ONE_IN_FOUR.value, f"{ONE_IN_FOUR.reason}, or agree on 3"),
    fast=ONE_WAY,
    fullscale=FULL_ONE_WAY,
    departs=REDUCED,
    departs_fullscale=FULL,
)
@pytest.mark.parametrize("other", list(OTHERS), ids=["seed", "depth", "architecture"])
def test_there_is_one_way_to_learn(runs: Runs, judge: Judge, other: str) -> None:
    """Figure 2's thin bars, against the bound of the measure."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.at_most(runs.compare(dissimilarity, "dissimilarity", "nats", pairs=OTHERS), other)


@claim(
    id="G07",
    says="Of random labels, the same net from another seed memorises something else.",
    source=GU2019.at("section 4, figure 2"),
    kind="bound",
    refuted_by="a dissimilarity of two seeds on random labels below a quarter of log 2",
    margin=ONE_IN_FOUR,
    fast=NETS["seed"],
    fullscale=FULL_NETS["seed"],
    departs=REDUCED,
    departs_fullscale=FULL,
)
def test_there_are_many_ways_to_memorise(runs: Runs, judge: Judge) -> None:
    """The first of figure 2's thick bars: the same images and labels, another initialisation and order."""
    judge.given(runs.final("train_accuracy"), "random labels", at_least=0.99)
    judge.at_least(runs.compare(dissimilarity, "dissimilarity", "nats", pairs=OTHER), "random labels")


@claim(
    id="G07",
    part="shared",
    says="What nets memorise of the same random labels is still nearer than what they memorise of different ones.",
    source=GU2019.at("section 4"),
    kind="above",
    refuted_by="a dissimilarity on two random labellings that exceeds that on one by less than a tenth of log 2",
    margin=ONE_IN_TEN,
    fast=fast(LABELLINGS, most=DEARER),
    fullscale=full(LABELLINGS),
    departs=(*REDUCED, REFERENCE),
    departs_fullscale=(*FULL, REFERENCE),
)
def test_memories_of_the_same_labels_are_nearer(runs: Runs, judge: Judge) -> None:
    """Neither labelling has anything to do with the images, and one of them is the labels exchanged among them."""
    judge.given(runs.relabelled(), at_least=0.8)
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    pairs = {"one labelling": ("random labels",) * 2, "two labellings": ("random labels", "permuted labels")}
    judge.above(runs.compare(dissimilarity, "dissimilarity", "nats", pairs=pairs), "two labellings", "one labelling")


@claim(
    id="G12",
    says="What a net has learned of a class is recognised as that class by others, far less so if labels are random.",
    source=GU2019.at("sections 3 and 4, figure 3"),
    kind="above",
    refuted_by="a share of images recognised by the other net that is less than 25 points larger on true labels",
    margin=Margin(0.25, "one image in four: less would leave in doubt whether a picture shows what others know too"),
    fast={**NETS, "gan": GAN},
    fullscale=FULL_NETS,
    departs=REDUCED,
    departs_fullscale=FULL,
)
def test_others_recognise_what_was_learned(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """At least half of the images are of their class for the net that they were sought for."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.given(runs.compare(found, "share of images of their class", pairs=OTHER), at_least=0.5)
    draw.images(FIGURE_3, pictures(runs, *CONDITIONS), panel="a column for each class")
    judge.above(runs.compare(recognised, "share of images recognised", pairs=OTHER), "true labels", "random labels")
