"""What the distance of nets that memorise depends on: regularisers, and the share of random labels."""

from dataclasses import replace
from typing import Any

from memorization_claims import (
    TRUE,
    Dissection,
    Drawing,
    Finding,
    Judge,
    Margin,
    Plan,
    Recipe,
    Record,
    Runs,
    RunSpec,
    claim,
    random_labels,
)
from memorization_claims.measures.dissection.dissimilarity import dissimilarity

from ..cost import DEAR, DEARER
from .figures import FIGURE_5
from .pairs import FULL, ONE_IN_TEN, REDUCED, Conditions, fast, full
from .paper import GU2019
from .recipes import PAPER_TRAINED, TRAINED

LEVELS = {f"{level} %": level / 100 for level in (0, 25, 50, 75, 100)}
A_TENTH_OF_IT = Margin(0.0953, "log 1.1: a tenth more or less, where the paper says that it is not affected")


def regularised(base: RunSpec, name: str, **changes: Any) -> Conditions:
    """Random labels, learned without and with a regulariser."""
    return {
        "none": {**random_labels()},
        name: {**random_labels(), "recipe": replace(base.recipe, **changes)},
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
    generator={"kind": "pca", "latent": 10},
    most=DEAR,
    dissection=Dissection(),
)
NOISE: Conditions = {name: {**(random_labels(share) if share else TRUE)} for name, share in LEVELS.items()}


@claim(
    id="G08",
    says="Weight decay does not change how far apart nets are that memorise random labels.",
    source=GU2019.at("section 4"),
    kind="same",
    refuted_by="a dissimilarity with weight decay that is a tenth larger, or smaller, than that without",
    margin=A_TENTH_OF_IT,
    fast=fast(regularised(TRAINED, "weight decay", weight_decay=1e-4), most=DEARER),
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
    departs=(
        *REDUCED,
        "20 images, 10 principal components and 150 epochs, with and without: few images are fitted in all places",
        "random crops with one pixel of padding, as four are of 32, and no flips: a mirrored digit is none",
    ),
    departs_fullscale=FULL,
    findings=(
        Finding("G09", "digits", "with augmentation, after as many epochs, nets that memorise are further apart"),
    ),
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
    margin=ONE_IN_TEN,
    fast=fast(NOISE, most=DEARER),
    fullscale=full(NOISE),
    departs=REDUCED,
    departs_fullscale=FULL,
)
def test_dissimilarity_grows_with_noise(runs: Runs, judge: Judge, draw: Drawing) -> None:
    """Two seeds at each of five shares of random labels."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    pairs = {level: (level, level) for level in LEVELS}
    distance = runs.compare(dissimilarity, "dissimilarity", "nats", pairs=pairs)
    draw.levels(FIGURE_5, distance, LEVELS, xlabel="share of random labels")
    judge.trend(distance, LEVELS)
