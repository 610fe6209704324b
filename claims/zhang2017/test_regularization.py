"""What explicit regularisers do, and what they are not needed for."""

from collections.abc import Mapping

from memorization_claims import TRUE, Finding, Judge, Margin, Plan, Runs, RunSpec, claim, random_labels
from memorization_claims.measures.values.kept_share import kept_share

from ..fitting import NOT_FITTED
from .paper import ZHANG2017
from .recipes import (
    ALEXNET,
    BOTH,
    COEFFICIENT,
    CROPS,
    DECAY,
    FITTED,
    INCEPTION,
    LONG_ALEXNET,
    LONG_CNN,
    LONG_INCEPTION,
    LONG_MLP,
    MLP,
    NARROW_ALEXNET,
    NARROW_INCEPTION,
    PAPER,
    PAPER_BOTH,
    PAPER_CROPS,
    PAPER_MLP,
    REDUCED,
    paper,
    regularised,
    to_the_end,
)


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
    """For nets that have learned something: two that guess would lose nothing."""
    accuracy = runs.final("validation_accuracy", "test accuracy")
    judge.given(accuracy, "regularised", at_least=2 * runs.chance)
    judge.same(accuracy, "regularised", "unregularised")


@claim(
    id="Z11",
    part="share",
    says="A net keeps most of its test accuracy above chance when random crops and weight decay are switched off.",
    source=ZHANG2017.at("section 3, table 1"),
    kind="bound",
    refuted_by="less than 80 % of the accuracy above chance kept",
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
    refuted_by=NOT_FITTED,
    margin=FITTED,
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
    judge.at_least(runs.final("train_accuracy"), "weight decay", refutes=False)


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
    refuted_by="a training accuracy on random labels above 99 % with weight decay, in the budget that does without",
    margin=FITTED,
    fast=random_with_and_without_decay(NARROW_ALEXNET),
    fullscale=random_with_and_without_decay(ALEXNET),
    departs=(*REDUCED, COEFFICIENT),
    departs_fullscale=(*PAPER, COEFFICIENT),
    findings=(Finding("Z13", "digits", "random labels are fitted, as without weight decay"),),
)
def test_alexnet_does_not_fit_random_labels_with_weight_decay(runs: Runs, judge: Judge) -> None:
    """The one net of the paper that a regulariser kept from memorising.

    A run that fits shows that it is not kept for good; one that does not is slower at the least, since the budget does
    without weight decay.
    """
    judge.given(runs.relabelled(), at_least=0.5 * (1 - runs.chance))
    accuracy = runs.final("train_accuracy")
    judge.given(accuracy, "no weight decay", at_least=0.99)
    judge.at_most(accuracy, "weight decay")
