"""One way to learn, N ways to memorise: nets compared by the images that one of them answers to most strongly.

Distances are Jensen-Shannon divergences where nothing else is said. They are at most log 2, and m log 2 for nets that
are sure of their answers and part on a share m of the images; that is how margins are argued. Kullback-Leibler, which
is the paper's, also counts how sure a net is of what the other denies.
"""

from dataclasses import replace
from typing import Any

import pytest

from claims.gu2019.recipes import (
    CONDITIONS,
    DCGAN,
    PAPER_DCGAN,
    PAPER_GENERATORS,
    PAPER_TRAINED,
    PCA,
    REDUCED_GENERATORS,
    TRAINED,
)
from harness.claim import Finding, Margin, claim
from harness.conditions import TRUE, permuted_labels, random_labels
from harness.judge import Judge
from harness.measures.dissection.dissection import Dissection
from harness.measures.dissection.dissimilarity import dissimilarity, found, recognised
from harness.papers import GU2019
from harness.plan import Plan
from harness.runs import Runs
from harness.spec import Recipe, Record, RunSpec

Conditions = dict[str, dict[str, Any]]

ASCENT = Dissection(climber="ascent", steps=1000, starts=100)

OTHER = {labels: (labels, f"{labels}, other net") for labels in CONDITIONS}
"""For each labelling a net, and another that has at least another seed."""
OTHERS = {"another seed": ("a net",) * 2, "another depth": ("a net", "deeper"), "another kind": ("a net", "residual")}
LEVELS = {f"{level} %": level / 100 for level in (0, 25, 50, 75, 100)}
DIVERGENCES = [pytest.param("jensen-shannon", id="js"), pytest.param("kullback-leibler", id="kl")]

ONE_IN_TEN = 0.0693
"""A tenth of log 2."""
ONE_IN_FOUR = 0.1733
"""A quarter of log 2."""
A_TENTH_OF_IT = Margin(0.0953, "log 1.1: a tenth more or less, where the paper says that it is not affected")


def fast(conditions: Conditions, *, seeds: int = 12, generator: Any = PCA, **changes: Any) -> Plan:
    """Nets compared at reduced scale."""
    base = replace(TRAINED, **changes)
    return Plan(base=base, conditions=conditions, seeds=seeds, generator=generator, dissection=Dissection())


def full(conditions: Conditions, *, generator: Any = PAPER_DCGAN, **changes: Any) -> Plan:
    """Nets compared as in the paper."""
    base = replace(PAPER_TRAINED, **changes)
    return Plan(base=base, conditions=conditions, generator=generator, dissection=ASCENT)


def beside(**other: Any) -> Conditions:
    """Both labellings, each with another net of which something is changed."""
    return {f"{labels}{name}": {**changes, **more} for name, more in (("", {}), (", other net", other))
            for labels, changes in CONDITIONS.items()}  # fmt: skip


def nets(deeper: str, residual: str) -> Conditions:
    """True labels, and nets of another depth and of another architecture."""
    return {"a net": {**TRUE}, "deeper": {"model": deeper}, "residual": {"model": residual}}


def regularised(base: RunSpec, name: str, **changes: Any) -> Conditions:
    """Random labels, learned without and with a regulariser."""
    return {
        "none": {**random_labels()},
        name: {**random_labels(), "recipe": replace(base.recipe, **changes)},
    }


NETS = {
    "seed": fast(beside()),
    "depth": fast(beside(model="vgg6-16")),
    "architecture": fast(beside(model="resnet8-16"), seeds=20),
}
FULL_NETS = {
    "seed": full(beside()),
    "depth": full(beside(model="vgg13")),
    "architecture": full(beside(model="resnet32")),
}
FEW = replace(
    TRAINED,
    model="vgg3-32",
    subset=20,
    recipe=Recipe(optimizer="adam", rate=0.003, batch=20, epochs=150, decay=0.1, decay_every=110),
    record=Record(every=50),
)
AUGMENTED = Plan(
    base=FEW,
    conditions=regularised(FEW, "augmentation", crop=1),
    seeds=16,
    generator={"kind": "pca", "latent": 10},
    dissection=Dissection(),
)
ONE_WAY = fast(nets("vgg6-16", "resnet8-16"), seeds=20)
FULL_ONE_WAY = full(nets("vgg13", "resnet32"))
LABELLINGS: Conditions = {"random labels": {**random_labels()}, "permuted labels": {**permuted_labels()}}
NOISE: Conditions = {name: {**(random_labels(share) if share else TRUE)} for name, share in LEVELS.items()}
REDUCED = (
    *REDUCED_GENERATORS,
    "images come from `pca` where no generator is named; Adam takes 40 steps from 10 starts a class",
    "latent values stay in the ball of radius sqrt(20), where the generator was learned",
)
FULL = (*PAPER_GENERATORS, "latent values stay in the ball of radius sqrt(100), where the generator was learned")


@claim(
    id="G05",
    says="On the images that it answers to most strongly, a net is far further from others if the labels are random.",
    source=GU2019.at("sections 3 and 4, figure 2"),
    kind="above",
    refuted_by="a dissimilarity on random labels that is less than twice that on true labels",
    margin=Margin(
        0.693, "log 2: what is 'extremely similar' and what is 'different' differ by a factor of two at least"
    ),
    fast={**NETS, "gan": fast(beside(), generator=DCGAN), "test-images": fast(beside(), generator=None)},
    fullscale={**FULL_NETS, "test-images": full(beside(), generator=None)},
    departs=REDUCED,
    departs_fullscale=FULL,
)
@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_random_labels_set_nets_apart(runs: Runs, judge: Judge, divergence: str) -> None:
    """Another seed, another depth, another architecture; and another seed on real images, with nothing sought."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    distance = runs.compare(dissimilarity, "dissimilarity", "nats", pairs=OTHER, divergence=divergence)
    judge.above(distance.log(), "random labels", "true labels")


@claim(
    id="G06",
    part="same",
    says="On true labels, a net of another depth or architecture is as near as one of another seed.",
    source=GU2019.at("section 4, figure 2"),
    kind="same",
    refuted_by="a dissimilarity to another depth or architecture that differs by a tenth of log 2 from that to a seed",
    margin=Margin(ONE_IN_TEN, "a tenth of log 2: nets that are sure and part on one image in ten more"),
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
    margin=Margin(
        ONE_IN_FOUR, "a quarter of log 2, of nets that are sure and part on one image in four, or agree on 3"
    ),
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
    margin=Margin(ONE_IN_FOUR, "a quarter of log 2, of nets that are sure and part on one image in four"),
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
    margin=Margin(ONE_IN_TEN, "a tenth of log 2: nets that are sure and part on one image in ten more"),
    fast=fast(LABELLINGS),
    fullscale=full(LABELLINGS),
    departs=(*REDUCED, "not in the paper: what 'different' is to be measured against"),
    departs_fullscale=(*FULL, "not in the paper: what 'different' is to be measured against"),
)
def test_memories_of_the_same_labels_are_nearer(runs: Runs, judge: Judge) -> None:
    """Neither labelling has anything to do with the images, and one of them is the labels exchanged among them."""
    judge.given(runs.relabelled(), at_least=0.8)
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    pairs = {"one labelling": ("random labels",) * 2, "two labellings": ("random labels", "permuted labels")}
    judge.above(runs.compare(dissimilarity, "dissimilarity", "nats", pairs=pairs), "two labellings", "one labelling")


@claim(
    id="G08",
    says="Weight decay does not change how far apart nets are that memorise random labels.",
    source=GU2019.at("section 4"),
    kind="same",
    refuted_by="a dissimilarity with weight decay that is a tenth larger, or smaller, than that without",
    margin=A_TENTH_OF_IT,
    fast=fast(regularised(TRAINED, "weight decay", weight_decay=1e-4), seeds=16),
    fullscale=full(regularised(PAPER_TRAINED, "weight decay", weight_decay=1e-4)),
    departs=REDUCED,
    departs_fullscale=FULL,
)
def test_weight_decay_does_not_matter_to_memories(runs: Runs, judge: Judge) -> None:
    """Two seeds with weight decay of 1e-4 against two seeds without."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    pairs = {name: (name, name) for name in ("none", "weight decay")}
    judge.same(runs.compare(dissimilarity, "dissimilarity", "nats", pairs=pairs).log(), "weight decay", "none")


@claim(
    id="G09",
    says="Augmentation does not change how far apart nets are that memorise random labels.",
    source=GU2019.at("section 4"),
    kind="same",
    refuted_by="a dissimilarity with augmentation that is a tenth larger, or smaller, than that without",
    margin=A_TENTH_OF_IT,
    fast=AUGMENTED,
    fullscale=full(regularised(PAPER_TRAINED, "augmentation", crop=4, flip=True)),
    findings=(
        Finding(
            "G09",
            "fast",
            "digits",
            "with augmentation nets that memorise are 69 % further apart [45, 97], after as many epochs",
        ),
    ),
    departs=(
        *REDUCED,
        "20 images, 10 principal components and 150 epochs, with and without: few images are fitted in all places",
        "random crops with one pixel of padding, as four are of 32, and no flips: a mirrored digit is none",
    ),
    departs_fullscale=FULL,
)
def test_augmentation_does_not_matter_to_memories(runs: Runs, judge: Judge) -> None:
    """Two seeds with augmentation against two without, for as many epochs, since longer training has its own effect."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    pairs = {name: (name, name) for name in ("none", "augmentation")}
    judge.same(runs.compare(dissimilarity, "dissimilarity", "nats", pairs=pairs).log(), "augmentation", "none")


@claim(
    id="G11",
    says="The more labels are random, the further apart are the nets that learn them.",
    source=GU2019.at("section 4, figure 5"),
    kind="trend",
    refuted_by="a dissimilarity that rises by less than a tenth of log 2, on the whole, from true to random labels",
    margin=Margin(ONE_IN_TEN, "a tenth of log 2: nets that are sure and part on one image in ten more"),
    fast=fast(NOISE),
    fullscale=full(NOISE),
    departs=REDUCED,
    departs_fullscale=FULL,
)
def test_dissimilarity_grows_with_noise(runs: Runs, judge: Judge) -> None:
    """Two seeds at each of five shares of random labels."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    pairs = {level: (level, level) for level in LEVELS}
    judge.trend(runs.compare(dissimilarity, "dissimilarity", "nats", pairs=pairs), LEVELS)


@claim(
    id="G12",
    says="What a net has learned of a class is recognised as that class by others, far less so if labels are random.",
    source=GU2019.at("sections 3 and 4, figure 3"),
    kind="above",
    refuted_by="a share of images recognised by the other net that is less than 25 points larger on true labels",
    margin=Margin(0.25, "one image in four: less would leave in doubt whether a picture shows what others know too"),
    fast={**NETS, "gan": fast(beside(), generator=DCGAN)},
    fullscale=FULL_NETS,
    departs=REDUCED,
    departs_fullscale=FULL,
)
def test_others_recognise_what_was_learned(runs: Runs, judge: Judge) -> None:
    """Images that most of the time at least are of their class for the net that they were sought for."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.given(runs.compare(found, "share of images of their class", pairs=OTHER), at_least=0.5)
    judge.above(runs.compare(recognised, "share of images recognised", pairs=OTHER), "true labels", "random labels")
