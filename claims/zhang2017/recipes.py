"""How the nets of Zhang et al. 2017 are trained, at both scales."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from memorization_claims import TRUE, Margin, Recipe, Record, RunSpec, random_labels

from ..departures import HE_NORMAL

MLP = RunSpec(
    data="digits",
    subset=500,
    validation=1000,
    preprocessing="whiten",
    model="mlp-1x512",
    recipe=Recipe(rate=0.05, batch=50, epochs=200, stop_accuracy=1.0),
    record=Record(weights="none", early_epochs=6, early_updates=2),
)
CNN = RunSpec(
    data="digits",
    subset=250,
    validation=1000,
    preprocessing="whiten",
    model="cnn-16",
    recipe=Recipe(rate=0.02, batch=32, epochs=200, stop_accuracy=1.0),
    record=Record(weights="none", early_epochs=8, early_updates=2),
)
REDUCED = (
    "the learning rate does not decay: at the paper's 0.95 an epoch, so few examples would be too few steps to fit",
    HE_NORMAL,
)


def paper(model: str, rate: float) -> RunSpec:
    """The paper's own run on CIFAR-10 (appendix A)."""
    return RunSpec(
        data="cifar10",
        crop=28,
        preprocessing="whiten",
        model=model,
        recipe=Recipe(rate=rate, batch=128, epochs=100, decay=0.95, stop_accuracy=1.0),
        record=Record(weights="none", early_epochs=2, early_updates=50),
    )


INCEPTION = paper("inception", rate=0.1)
ALEXNET = paper("alexnet", rate=0.01)
PAPER_MLP = paper("mlp-1x512", rate=0.01)
PAPER = (
    "batches of 128 examples; the paper does not give their size",
    HE_NORMAL,
)
START = "the start is the first loss a tenth below that of guessing; the paper reads it off a figure"
FITTED = Margin(0.99, "the lowest accuracy that the paper reports as fitted is 99.34 %")
LABELS = {"true labels": TRUE, "random labels": random_labels()}
LEVELS = {"0 %": 0.0, "25 %": 0.25, "50 %": 0.5, "75 %": 0.75, "100 %": 1.0}
CORRUPTED = {name: random_labels(level) if level else TRUE for name, level in LEVELS.items()}


def to_the_end(base: RunSpec, **recipe: Any) -> RunSpec:
    """A run that goes on to the end of its budget when all is fitted, other fields of its recipe replaced."""
    return replace(base, recipe=replace(base.recipe, stop_accuracy=None, **recipe))


def regularised(base: RunSpec, regularisers: Mapping[str, float], arm: Mapping[str, Any] = TRUE) -> Mapping[str, Any]:
    """An arm with regularisers switched on in its recipe."""
    return {**arm, "recipe": replace(arm.get("recipe", base.recipe), **regularisers)}


DECAY = {"weight_decay": 5e-4}
CROP = {"crop": 1.0}
BOTH = CROP | DECAY
PAPER_CROP = {"crop": 2.0}
PAPER_BOTH = PAPER_CROP | DECAY
COEFFICIENT = "the coefficient of weight decay is Krizhevsky et al.'s (2012), 5e-4; the paper gives none"
CROPS = "random crops are of images padded with one pixel of zeros on each side, of 8 or 16"
PAPER_CROPS = (
    "random crops are of the central 28 x 28 pixels, padded with two pixels of zeros on each side: the same shifts as "
    "crops of 28 x 28 from the whole image; the paper does not give their size"
)
LONG_INCEPTION = to_the_end(INCEPTION)
LONG_ALEXNET = to_the_end(ALEXNET)
LONG_MLP = replace(to_the_end(MLP, epochs=60), record=Record(every=2, weights="none"))
LONG_CNN = replace(to_the_end(CNN, epochs=30), record=Record(every=30, weights="none"))
CIFAR_CNN = RunSpec(
    data="cifar10",
    subset=1000,
    validation=2000,
    shrink=2,
    preprocessing="whiten",
    model="cnn-bn-16",
    recipe=Recipe(rate=0.02, batch=50, epochs=20),
    record=Record(every=4, weights="none"),
)
CIFAR_MLP = {"model": "mlp-1x96"}
"""About as many weights as the CNN beside it, as the MLPs have in the paper."""
NARROW_CNN = replace(
    to_the_end(CIFAR_CNN, epochs=20), validation=4000, model="cnn-8", record=Record(every=20, weights="none")
)
NARROW_INCEPTION = replace(
    CNN,
    subset=100,
    validation=100,
    model="inception-16",
    recipe=Recipe(rate=0.1, batch=25, epochs=100, stop_accuracy=1.0),
    record=Record(every=2, weights="none"),
)
NARROW_ALEXNET = replace(
    NARROW_INCEPTION,
    model="alexnet-16",
    recipe=Recipe(rate=0.01, batch=50, epochs=200, stop_accuracy=1.0),
    record=Record(every=10, weights="none"),
)
