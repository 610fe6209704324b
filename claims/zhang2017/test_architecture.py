"""What a net gains from its architecture and from each regulariser, on natural images."""

from collections.abc import Mapping
from typing import Any

from memorization_claims import TRUE, Finding, Judge, Margin, Plan, Runs, RunSpec, claim

from ..cost import DEARER
from ..margins import A_POINT
from .paper import ZHANG2017
from .recipes import PAPER, REDUCED, SLOWER_DECAY
from .regularisers import (
    CIFAR_CNN,
    CIFAR_DECAY,
    CIFAR_MLP,
    CROP,
    CROPS,
    DECAY,
    LONG_ALEXNET,
    LONG_INCEPTION,
    LONG_PAPER_MLP,
    PAPER_CROP,
    PAPER_CROPS,
    PAPER_STRENGTH,
    STRENGTH,
    regularised,
)

MLP_ARM = {"model": LONG_PAPER_MLP.model, "recipe": LONG_PAPER_MLP.recipe}
ALEXNET_ARM = {"model": LONG_ALEXNET.model, "recipe": LONG_ALEXNET.recipe}


def architectures(
    better: RunSpec, simpler: Mapping[str, Any], plain: Mapping[str, Any], regularisers: Mapping[str, float]
) -> Plan:
    """Two architectures, both without regularisers, and one of them with its own and without."""
    conditions = {
        "simpler": simpler,
        "better": TRUE,
        "plain": plain,
        "regularised": regularised(better, regularisers, plain),
    }
    return Plan(base=better, conditions=conditions, most=DEARER, needs_data=True)


@claim(
    id="Z14",
    says="A change of architecture gains more test accuracy than weight decay does, and in conv nets random crops.",
    source=ZHANG2017.at("section 3, table 1"),
    kind="interaction",
    refuted_by="a gain from the architecture that exceeds that from the regularisers by less than two points",
    margin=Margin(
        0.02,
        "less than half of the least difference in the paper's table, 4.5 points: from AlexNet to Inception 9.7 points "
        "are gained, and by AlexNet from regularisers 5.2",
    ),
    fast={
        "mlp-to-cnn-against-mlp": architectures(CIFAR_CNN, CIFAR_MLP, CIFAR_MLP, CIFAR_DECAY),
        "mlp-to-cnn-against-cnn": architectures(CIFAR_CNN, CIFAR_MLP, TRUE, CROP | CIFAR_DECAY),
    },
    fullscale={
        "mlp-to-inception-against-mlp": architectures(LONG_INCEPTION, MLP_ARM, MLP_ARM, DECAY),
        "mlp-to-inception-against-inception": architectures(LONG_INCEPTION, MLP_ARM, TRUE, PAPER_CROP | DECAY),
        "mlp-to-alexnet-against-mlp": architectures(LONG_ALEXNET, MLP_ARM, MLP_ARM, DECAY),
        "mlp-to-alexnet-against-alexnet": architectures(LONG_ALEXNET, MLP_ARM, TRUE, PAPER_CROP | DECAY),
        "alexnet-to-inception-against-alexnet": architectures(
            LONG_INCEPTION, ALEXNET_ARM, ALEXNET_ARM, PAPER_CROP | DECAY
        ),
        "alexnet-to-inception-against-inception": architectures(LONG_INCEPTION, ALEXNET_ARM, TRUE, PAPER_CROP | DECAY),
    },
    departs=(*REDUCED, STRENGTH, CROPS),
    departs_fullscale=(*PAPER, SLOWER_DECAY, PAPER_STRENGTH, PAPER_CROPS),
    findings=(
        Finding(
            "Z14[mlp-to-cnn-against-cnn]",
            "cifar10",
            "a convolutional net gains about three points more than its regularisers, but scatters around the margin",
            verdict="undecided",
        ),
    ),
)
def test_architecture_gains_more_than_regularisers(runs: Runs, judge: Judge) -> None:
    """The regularisers are those of the simpler net or of the better one; all nets fit."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.interaction(
        runs.final("validation_accuracy", "test accuracy"), ("better", "simpler"), ("regularised", "plain")
    )


def crop_or_decay(base: RunSpec, crop: Mapping[str, float], decay: Mapping[str, float]) -> Plan:
    """One regulariser at a time."""
    conditions = {"random crop": regularised(base, crop), "weight decay": regularised(base, decay)}
    return Plan(base=base, conditions=conditions, most=DEARER, needs_data=True)


@claim(
    id="Z15",
    says="Random crops gain more test accuracy than weight decay.",
    source=ZHANG2017.at("section 3, table 1"),
    kind="above",
    refuted_by="a test accuracy with random crops less than a point above that with weight decay",
    margin=A_POINT,
    fast=crop_or_decay(CIFAR_CNN, CROP, CIFAR_DECAY),
    fullscale={
        "inception": crop_or_decay(LONG_INCEPTION, PAPER_CROP, DECAY),
        "alexnet": crop_or_decay(LONG_ALEXNET, PAPER_CROP, DECAY),
    },
    departs=(*REDUCED, STRENGTH, CROPS),
    departs_fullscale=(*PAPER, SLOWER_DECAY, PAPER_STRENGTH, PAPER_CROPS),
)
def test_crops_gain_more_than_weight_decay(runs: Runs, judge: Judge) -> None:
    """Both gains are over the same net without either, which therefore does not enter; both nets fit."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.above(runs.final("validation_accuracy", "test accuracy"), "random crop", "weight decay")
