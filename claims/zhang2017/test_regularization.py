"""What explicit regularisers do, and what they are not needed for."""

from collections.abc import Mapping
from typing import Any

from claims.zhang2017.recipes import (
    ALEXNET,
    BOTH,
    CIFAR_CNN,
    CIFAR_MLP,
    COEFFICIENT,
    CROP,
    CROPS,
    DECAY,
    INCEPTION,
    LONG_CNN,
    LONG_MLP,
    MLP,
    NARROW_ALEXNET,
    NARROW_CNN,
    NARROW_INCEPTION,
    PAPER,
    PAPER_BOTH,
    PAPER_CROP,
    PAPER_CROPS,
    PAPER_MLP,
    REDUCED,
    paper,
    regularised,
    to_the_end,
)
from harness.claim import Finding, Margin, claim
from harness.conditions import TRUE, random_labels
from harness.judge import Judge
from harness.measures.kept_share import kept_share
from harness.papers import ZHANG2017
from harness.plan import SEEDS, Plan
from harness.runs import Runs
from harness.spec import RunSpec

LONG_INCEPTION = to_the_end(INCEPTION)
LONG_ALEXNET = to_the_end(ALEXNET)
MLP_ARM = {"model": PAPER_MLP.model, "recipe": to_the_end(PAPER_MLP).recipe}


def on_and_off(base: RunSpec, regularisers: Mapping[str, float]) -> Plan:
    """The same net with its regularisers and without any."""
    return Plan(base=base, conditions={"regularised": regularised(base, regularisers), "unregularised": TRUE})


ON_AND_OFF = {"mlp-1x512": on_and_off(LONG_MLP, BOTH), "cnn-16": on_and_off(LONG_CNN, BOTH)}
PAPER_ON_AND_OFF = {
    "inception": on_and_off(LONG_INCEPTION, PAPER_BOTH),
    "inception-nobn": on_and_off(to_the_end(paper("inception-nobn", rate=0.1)), DECAY),
    "alexnet": on_and_off(LONG_ALEXNET, PAPER_BOTH),
    "mlp-3x512": on_and_off(to_the_end(paper("mlp-3x512", rate=0.01)), DECAY),
    "mlp-1x512": on_and_off(to_the_end(PAPER_MLP), DECAY),
}


@claim(
    id="Z11",
    part="loss",
    says="A net loses little test accuracy when random crops and weight decay are switched off.",
    source=ZHANG2017.at("section 3, table 1"),
    kind="same",
    refuted_by="test accuracies with and without regularisers that differ by 10 points or more",
    margin=Margin(0.1, "twice the largest loss in the paper's table, the 5.2 points of AlexNet"),
    fast=ON_AND_OFF,
    fullscale=PAPER_ON_AND_OFF,
    departs=(*REDUCED, COEFFICIENT, CROPS),
    departs_fullscale=(*PAPER, COEFFICIENT, PAPER_CROPS),
)
def test_little_is_lost_without_regularisers(runs: Runs, judge: Judge) -> None:
    """Of nets that have learned something: two that guess would lose nothing."""
    accuracy = runs.final("validation_accuracy", "test accuracy")
    judge.given(accuracy, "regularised", at_least=2 * runs.chance)
    judge.same(accuracy, "regularised", "unregularised")


@claim(
    id="Z11",
    part="share",
    says="A net keeps most of its test accuracy above chance when random crops and weight decay are switched off.",
    source=ZHANG2017.at("section 3, table 1"),
    kind="bound",
    refuted_by="less than 80 % of the accuracy above chance kept, on average",
    margin=Margin(0.8, "the paper's nets keep 93 to 100 %; with four fifths regularisers are still not what matters"),
    fast=ON_AND_OFF,
    fullscale=PAPER_ON_AND_OFF,
    departs=(*REDUCED, COEFFICIENT, CROPS),
    departs_fullscale=(*PAPER, COEFFICIENT, PAPER_CROPS),
)
def test_most_is_kept_without_regularisers(runs: Runs, judge: Judge) -> None:
    """What a net knows beyond guessing, as a share of what it knows with its regularisers."""
    accuracy = runs.final("validation_accuracy", "test accuracy")
    judge.given(accuracy, "regularised", at_least=2 * runs.chance)
    kept = kept_share(accuracy["unregularised"], accuracy["regularised"], chance=runs.chance)
    judge.at_least(runs.samples("share of the accuracy above chance", {"unregularised": kept}), "unregularised")


def random_with_decay(base: RunSpec) -> Plan:
    """Random labels under weight decay."""
    return Plan(base=base, conditions={"weight decay": regularised(base, DECAY, random_labels())})


@claim(
    id="Z12",
    says="With weight decay a net still fits random labels.",
    source=ZHANG2017.at("section 3"),
    kind="bound",
    refuted_by="a training accuracy on random labels below 99 % on average",
    margin=Margin(0.99, "the lowest accuracy that the paper reports as fitted is 99.34 %"),
    fast={"mlp-1x512": random_with_decay(MLP), "inception-16": random_with_decay(NARROW_INCEPTION)},
    fullscale={
        "inception": random_with_decay(INCEPTION),
        "mlp-3x512": random_with_decay(paper("mlp-3x512", rate=0.01)),
        "mlp-1x512": random_with_decay(PAPER_MLP),
    },
    departs=(*REDUCED, COEFFICIENT),
    departs_fullscale=(*PAPER, COEFFICIENT),
)
def test_random_labels_are_fitted_with_weight_decay(runs: Runs, judge: Judge) -> None:
    """The penalty that is to keep a net simple does not keep it from memorising."""
    judge.given(runs.relabelled(), at_least=0.5 * (1 - runs.chance))
    judge.at_least(runs.final("train_accuracy"), "weight decay")


def random_with_and_without_decay(base: RunSpec) -> Plan:
    """Random labels with weight decay and without."""
    return Plan(
        base=base,
        conditions={
            "weight decay": regularised(base, DECAY, random_labels()),
            "no weight decay": random_labels(),
        },
    )


@claim(
    id="Z13",
    says="With weight decay the small AlexNet does not fit random labels, which it fits without.",
    source=ZHANG2017.at("section 3"),
    kind="bound",
    refuted_by="a training accuracy on random labels with weight decay above 99 % on average",
    margin=Margin(0.99, "the lowest accuracy that the paper reports as fitted is 99.34 %"),
    fast=random_with_and_without_decay(NARROW_ALEXNET),
    fullscale=random_with_and_without_decay(ALEXNET),
    departs=(*REDUCED, COEFFICIENT),
    departs_fullscale=(*PAPER, COEFFICIENT),
    findings=(Finding("Z13", "fast", "digits", "random labels are fitted at every seed, as without weight decay"),),
)
def test_alexnet_does_not_fit_random_labels_with_weight_decay(runs: Runs, judge: Judge) -> None:
    """The one net of the paper that a regulariser kept from memorising."""
    judge.given(runs.relabelled(), at_least=0.5 * (1 - runs.chance))
    accuracy = runs.final("train_accuracy")
    judge.given(accuracy, "no weight decay", at_least=0.99)
    judge.at_most(accuracy, "weight decay")


def architectures(
    cnn: RunSpec, mlp: Mapping[str, Any], plain: Mapping[str, Any], regularisers: Mapping[str, float]
) -> Plan:
    """An MLP and a convolutional net, both without regularisers, and one of them with and without."""
    conditions = {"MLP": mlp, "CNN": TRUE, "plain": plain, "regularised": regularised(cnn, regularisers, plain)}
    return Plan(base=cnn, conditions=conditions, needs_data=True)


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
        "cnn": architectures(CIFAR_CNN, CIFAR_MLP, TRUE, BOTH),
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


def crop_or_decay(base: RunSpec, crop: Mapping[str, float], seeds: int = SEEDS) -> Plan:
    """One regulariser at a time."""
    return Plan(
        base=base,
        conditions={"random crop": regularised(base, crop), "weight decay": regularised(base, DECAY)},
        seeds=seeds,
        needs_data=True,
    )


@claim(
    id="Z15",
    says="Random crops gain more test accuracy than weight decay.",
    source=ZHANG2017.at("section 3, table 1"),
    kind="above",
    refuted_by="a test accuracy with random crops less than a point above that with weight decay",
    margin=Margin(0.01, "a point of test accuracy: less than half of the smaller difference in the table, 2.3 points"),
    fast=crop_or_decay(NARROW_CNN, CROP, seeds=24),
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
