"""What the distance of nets that memorise depends on: regularisers, and the share of random labels."""

from dataclasses import replace

import pytest

from memorization_claims import TRUE, Drawing, Finding, Judge, Margin, Recipe, Record, Runs, claim, random_labels
from memorization_claims.measures.values.least_step import least_step

from ..cost import DEAR, DEAREST
from ..departures import HE_NORMAL
from ..margins import A_TENTH, TWICE
from .figures import FIGURE_5
from .pairs import COMPARED, DIVERGENCES, FULL, REDUCED, Conditions, Pairs, distance, fast, full
from .paper import GU2019
from .recipes import (
    CONDITIONS,
    MLP,
    PAPER_TRAINED,
    SMALL,
    TEST_SET,
    TRAINED,
    given_that_nets_fit,
)

LEVELS = {f"{level} %": level / 100 for level in (0, 25, 50, 75, 100)}
NOISE: Conditions = {name: {**(random_labels(share) if share else TRUE)} for name, share in LEVELS.items()}
EACH_LEVEL: Pairs = {level: (level, level) for level in LEVELS}


def decayed(recipe: Recipe, coefficient: float) -> Conditions:
    """Random labels, learned without and with weight decay."""
    decay = replace(recipe, weight_decay=coefficient)
    return {"none": {**random_labels()}, "weight decay": {**random_labels(), "recipe": decay}}


def augmented(moved: Recipe) -> Conditions:
    """Both labellings, learned without and with augmentation."""
    plain = {labels: {**changes} for labels, changes in CONDITIONS.items()}
    return plain | {f"{labels}, augmented": {**changes, "recipe": moved} for labels, changes in CONDITIONS.items()}


SGD = replace(MLP, record=Record(every=20), nets=2)
AUGMENTED = fast(augmented(replace(TRAINED.recipe, crop=1, epochs=100)), most=DEAREST)
PAPER_AUGMENTED = full(augmented(replace(PAPER_TRAINED.recipe, crop=4, flip=True, epochs=200)))
EACH: Pairs = {name: (name, name) for name in AUGMENTED.conditions}
DOSE = (
    "weight decay of 2.8e-3: over 700 steps at 0.02 it shrinks a weight that no gradient moves to exp(-0.39) of "
    "itself, as the paper's 1e-4 does over 39,100 steps at 0.01"
)
CROPS = (
    "random crops with one pixel of padding, as four are of 32, and no flips: a mirrored digit is none",
    "nets with augmentation are trained for 100 epochs, twice as many as those without: so many memorise half",
)
TWICE_AS_LONG = (
    "nets with augmentation are trained for 200 epochs, not 100: small ones need twice as many to memorise half"
)
NEED_NOT_FIT = "nets with a regulariser need not fit, since the paper does not say that they do"
MEMORISED = 0.5
"""The training accuracy at which half of the labels have been memorised: below it, nets compare by what they lack."""


@claim(
    id="G08",
    says="Weight decay does not change how far apart nets are that memorise random labels.",
    source=GU2019.at("section 4"),
    kind="same",
    refuted_by="a dissimilarity with weight decay that is a tenth larger, or smaller, than that without",
    margin=A_TENTH,
    fast=fast(decayed(SGD.recipe, 2.8e-3), base=SGD, most=DEAR),
    fullscale=full(decayed(PAPER_TRAINED.recipe, 1e-4)),
    departs=(
        f"a net of 2 x 64 units instead of VGG11, with {SMALL}: one that is cheap enough for many runs",
        DOSE,
        NEED_NOT_FIT,
        HE_NORMAL,
        TEST_SET,
        *COMPARED,
    ),
    departs_fullscale=(*FULL, NEED_NOT_FIT),
    findings=(
        Finding(
            ("G08[js]", "G08[kl]"),
            "digits",
            "weight decay brings nets that memorise nearer to each other: they are less sure",
        ),
    ),
)
@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_weight_decay_does_not_matter_to_memories(runs: Runs, judge: Judge, divergence: str) -> None:
    """Two seeds with weight decay against two seeds without."""
    given_that_nets_fit(runs, judge, "none")
    judge.given(runs.final("train_accuracy"), "weight decay", at_least=MEMORISED)
    pairs = {name: (name, name) for name in ("none", "weight decay")}
    judge.same(distance(runs, divergence, pairs).log(), "weight decay", "none")


@claim(
    id="G09",
    says="Augmentation does not change how far apart nets are that memorise random labels.",
    source=GU2019.at("section 4"),
    kind="same",
    refuted_by="a dissimilarity with augmentation that is a tenth larger, or smaller, than that without",
    margin=A_TENTH,
    fast=AUGMENTED,
    fullscale=PAPER_AUGMENTED,
    departs=(*REDUCED, *CROPS, NEED_NOT_FIT),
    departs_fullscale=(*FULL, TWICE_AS_LONG, NEED_NOT_FIT),
    findings=(
        Finding(
            "G09[kl]",
            "digits",
            "nets that see crops are nearer in most runs, as far as they are less sure of what they memorised",
            verdict="undecided",
        ),
        Finding("G09[js]", "digits", "nets that see crops are about as far apart", verdict="undecided"),
    ),
)
@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_augmentation_does_not_matter_to_memories(runs: Runs, judge: Judge, divergence: str) -> None:
    """Where there are memories to compare: with augmentation, random labels set nets twice as far apart."""
    given_that_nets_fit(runs, judge, "random labels")
    judge.given(runs.final("train_accuracy"), "random labels, augmented", at_least=MEMORISED)
    apart = distance(runs, divergence, EACH).log()
    further = apart["random labels, augmented"] - apart["true labels, augmented"]
    judge.control(runs.samples("log ratio to true labels", {"random labels, augmented": further}), at_least=TWICE.value)
    judge.same(apart, "random labels, augmented", "random labels")


@claim(
    id="G09",
    part="still",
    says="With augmentation, too, nets are far further apart if the labels that they learn are random.",
    source=GU2019.at("section 4"),
    kind="above",
    refuted_by="a dissimilarity on random labels, with augmentation, that is less than twice that on true labels",
    margin=TWICE,
    fast=AUGMENTED,
    fullscale=PAPER_AUGMENTED,
    departs=(*REDUCED, *CROPS, NEED_NOT_FIT),
    departs_fullscale=(*FULL, TWICE_AS_LONG, NEED_NOT_FIT),
)
@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_memories_differ_with_augmentation_too(runs: Runs, judge: Judge, divergence: str) -> None:
    """G05 with augmentation in both arms; the nets that have none fit."""
    given_that_nets_fit(runs, judge, *CONDITIONS)
    judge.given(runs.final("train_accuracy"), "random labels, augmented", at_least=MEMORISED)
    judge.above(distance(runs, divergence, EACH).log(), "random labels, augmented", "true labels, augmented")


@claim(
    id="G11",
    says="The more labels are random, the further apart are the nets that learn them.",
    source=GU2019.at("section 4, figure 5"),
    kind="trend",
    refuted_by="a dissimilarity that rises by less than a tenth, on the whole, from true to random labels",
    margin=A_TENTH,
    fast=fast(NOISE, most=DEAREST),
    fullscale=full(NOISE),
    departs=REDUCED,
    departs_fullscale=FULL,
)
@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_dissimilarity_grows_with_noise(runs: Runs, judge: Judge, draw: Drawing, divergence: str) -> None:
    """Two seeds at each of five shares of random labels."""
    given_that_nets_fit(runs, judge)
    apart = distance(runs, divergence, EACH_LEVEL)
    draw.levels(FIGURE_5, apart, LEVELS, panel=divergence, xlabel="share of random labels")
    judge.trend(apart.log(), LEVELS)


@claim(
    id="G11",
    part="gradually",
    says="It grows gradually: each further quarter of random labels sets the nets further apart.",
    source=GU2019.at("section 4, figure 5"),
    kind="bound",
    refuted_by="a quarter of the labels that, made random too, leaves the nets no further apart",
    margin=Margin(0.0, "further apart at all: what moves away gradually comes back nowhere"),
    fast=fast(NOISE, most=DEAREST),
    fullscale=full(NOISE),
    departs=REDUCED,
    departs_fullscale=FULL,
    findings=(
        Finding(
            ("G11[gradually-js]", "G11[gradually-kl]"),
            "digits",
            "nearly all steps rise, and some of the last fall",
            verdict="undecided",
        ),
    ),
)
@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_dissimilarity_grows_at_each_step(runs: Runs, judge: Judge, divergence: str) -> None:
    """The least of the four steps of each seed."""
    given_that_nets_fit(runs, judge)
    least = least_step(distance(runs, divergence, EACH_LEVEL).stack(*LEVELS))
    judge.at_least(runs.samples("least step of the dissimilarity", {"a step": least}, "nats"), "a step")
