"""Inception v3 on ImageNet; trained by torchrun and judged here, as far as the store has the trainings."""

from collections.abc import Mapping
from typing import Any

from memorization_claims import TRUE, Courses, Drawing, Judge, Margin, Plan, claim
from memorization_claims.measures.courses.early_peak import fall

from ..fitting import NOT_FITTED
from ..margins import A_POINT
from .figures import FIGURE_2A
from .imagenet import ALL, AUGMENTED, BASE, DECAYED, ONE_LOOK, PAPER, RANDOM, RANDOM_DECAYED, RANDOM_DROPPED
from .paper import ZHANG2017


def trainings(**conditions: Mapping[str, Any]) -> Plan:
    """Rows of the table, by what sets them apart."""
    named = {name.replace("_", " "): changes for name, changes in conditions.items()}
    return Plan(base=BASE, conditions=named, most=ONE_LOOK, needs_data=True)


@claim(
    id="Z29",
    part="fitted",
    says="Inception v3 fits random labels of ImageNet, with weight decay and dropout too.",
    source=ZHANG2017.at("section 2.1 and appendix B, table 2"),
    kind="bound",
    refuted_by=NOT_FITTED,
    margin=Margin(
        0.8, "the paper's nets reach 95, 88 and 91 % of a million labels, where guessing has one in a thousand"
    ),
    fast={},
    fullscale={
        "none": trainings(random_labels=RANDOM),
        "decay": trainings(random_labels=RANDOM_DECAYED),
        "dropout-decay": trainings(random_labels=RANDOM_DROPPED),
    },
    departs_fullscale=PAPER,
)
def test_random_labels_of_imagenet_are_fitted(courses: Courses, judge: Judge) -> None:
    """Top-1 accuracy on the labels that the net was trained on."""
    relabelled = courses.final("relabelled", "share of labels that are not the true ones")
    judge.given(relabelled, at_least=0.5 * (1 - courses.chance))
    judge.at_least(courses.final("train_accuracy", "training accuracy"), "random labels", refutes=False)


@claim(
    id="Z29",
    part="generalises",
    says="Without any regulariser Inception v3 fits ImageNet and still generalises.",
    source=ZHANG2017.at("section 3 and appendix B, table 2"),
    kind="bound",
    refuted_by="a top-1 test accuracy below one half",
    margin=Margin(0.5, "ten points below the paper's 59.8 %, and two thirds of what it has with all regularisers"),
    fast={},
    fullscale=trainings(unregularised=TRUE),
    departs_fullscale=PAPER,
)
def test_without_regularisers_imagenet_is_learned(courses: Courses, judge: Judge) -> None:
    """For nets that have fitted their training images; the paper's is at 99.5 % on them."""
    judge.given(courses.final("train_accuracy", "training accuracy"), at_least=0.95)
    judge.at_least(courses.final("validation_accuracy", "test accuracy"), "unregularised")


@claim(
    id="Z29",
    part="augmentation",
    says="On ImageNet augmentation gains more test accuracy than weight decay does, or weight decay and dropout.",
    source=ZHANG2017.at("section 3 and appendix B, table 2"),
    kind="interaction",
    refuted_by="a gain from augmentation that exceeds that from the other regularisers by less than two points",
    margin=Margin(
        0.02,
        "less than half of the least in the paper's table, where augmentation gains 13.2 points, weight decay 7.4, and "
        "weight decay and dropout 4.9 beside augmentation",
    ),
    fast={},
    fullscale={
        "decay": trainings(augmented=AUGMENTED, plain=TRUE, regularised=DECAYED, unregularised=TRUE),
        "dropout-decay": trainings(augmented=AUGMENTED, plain=TRUE, regularised=ALL, unregularised=AUGMENTED),
    },
    departs_fullscale=PAPER,
)
def test_augmentation_gains_more_than_other_regularisers(courses: Courses, judge: Judge) -> None:
    """The table has weight decay alone and both beside augmentation; all nets have learned their training images."""
    judge.given(courses.final("train_accuracy", "training accuracy"), at_least=0.8)
    accuracy = courses.final("validation_accuracy", "test accuracy")
    judge.interaction(accuracy, ("augmented", "plain"), ("regularised", "unregularised"))


@claim(
    id="Z29",
    part="early-stopping",
    says="On ImageNet early stopping could help where other regularisers are absent: test accuracy falls from a peak.",
    source=ZHANG2017.at("section 3.1, figure 2a and table 2"),
    kind="bound",
    refuted_by="a test accuracy that ends less than a point below its peak",
    margin=Margin(A_POINT.value, f"{A_POINT.reason}; the paper's two nets fall by 3.4 and 5.4 points"),
    fast={},
    fullscale={"none": trainings(true_labels=TRUE), "decay": trainings(true_labels=DECAYED)},
    departs_fullscale=PAPER,
)
def test_early_stopping_could_help(courses: Courses, judge: Judge, draw: Drawing) -> None:
    """The peak is found on one half of the test set and read off the other, so that luck does not make one."""
    draw.course(FIGURE_2A, courses, "train_accuracy", ylabel="training accuracy", panel="training")
    draw.course(FIGURE_2A, courses, "validation_accuracy", ylabel="test accuracy", panel="test")
    judge.given(courses.final("train_accuracy", "training accuracy"), at_least=0.8)
    halves = ("validation_accuracy_even", "validation_accuracy_odd")
    judge.at_least(courses.value(halves, fall, "fall of test accuracy from its peak"), "true labels")
