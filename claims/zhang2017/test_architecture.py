"""What a net gains from its architecture and from each regulariser, on natural images."""

from collections.abc import Mapping
from typing import Any

from memorization_claims import TRUE, Judge, Margin, Plan, Runs, RunSpec, claim

from ..cost import DEAR, DEARER
from .paper import ZHANG2017
from .recipes import (
    BOTH,
    CIFAR_CNN,
    CIFAR_MLP,
    COEFFICIENT,
    CROP,
    CROPS,
    DECAY,
    LONG_ALEXNET,
    LONG_INCEPTION,
    NARROW_CNN,
    PAPER,
    PAPER_BOTH,
    PAPER_CROP,
    PAPER_CROPS,
    PAPER_MLP,
    REDUCED,
    regularised,
    to_the_end,
)

MLP_ARM = {"model": PAPER_MLP.model, "recipe": to_the_end(PAPER_MLP).recipe}


def architectures(
    cnn: RunSpec,
    mlp: Mapping[str, Any],
    plain: Mapping[str, Any],
    regularisers: Mapping[str, float],
    most: int | None = None,
) -> Plan:
    """An MLP and a convolutional net, both without regularisers, and one of them with and without."""
    conditions = {"MLP": mlp, "CNN": TRUE, "plain": plain, "regularised": regularised(cnn, regularisers, plain)}
    return Plan(base=cnn, conditions=conditions, most=most, needs_data=True)


@claim(
    id="Z14",
    says="Changing an MLP into a convolutional net gains more test accuracy than adding random crops and weight decay.",
    source=ZHANG2017.at("section 3, table 1"),
    kind="interaction",
    refuted_by="a gain from the architecture that exceeds that from the regularisers by less than a point",
    margin=Margin(
        0.01, "a point of test accuracy, of the 32 by which the gains of these nets differ at least in the table"
    ),
    fast={
        "mlp": architectures(CIFAR_CNN, CIFAR_MLP, CIFAR_MLP, BOTH),
        "cnn": architectures(CIFAR_CNN, CIFAR_MLP, TRUE, BOTH, DEARER),
    },
    fullscale={
        "mlp": architectures(LONG_INCEPTION, MLP_ARM, MLP_ARM, PAPER_BOTH),
        "cnn": architectures(LONG_INCEPTION, MLP_ARM, TRUE, PAPER_BOTH),
    },
    departs=(*REDUCED, COEFFICIENT, CROPS),
    departs_fullscale=(*PAPER, COEFFICIENT, PAPER_CROPS),
)
def test_architecture_gains_more_than_regularisers(runs: Runs, judge: Judge) -> None:
    """The regularisers are those of the MLP or those of the convolutional net; both nets fit without them."""
    judge.given(runs.final("train_accuracy"), "MLP", "CNN", at_least=0.99)
    judge.interaction(runs.final("validation_accuracy", "test accuracy"), ("CNN", "MLP"), ("regularised", "plain"))


def crop_or_decay(base: RunSpec, crop: Mapping[str, float], most: int | None = None) -> Plan:
    """One regulariser at a time."""
    return Plan(
        base=base,
        conditions={"random crop": regularised(base, crop), "weight decay": regularised(base, DECAY)},
        most=most,
        needs_data=True,
    )


@claim(
    id="Z15",
    says="Random crops gain more test accuracy than weight decay.",
    source=ZHANG2017.at("section 3, table 1"),
    kind="above",
    refuted_by="a test accuracy with random crops less than a point above that with weight decay",
    margin=Margin(0.01, "a point of test accuracy: less than half of the smaller difference in the table, 2.3 points"),
    fast=crop_or_decay(NARROW_CNN, CROP, DEAR),
    fullscale={
        "inception": crop_or_decay(LONG_INCEPTION, PAPER_CROP),
        "alexnet": crop_or_decay(LONG_ALEXNET, PAPER_CROP),
    },
    departs=(*REDUCED, COEFFICIENT, CROPS),
    departs_fullscale=(*PAPER, COEFFICIENT, PAPER_CROPS),
)
def test_crops_gain_more_than_weight_decay(runs: Runs, judge: Judge) -> None:
    """Both gains are over the same net without either, which therefore does not enter."""
    judge.above(runs.final("validation_accuracy", "test accuracy"), "random crop", "weight decay")
