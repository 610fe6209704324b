"""The regularisers of section 5, each over the paper's range, on random labels and on real ones."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from memorization_claims import TRUE, Drawing, Plan, Recipe, Record, Runs, RunSpec, Samples, random_labels
from memorization_claims.measures.values.concordance import within_and_between
from memorization_claims.measures.values.costless import memorised_at_no_cost

from ..cost import DEAR
from ..departures import HE_NORMAL
from .figures import FIGURE_10, FIGURE_11
from .recipes import BATCHES_AND_EPOCHS, PAPER_CNN

Changes = Mapping[str, Any]

STRENGTHS: Mapping[str, Mapping[str, Changes]] = {
    "dropout": {str(p): {"dropout": p} for p in (0.3, 0.5, 0.6, 0.7)},
    "input dropout": {str(p): {"input_dropout": p} for p in (0.3, 0.5, 0.7)},
    "input noise": {str(sd): {"input_noise": sd} for sd in (0.6, 1.2, 1.8, 2.5)},
    "hidden noise": {str(sd): {"hidden_noise": sd} for sd in (0.15, 0.3)},
    "weight decay": {str(c): {"weight_decay": c} for c in (0.01, 0.03, 0.06, 0.1)},
    "adversarial": {
        f"{weight} with dropout {p}": {"adversarial": weight, "dropout": p}
        for weight, p in ((0.2, 0.03), (0.45, 0.25), (0.7, 0.5))
    },
}
"""The strengths of each, growing, within the ranges of section 5. The last costs real digits more than a little, so
that none beyond it would count; for hidden noise and adversarial training, the range itself ends there."""
MILD = {
    "dropout": "0.3",
    "input dropout": "0.3",
    "input noise": "0.6",
    "hidden noise": "0.3",
    "weight decay": "0.01",
    "adversarial": "0.45 with dropout 0.25",
}
"""Each still learns real digits as well as no regulariser does; for hidden noise, the most that the paper takes."""
LABELS = {"randY": random_labels(), "real": TRUE}

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
    names: Iterable[str] = STRENGTHS,
    *,
    labels: Mapping[str, Changes] = LABELS,
    mild: bool = False,
) -> Plan:
    """Every strength of some regularisers, or the mild one of each, on each kind of labels: "randY, dropout 0.5"."""
    recipes = [("none", "none", base.recipe)] + [
        (name, f"{name} {strength}", replace(base.recipe, **changes))
        for name in names
        for strength, changes in STRENGTHS[name].items()
        if not mild or strength == MILD[name]
    ]
    conditions, factors = dict[str, Changes](), dict[str, dict[str, str | float]]()
    for kind, data in labels.items():
        for name, label, recipe in recipes:
            conditions[f"{kind}, {label}"] = {**data, "recipe": recipe}
            factors[f"{kind}, {label}"] = {"labels": kind, "regulariser": name, "recipe": label}
    return Plan(base=base, conditions=conditions, factors=factors)


NOT_ADVERSARIAL = ("dropout", "input dropout", "input noise", "hidden noise", "weight decay")
ALL = replace(plan(ON_DIGITS), most=DEAR)
PAPER_ALL = plan(PAPER_BASE)
COURSE = replace(ON_DIGITS, validation=50, record=Record(every=3, weights="none"))
PAPER_COURSE = replace(PAPER_CNN, record=Record(every=2, weights="none"))
TWICE = plan(replace(COURSE, nets=2, recipe=replace(COURSE.recipe, epochs=30)), mild=True)
PAPER_TWICE = plan(replace(PAPER_COURSE, nets=2), mild=True)
MEMORISING = plan(COURSE, labels={"randY": random_labels()}, mild=True)
PAPER_MEMORISING = plan(PAPER_COURSE, labels={"randY": random_labels()}, mild=True)


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


def order_of_losses(runs: Runs) -> Samples:
    """The share of pairs of regularisers whose final training losses lie in the same order for two nets."""
    random, real = ([runs.array(name, "loss")[:, :, -1] for name in runs.where(labels=labels)] for labels in LABELS)
    same, other = within_and_between(random, real)
    return runs.samples("share of pairs in the same order", {"same labels": same, "other labels": other})


def figure_10(draw: Drawing, runs: Runs) -> None:
    """Accuracy on real labels over that on random ones, a line for each regulariser."""
    trained, validated = runs.final("train_accuracy"), runs.final("validation_accuracy")
    random, real = courses(runs, "randY"), courses(runs, "real")
    lines = {name: (trained.stack(*random[name]), validated.stack(*real[name])) for name in random}
    xlabel, ylabel = "training accuracy on random labels", "validation accuracy on real labels"
    draw.lines(FIGURE_10, lines, xlabel=xlabel, ylabel=ylabel)


def figure_11(draw: Drawing, runs: Runs) -> None:
    """Training loss over epochs, a line for each regulariser, on random labels and on real ones."""
    for labels in LABELS:
        lines = {
            str(runs.factors[name]["recipe"]): (runs.epochs(name), runs.array(name, "loss").mean(axis=1))
            for name in runs.where(labels=labels)
        }
        draw.lines(FIGURE_11, lines, panel=labels, xlabel="epochs", ylabel="training loss", log="y")


UNIT_OF_NOISE = "noise on inputs is in standard deviations of the pixels; the paper does not name its unit"
BETWEEN_STRENGTHS = (
    "accuracy on real labels is that at the end, and strengths between those tried lie on a line between them"
)
REDUCED = (
    "300 digits and a net of 2 x 64 units, for 60 epochs, instead of a convolutional one on CIFAR-10",
    UNIT_OF_NOISE,
    BETWEEN_STRENGTHS,
    "for adversarial training, critical samples are sought within 0.3 grey levels of the 16 of digits, in 3 steps",
    HE_NORMAL,
)
PAPER = (
    BATCHES_AND_EPOCHS,
    UNIT_OF_NOISE,
    BETWEEN_STRENGTHS,
    HE_NORMAL,
)
