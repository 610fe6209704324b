"""One way to learn, N ways to memorise: nets compared by the images that one of them answers to most strongly."""

import pytest

from memorization_claims import TRUE, Drawing, Finding, Judge, Margin, Runs, Samples, claim, permuted_labels
from memorization_claims.drawing.pictures import pictures
from memorization_claims.measures.dissection.dissimilarity import found, recognised_of_found

from ..cost import DEAREST
from ..margins import A_TENTH, TWICE
from .figures import FIGURE_2, FIGURE_3
from .pairs import (
    ASCENT,
    DIVERGENCES,
    FULL,
    OTHER,
    REDUCED,
    SEARCH,
    Conditions,
    Pairs,
    beside,
    by_probability,
    distance,
    fast,
    full,
)
from .paper import GU2019
from .recipes import CONDITIONS, DCGAN, DEEPER, NATURAL, NATURAL_IMAGES, RESIDUAL, given_that_nets_fit

OTHERS: Pairs = {
    "another seed": ("a net", "a net"),
    "another depth": ("a net", "deeper"),
    "another kind": ("a net", "residual"),
}
REFERENCE = "not in the paper: what 'different' is to be measured against"
FEW_IMAGES = "distances on random labels grow with the number of images: of 20 they are hardly above those on true ones"

NETS = {
    "seed": fast(beside()),
    "depth": fast(beside(**DEEPER), most=DEAREST),
    "architecture": fast(beside(**RESIDUAL), most=DEAREST),
}
GAN = {
    "gan": fast(beside(), generator=DCGAN, most=DEAREST),
    "gan-depth": fast(beside(**DEEPER), generator=DCGAN, most=DEAREST),
    "gan-architecture": fast(beside(**RESIDUAL), generator=DCGAN, most=DEAREST),
}
NATURAL_PAIR = {"cifar10": fast(beside(), base=NATURAL, needs_data=True, most=DEAREST)}
FULL_NETS = {
    "seed": full(beside()),
    "depth": full(beside(model="vgg13")),
    "architecture": full(beside(model="resnet32")),
}
ONE_WAY = fast({"a net": {**TRUE}, "deeper": {**DEEPER}, "residual": {**RESIDUAL}}, most=DEAREST)
FULL_ONE_WAY = full({"a net": {**TRUE}, "deeper": {"model": "vgg13"}, "residual": {"model": "resnet32"}})
LABELLINGS: Conditions = {
    **{name: {**labels} for name, labels in CONDITIONS.items()},
    "permuted labels": {**permuted_labels()},
}
SAME_OR_NOT: Pairs = {
    "true labels": ("true labels", "true labels"),
    "one labelling": ("random labels", "random labels"),
    "two labellings": ("random labels", "permuted labels"),
}
"""Nets that learned the same, nets that memorised the same, and nets that memorised what has nothing in common."""


@claim(
    id="G05",
    says="On the images that it answers to most strongly, a net is far further from others if the labels are random.",
    source=GU2019.at("sections 3 and 4, figure 2"),
    kind="above",
    refuted_by="a dissimilarity on random labels that is less than twice that on true labels",
    margin=TWICE,
    fast={
        **NETS,
        **GAN,
        "test-images": fast(beside(), generator=None),
        "probability": fast(beside(), how=by_probability(SEARCH)),
        **NATURAL_PAIR,
    },
    fullscale={
        **FULL_NETS,
        "test-images": full(beside(), generator=None),
        "probability": full(beside(), how=by_probability(ASCENT)),
    },
    departs=(*REDUCED, FEW_IMAGES, NATURAL_IMAGES),
    departs_fullscale=FULL,
    findings=(
        Finding("G05[cifar10-js]", "cifar10", "random labels set nets about twice as far apart", verdict="undecided"),
    ),
)
@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_random_labels_set_nets_apart(runs: Runs, judge: Judge, draw: Drawing, divergence: str) -> None:
    """Another seed, another depth, another architecture; and another seed on real images, with nothing sought."""
    given_that_nets_fit(runs, judge)
    apart = distance(runs, divergence, OTHER)
    draw.groups(FIGURE_2, apart, panel=divergence)
    judge.above(apart.log(), "random labels", "true labels")


@claim(
    id="G06",
    part="same",
    says="On true labels, a net of another depth or architecture is as near as one of another seed.",
    source=GU2019.at("section 4, figure 2"),
    kind="same",
    refuted_by="a dissimilarity to another depth or architecture that is a tenth larger, or smaller, than to a seed",
    margin=A_TENTH,
    fast=ONE_WAY,
    fullscale=FULL_ONE_WAY,
    departs=REDUCED,
    departs_fullscale=FULL,
    findings=(
        Finding(
            tuple(f"G06[same-{net}-{by}]" for net in ("depth", "architecture") for by in ("js", "kl")),
            "digits",
            "distances are so small that those of two pairs differ by half of themselves, either way",
            verdict="undecided",
        ),
    ),
)
@pytest.mark.parametrize("divergence", DIVERGENCES)
@pytest.mark.parametrize("other", ["another depth", "another kind"], ids=["depth", "architecture"])
def test_size_and_architecture_do_not_matter_on_true_labels(
    runs: Runs, judge: Judge, other: str, divergence: str
) -> None:
    """Figure 2's thin bars, against each other."""
    given_that_nets_fit(runs, judge)
    judge.same(distance(runs, divergence, OTHERS).log(), other, "another seed")


@claim(
    id="G06",
    part="small",
    says="On true labels, nets of another seed, depth or architecture have learned almost the same.",
    source=GU2019.at("section 4, figure 2"),
    kind="bound",
    refuted_by="a dissimilarity on true labels above a tenth of log 2",
    margin=Margin(0.0693, "a tenth of log 2, the most there is: nets that are sure and part on one image in ten"),
    fast=ONE_WAY,
    fullscale=FULL_ONE_WAY,
    departs=(*REDUCED, "judged on Jensen-Shannon divergence alone, which has a largest value"),
    departs_fullscale=(*FULL, "judged on Jensen-Shannon divergence alone, which has a largest value"),
)
@pytest.mark.parametrize("other", list(OTHERS), ids=["seed", "depth", "architecture"])
def test_there_is_one_way_to_learn(runs: Runs, judge: Judge, other: str) -> None:
    """Figure 2's thin bars, against the bound of the measure."""
    given_that_nets_fit(runs, judge)
    judge.at_most(distance(runs, "jensen-shannon", OTHERS), other)


@claim(
    id="G07",
    says="Of the same random labels, a net from another seed memorises something else.",
    source=GU2019.at("section 4, figure 2"),
    kind="bound",
    refuted_by="two seeds on random labels that are nearer to what true labels give than to what two labellings give",
    margin=Margin(0.5, "half way: what is something else is nearer to having nothing in common than to being the same"),
    fast=fast(LABELLINGS, most=DEAREST),
    fullscale=full(LABELLINGS),
    departs=(*REDUCED, FEW_IMAGES, REFERENCE),
    departs_fullscale=(*FULL, REFERENCE),
    findings=(Finding("G07[kl]", "digits", "by how sure nets are, too, they lie about half way", verdict="undecided"),),
)
@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_there_are_many_ways_to_memorise(runs: Runs, judge: Judge, divergence: str) -> None:
    """The first of figure 2's thick bars, on the way from its thin bar to nets that memorised two labellings."""
    judge.given(runs.relabelled(), "random labels", "permuted labels", at_least=0.8)
    given_that_nets_fit(runs, judge)
    judge.at_least(on_the_way(runs, distance(runs, divergence, SAME_OR_NOT)), "one labelling")


def on_the_way(runs: Runs, apart: Samples) -> Samples:
    """Where nets lie that memorised one labelling: 0 as near as on true labels, 1 as far as on two labellings."""
    same, different = apart["true labels"], apart["two labellings"]
    way = (apart["one labelling"] - same) / (different - same)
    return runs.samples("share of the way from true labels to two labellings", {"one labelling": way})


@claim(
    id="G07",
    part="shared",
    says="What nets memorise of the same random labels is still nearer than what they memorise of different ones.",
    source=GU2019.at("section 4"),
    kind="above",
    refuted_by="a dissimilarity on two random labellings that exceeds that on one by less than a tenth",
    margin=A_TENTH,
    fast=fast(LABELLINGS, most=DEAREST),
    fullscale=full(LABELLINGS),
    departs=(*REDUCED, REFERENCE),
    departs_fullscale=(*FULL, REFERENCE),
)
@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_memories_of_the_same_labels_are_nearer(runs: Runs, judge: Judge, divergence: str) -> None:
    """Neither labelling has anything to do with the images, and one of them is the labels exchanged among them."""
    judge.given(runs.relabelled(), "random labels", "permuted labels", at_least=0.8)
    given_that_nets_fit(runs, judge, "random labels", "permuted labels")
    judge.above(distance(runs, divergence, SAME_OR_NOT).log(), "two labellings", "one labelling")


@claim(
    id="G12",
    says="What a net has learned of a class is recognised as that class by others, far less so if labels are random.",
    source=GU2019.at("sections 3 and 4, figure 3"),
    kind="above",
    refuted_by="a share of images recognised by the other net that is less than 25 points larger on true labels",
    margin=Margin(0.25, "one image in four: less would leave in doubt whether a picture shows what others know too"),
    fast={**NETS, **GAN, **NATURAL_PAIR},
    fullscale=FULL_NETS,
    departs=(*REDUCED, NATURAL_IMAGES),
    departs_fullscale=FULL,
)
def test_others_recognise_what_was_learned(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """Of the images that are of their class for the net that they were sought for, which at least half of them are."""
    given_that_nets_fit(runs, judge)
    judge.given(runs.compare(found, "share of images of their class", pairs=OTHER), at_least=0.5)
    draw.images(FIGURE_3, pictures(runs, *CONDITIONS), panel="a column for each class")
    recognised = runs.compare(recognised_of_found, "share of these that are recognised", pairs=OTHER)
    judge.above(recognised, "true labels", "random labels")
