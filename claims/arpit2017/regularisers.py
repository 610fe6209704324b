"""The regularisers of section 5, each over the paper's range, on random labels and on real ones."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from memorization_claims import TRUE, Drawing, Plan, Recipe, Record, Runs, RunSpec, Samples, random_labels
from memorization_claims.measures.values.concordance import within_and_between
from memorization_claims.measures.values.costless import memorised_at_no_cost

from ..departures import HE_NORMAL
from .capacity import TEST_IMAGES
from .figures import FIGURE_10, FIGURE_11
from .recipes import BATCHES_AND_EPOCHS, PAPER_CNN

Strengths = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Of each regulariser by name its strengths, growing: the fields of a recipe that they replace."""


def of(field: str, *values: float) -> dict[str, dict[str, float]]:
    """Values of one field of the recipe."""
    return {f"{value:g}": {field: value} for value in values}


def adversarial(weight: float, *dropout: float) -> dict[str, dict[str, float]]:
    """A weight of adversarial training, with growing dropout."""
    return {f"{weight:g} with dropout {p:g}": {"adversarial": weight, "dropout": p} for p in dropout}


STRENGTHS: Strengths = {
    "dropout": of("dropout", 0.3, 0.5, 0.6, 0.7, 0.8),
    "input-dropout": of("input_dropout", 0.5, 0.7, 0.8),
    "input-noise": of("input_noise", 1.2, 1.8, 2.5),
    "hidden-noise": of("hidden_noise", 1.0, 2.0, 5.0),
    "weight-decay": of("weight_decay", 0.03, 0.06, 0.1),
    "adversarial": adversarial(0.7, 0.03, 0.3, 0.5),
}
"""The last costs real digits more than a little, so that none beyond it would count. With adversarial training dropout
goes to 0.5, where the paper's range ends."""
PAPER_STRENGTHS: Strengths = {
    "dropout": of("dropout", 0.1, 0.3, 0.5, 0.7, 0.9),
    "input-dropout": of("input_dropout", 0.1, 0.3, 0.5, 0.7, 0.9),
    "input-noise": of("input_noise", 0.5, 1.0, 2.0, 3.5, 5.0),
    "hidden-noise": of("hidden_noise", 0.1, 0.2, 0.3, 1.0, 2.0),
    "weight-decay": of("weight_decay", 0.0001, 0.001, 0.01, 0.1, 1.0),
    **{f"adversarial-{weight}": adversarial(weight, 0.03, 0.25, 0.5) for weight in (0.2, 0.7)},
}
"""The paper's ranges, and hidden noise beyond; of the weights of adversarial training, the dearest, both ends."""
SELECTED: Strengths = {
    "dropout": of("dropout", 0.5),
    "input-dropout": of("input_dropout", 0.5),
    "input-noise": of("input_noise", 1.2),
    "hidden-noise": of("hidden_noise", 2.0),
    "weight-decay": of("weight_decay", 0.03),
    "adversarial": adversarial(0.7, 0.5),
}
"""The strongest of each that costs real digits less than a point of accuracy."""
PAPER_SELECTED: Strengths = {
    "dropout": of("dropout", 0.5),
    "input-dropout": of("input_dropout", 0.3),
    "input-noise": of("input_noise", 1.0),
    "hidden-noise": of("hidden_noise", 0.3),
    "weight-decay": of("weight_decay", 0.001),
    "adversarial": adversarial(0.7, 0.25),
}
RANDOM: Mapping[str, Mapping[str, Any]] = {"randY": random_labels()}
LABELS = {**RANDOM, "real": TRUE}

ON_DIGITS = RunSpec(
    data="digits",
    subset=300,
    validation=1000,
    model="mlp-2x64",
    recipe=Recipe(rate=0.02, batch=50, epochs=60, adversarial_radius=0.3 / 16, adversarial_steps=3),
    record=Record(every=60, weights="none"),
)
PAPER_BASE = replace(PAPER_CNN, validation=None, record=Record(every=10, weights="none"))


def plan(
    base: RunSpec,
    strengths: Strengths,
    labels: Mapping[str, Mapping[str, Any]] = LABELS,
    *,
    beside: Plan | None = None,
) -> Plan:
    """No regulariser and every strength of some, on each kind of labels: "randY, dropout 0.5".

    Recipes that another plan has too are trained as there, so that both have the same runs.
    """
    recipes = [("none", "none", base.recipe)] + [
        (name, f"{name} {strength}", replace(base.recipe, **changes))
        for name, growing in strengths.items()
        for strength, changes in growing.items()
    ]
    shared, as_there = set[Recipe](), dict[str, Any]()
    if beside:
        assert isinstance(beside.base, RunSpec)
        shared = {each["recipe"] for each in beside.conditions.values()}
        as_there = {"nets": beside.base.nets, "record": beside.base.record}
    conditions, factors = dict[str, Mapping[str, Any]](), dict[str, dict[str, str | float]]()
    for kind, data in labels.items():
        for name, label, recipe in recipes:
            conditions[f"{kind}, {label}"] = {**data, "recipe": recipe, **(as_there if recipe in shared else {})}
            factors[f"{kind}, {label}"] = {"labels": kind, "regulariser": name, "recipe": label}
    return Plan(base=base, conditions=conditions, factors=factors)


def each(
    base: RunSpec,
    strengths: Strengths,
    labels: Mapping[str, Mapping[str, Any]] = LABELS,
    *,
    beside: Plan | None = None,
) -> dict[str, Plan]:
    """A plan for each regulariser."""
    return {name: plan(base, {name: growing}, labels, beside=beside) for name, growing in strengths.items()}


def beside_dropout(base: RunSpec, strengths: Strengths, *, beside: Plan | None = None) -> dict[str, Plan]:
    """A plan of dropout and one other regulariser, for each that is combined with none."""
    dropout = strengths["dropout"]
    others = [name for name in strengths if name != "dropout" and "adversarial" not in name]
    return {name: plan(base, {"dropout": dropout, name: strengths[name]}, beside=beside) for name in others}


COURSE = replace(
    ON_DIGITS,
    nets=2,
    validation=50,
    recipe=replace(ON_DIGITS.recipe, epochs=30),
    record=Record(every=3, weights="none"),
)
PAPER_COURSE = replace(PAPER_BASE, nets=2, record=Record(every=2, weights="none"))
COURSES, PAPER_COURSES = plan(COURSE, SELECTED), plan(PAPER_COURSE, PAPER_SELECTED)
EQUAL_DROPOUT = plan(ON_DIGITS, {"dropout": of("dropout", 0.3, 0.5), "adversarial": STRENGTHS["adversarial"]})
PAPER_EQUAL_DROPOUT = {
    name: plan(
        PAPER_BASE,
        {"dropout": of("dropout", 0.03, 0.25, 0.5), "adversarial": PAPER_STRENGTHS[name]},
        beside=PAPER_COURSES,
    )
    for name in PAPER_STRENGTHS
    if "adversarial" in name
}


def regulariser(runs: Runs) -> str:
    """The only one of a plan for each."""
    _, name = runs.levels("regulariser")
    return str(name)


def courses(runs: Runs, labels: str) -> dict[str, list[str]]:
    """The conditions of each regulariser on these labels, from none on in growing strength."""
    names = [str(name) for name in runs.levels("regulariser") if name != "none"]
    none = runs.where(labels=labels, regulariser="none")
    return {name: none + runs.where(labels=labels, regulariser=name) for name in names}


def memorised(runs: Runs, loss: float) -> Samples:
    """How much of random labels is memorised under each regulariser, as strong as it costs no more than the loss."""
    trained, validated = runs.final("train_accuracy"), runs.final("validation_accuracy")
    random, real = courses(runs, "randY"), courses(runs, "real")
    least = {
        name: memorised_at_no_cost([trained[c] for c in random[name]], [validated[c] for c in real[name]], loss=loss)
        for name in random
    }
    return runs.samples("random labels memorised", {"none": trained["randY, none"], **least})


def cost_of_the_strongest(runs: Runs) -> Samples:
    """The validation accuracy on real labels that each regulariser costs at the end of its range."""
    validated = runs.final("validation_accuracy")
    ends = {name: conditions[-1] for name, conditions in courses(runs, "real").items()}
    lost = {name: validated["real, none"] - validated[end] for name, end in ends.items()}
    return runs.samples("accuracy on real labels that the strongest costs", lost)


def raised_by_adversarial_training(runs: Runs) -> Samples:
    """By how much adversarial training with next to no dropout raises the loss on random labels, as a logarithm."""
    alone, *_ = runs.where(labels="randY", regulariser="adversarial")
    name = "log loss on random labels, beyond that without a regulariser"
    return runs.final("loss").log().between(name, {"adversarial": (alone, "randY, none")})


def order_of_losses(runs: Runs, when: str) -> Samples:
    """The share of pairs of regularisers whose training losses lie in the same order for two nets.

    At the end, or on average over all evaluations but that before training.
    """
    part = slice(-1, None) if when == "final" else slice(1, None)
    random, real = ([runs.array(name, "loss")[..., part] for name in runs.where(labels=labels)] for labels in LABELS)
    same, other = within_and_between(random, real)
    return runs.samples("share of pairs in the same order", {"same labels": same, "other labels": other})


def figure_10(draw: Drawing, runs: Runs) -> None:
    """Accuracy on real labels over that on random ones, a panel for each regulariser."""
    trained, validated = runs.final("train_accuracy"), runs.final("validation_accuracy")
    random, real = courses(runs, "randY"), courses(runs, "real")
    lines = {name: (trained.stack(*random[name]), validated.stack(*real[name])) for name in random}
    xlabel, ylabel = "training accuracy on random labels", "validation accuracy on real labels"
    draw.lines(FIGURE_10, lines, panel=regulariser(runs), xlabel=xlabel, ylabel=ylabel)


def figure_11(draw: Drawing, runs: Runs) -> None:
    """Training loss over epochs, a line for each regulariser, on random labels and on real ones."""
    for labels in LABELS:
        lines = {
            str(runs.factors[name]["recipe"]): (runs.epochs(name), runs.array(name, "loss").mean(axis=1))
            for name in runs.where(labels=labels)
        }
        draw.lines(FIGURE_11, lines, panel=labels, xlabel="epochs", ylabel="training loss", log="y")


UNIT_OF_NOISE = "noise is in standard deviations of the pixels or in the units' own; the paper does not name its unit"
BETWEEN_STRENGTHS = (
    "accuracy on real labels is that at the end, and strengths between those tried lie on a line between them"
)
REDUCED = (
    "300 digits and a net of 2 x 64 units, for 60 epochs or, where courses are compared, 30, instead of a "
    "convolutional one on CIFAR-10",
    UNIT_OF_NOISE,
    "strengths go as far as to cost accuracy on real digits: dropout to 0.8 instead of 0.9, noise on inputs to 2.5 "
    "instead of 5 and on hidden units to 5 instead of 0.3, weight decay to 0.1 instead of 1",
    BETWEEN_STRENGTHS,
    "adversarial training has one weight, 0.7, with dropout from 0.03 to 0.5, and critical samples are sought within "
    "0.3 grey levels of the 16 of digits, in 3 steps",
    HE_NORMAL,
)
PAPER = (
    BATCHES_AND_EPOCHS,
    UNIT_OF_NOISE,
    "hidden noise goes to 2, beyond the paper's 0.3, and adversarial training has the weights 0.2 and 0.7, where the "
    "paper's range ends, each with dropout of 0.03, 0.25 and 0.5",
    "where courses are compared, accuracy is the mean of two nets, else that of one",
    BETWEEN_STRENGTHS,
    "dropout and hidden noise follow the convolutions too; the paper does not say which layers they follow",
    TEST_IMAGES,
    HE_NORMAL,
)
