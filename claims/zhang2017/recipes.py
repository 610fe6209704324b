"""How the nets of Zhang et al. 2017 are trained, at both scales."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from memorization_claims import TRUE, Plan, Recipe, Record, RunSpec, random_labels

from ..departures import HE_NORMAL

MLP = RunSpec(
    data="digits",
    subset=500,
    validation=1000,
    preprocessing="whiten",
    model="mlp-1x512",
    recipe=Recipe(rate=0.05, batch=50, epochs=200, stop_accuracy=1.0),
    record=Record(weights="none", validation="final", early_epochs=6, early_updates=2),
)
CNN = RunSpec(
    data="digits",
    subset=250,
    validation=1000,
    preprocessing="whiten",
    model="cnn-16",
    recipe=Recipe(rate=0.02, batch=32, epochs=200, stop_accuracy=1.0),
    record=Record(weights="none", validation="final", early_epochs=8, early_updates=2),
)
REDUCED = (
    "the learning rate decays less, or not at all, but for Inception's: at the paper's 0.95 an epoch, so few examples "
    "would be too few steps to fit",
    "of digits, which have no test set, it is made of examples that the training set leaves",
    HE_NORMAL,
)
DEEP_MLP = replace(MLP, model="mlp-3x512")
NARROW_INCEPTION = replace(
    CNN,
    subset=100,
    validation=500,
    model="inception-16",
    recipe=Recipe(rate=0.1, batch=25, epochs=100, decay=0.95, stop_accuracy=1.0),
    record=Record(every=5, weights="none", validation="final", early_epochs=40, early_updates=2),
)
"""The rate falls to the same share of the first over the budget as in the paper."""
NARROW_PLAIN_INCEPTION = replace(
    NARROW_INCEPTION,
    model="inception-nobn-16",
    recipe=Recipe(rate=0.005, batch=25, epochs=200, stop_accuracy=1.0),
    record=Record(every=10, weights="none", validation="final"),
)
NARROW_ALEXNET = replace(
    NARROW_INCEPTION,
    model="alexnet-16",
    recipe=Recipe(rate=0.01, batch=50, epochs=200, stop_accuracy=1.0),
    record=Record(every=10, weights="none", validation="final"),
)
PLAIN = "Inception without batch norm has a rate of its own, 0.005: at 0.1 it does not fit true labels either"


def paper(model: str, rate: float, decay: float = 0.95) -> RunSpec:
    """The paper's own run on CIFAR-10 (appendix A)."""
    return RunSpec(
        data="cifar10",
        crop=28,
        preprocessing="whiten",
        model=model,
        recipe=Recipe(rate=rate, batch=128, epochs=100, decay=decay, stop_accuracy=1.0),
        record=Record(weights="none", early_epochs=2, early_updates=50),
    )


SLOWER = 0.98
INCEPTION = paper("inception", rate=0.1)
PLAIN_INCEPTION = paper("inception-nobn", rate=0.01, decay=SLOWER)
ALEXNET = paper("alexnet", rate=0.01, decay=SLOWER)
PAPER_MLP = paper("mlp-1x512", rate=0.01, decay=SLOWER)
PAPER_DEEP_MLP = paper("mlp-3x512", rate=0.01, decay=SLOWER)
OWN_ALEXNET = paper("alexnet", rate=0.01)
OWN_MLP = paper("mlp-1x512", rate=0.01)
OWN_DEEP_MLP = paper("mlp-3x512", rate=0.01)
"""With the paper's decay."""
THREE_NETS = {"inception": INCEPTION, "alexnet": ALEXNET, "mlp-1x512": PAPER_MLP}
"""Those of figures 1b and 1c."""
PAPER = (
    "batches of 128 examples; the paper does not give their size",
    "the test set is what is evaluated in training, as in the paper",
    HE_NORMAL,
)
PAPER_PLAIN = (
    "Inception without batch norm starts at a rate of 0.01, which decays by 0.98 an epoch: at the paper's 0.1, with "
    "these initial weights, it diverges"
)
SLOWER_DECAY = (
    "the rate of AlexNet and MLPs, 0.01, decays by 0.98 an epoch: at the paper's 0.95 it sums to 20 epochs of the "
    "first, and MLP 1x512 ends before it has fitted random labels"
)
WITH_OWN = f"{SLOWER_DECAY}; items that end in 95 have the paper's decay"
START = "the start is the first loss a tenth below that of guessing; the paper reads it off a figure"
LABELS = {"true labels": TRUE, "random labels": random_labels()}
LEVELS = {"0 %": 0.0, "25 %": 0.25, "50 %": 0.5, "75 %": 0.75, "100 %": 1.0}
CORRUPTED = {name: random_labels(level) if level else TRUE for name, level in LEVELS.items()}


def sharing(base: RunSpec, conditions: Mapping[str, Mapping[str, Any]]) -> Plan:
    """A plan whose runs on true labels go on to the end of their budget: claims on regularisers have the same."""
    whole = {"recipe": to_the_end(base).recipe}
    return Plan(base=base, conditions={name: changes or whole for name, changes in conditions.items()})


def to_the_end(base: RunSpec, **recipe: Any) -> RunSpec:
    """A run that goes on to the end of its budget when all is fitted, other fields of its recipe replaced."""
    return replace(base, recipe=replace(base.recipe, stop_accuracy=None, **recipe))
