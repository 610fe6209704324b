"""Random crops and weight decay as strong as the paper's, at both scales, and the nets that have them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from memorization_claims import TRUE, Plan, Recipe, Record, RunSpec

from ..cost import DEARER
from .recipes import (
    ALEXNET,
    CNN,
    INCEPTION,
    MLP,
    OWN_ALEXNET,
    OWN_MLP,
    PAPER_DEEP_MLP,
    PAPER_MLP,
    PLAIN_INCEPTION,
    to_the_end,
)

COEFFICIENT = 5e-4
"""Of the paper's scale."""
IMAGES = 50_000
"""Training images of CIFAR-10."""


def pull(recipe: Recipe, images: int) -> float:
    """How far weight decay of coefficient 1 shrinks weights over a budget, as a logarithm, if nothing else does."""
    steps = -(-images // recipe.batch)
    return steps * sum(recipe.rate_at(epoch) for epoch in range(recipe.epochs)) / (1 - recipe.momentum)


def decay_as(like: RunSpec, recipe: Recipe, images: int, coefficient: float = COEFFICIENT) -> float:
    """The coefficient by which the weights of a shorter training are pulled as far as those of the paper's net."""
    return coefficient * pull(like.recipe, IMAGES) / pull(recipe, images)


def with_decay(base: RunSpec, like: RunSpec) -> dict[str, float]:
    """That weight decay, for a run to the end of its budget."""
    assert base.subset is not None
    return {"weight_decay": decay_as(like, base.recipe, base.subset)}


def regularised(
    base: RunSpec, regularisers: Mapping[str, float | None], arm: Mapping[str, Any] = TRUE
) -> Mapping[str, Any]:
    """An arm with regularisers switched on; random crops reach into what a crop of the data leaves."""
    border = {"border": regularisers["crop"]} if base.crop and "crop" in regularisers else {}
    return {**arm, **border, "recipe": replace(arm.get("recipe", base.recipe), **regularisers)}


def on_and_off(base: RunSpec, regularisers: Mapping[str, float | None]) -> Plan:
    """A net with regularisers and without any."""
    return Plan(base=base, conditions={"regularised": regularised(base, regularisers), "unregularised": TRUE})


def on_natural_images(regularisers: Mapping[str, float | None]) -> Plan:
    """The same on natural images; of one seed all arms of table 1 are trained, which takes longer than 8 seconds."""
    return replace(on_and_off(CIFAR_CNN, regularisers), most=DEARER, needs_data=True)


STRENGTH = (
    "weight decay shrinks weights over the whole of the shorter training as far as it would at the paper's scale with "
    "the coefficient of Krizhevsky et al. (2012), 5e-4; the paper gives none"
)
PAPER_STRENGTH = (
    "the coefficient of weight decay is Krizhevsky et al.'s (2012), 5e-4; the paper gives none, and where the rate "
    "decays more slowly than the paper's it shrinks weights 2.2 times as far, as a logarithm"
)
CROPS = "random crops are of images padded with one pixel of zeros on each side, of 8 or 16"
PAPER_CROPS = "random crops are of 28 x 28 pixels of the whole image; the paper does not give their size"

LONG_MLP = replace(to_the_end(MLP, epochs=60), record=Record(every=2, weights="none"))
LONG_CNN = replace(to_the_end(CNN, epochs=60, decay=0.97), record=Record(every=30, weights="none", validation="final"))
CIFAR_CNN = RunSpec(
    data="cifar10",
    subset=400,
    validation=2000,
    shrink=2,
    preprocessing="whiten",
    model="cnn-bn-16",
    recipe=Recipe(rate=0.05, batch=50, epochs=50, decay=0.97),
    record=Record(every=5, weights="none"),
)
CIFAR_MLP = {"model": "mlp-1x96"}
"""About as many weights as the CNN beside it, as the MLPs have in the paper."""
LONG_INCEPTION = to_the_end(INCEPTION)
LONG_PLAIN_INCEPTION = to_the_end(PLAIN_INCEPTION)
LONG_ALEXNET = to_the_end(ALEXNET)
LONG_PAPER_MLP = to_the_end(PAPER_MLP)

CROP = {"crop": 1.0}
PAPER_CROP = {"crop": 2.0}
DECAY = {"weight_decay": COEFFICIENT}
MLP_DECAY = with_decay(LONG_MLP, OWN_MLP)
CNN_DECAY = with_decay(LONG_CNN, OWN_ALEXNET)
CIFAR_DECAY = with_decay(CIFAR_CNN, OWN_ALEXNET)

CROPS_ALONE = {"cifar10-crops": on_natural_images(CROP)}
DECAY_ALONE = {
    "mlp-1x512-decay": on_and_off(LONG_MLP, MLP_DECAY),
    "cifar10-decay": on_natural_images(CIFAR_DECAY),
}
BOTH = {"cnn-16-both": on_and_off(LONG_CNN, CROP | CNN_DECAY), "cifar10-both": on_natural_images(CROP | CIFAR_DECAY)}
PAPER_CROPS_ALONE = {
    "inception-crops": on_and_off(LONG_INCEPTION, PAPER_CROP),
    "alexnet-crops": on_and_off(LONG_ALEXNET, PAPER_CROP),
}
PAPER_DECAY_ALONE = {
    "inception-decay": on_and_off(LONG_INCEPTION, DECAY),
    "inception-nobn-decay": on_and_off(LONG_PLAIN_INCEPTION, DECAY),
    "alexnet-decay": on_and_off(LONG_ALEXNET, DECAY),
    "mlp-3x512-decay": on_and_off(to_the_end(PAPER_DEEP_MLP), DECAY),
    "mlp-1x512-decay": on_and_off(LONG_PAPER_MLP, DECAY),
}
PAPER_BOTH = {
    "inception-both": on_and_off(LONG_INCEPTION, PAPER_CROP | DECAY),
    "alexnet-both": on_and_off(LONG_ALEXNET, PAPER_CROP | DECAY),
}
"""The rows of table 1 beside those without regularisers."""
