"""Nets of three widths, each four times as wide as the one before, on real data and on noise (section 3.3)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from memorization_claims.drawing.drawing import Drawing, Log
from memorization_claims.judging.paper import Figure
from memorization_claims.lab.runs import Runs
from memorization_claims.measures.courses.early_peak import highest
from memorization_claims.plan.conditions import TRUE, gaussian_inputs, random_labels
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record, RunSpec
from memorization_claims.statistics.samples import Samples

from .recipes import MLP

Conditions = Mapping[str, Mapping[str, Any]]

WIDTHS = {"narrow": {"model": "mlp-2x16"}, "middle": {"model": "mlp-2x64"}, "wide": {"model": "mlp-2x256"}}
"""At the middle one real digits are close to the best accuracy, as MNIST is at 4096 units in the paper."""
PAPER_WIDTHS = {"narrow": {"model": "mlp-2x1024"}, "middle": {"model": "mlp-2x4096"}, "wide": {"model": "mlp-2x8192"}}
PAPER_CNN_WIDTHS = {
    "narrow": {"model": "alexnet-16"},
    "middle": {"model": "alexnet-64"},
    "wide": {"model": "alexnet-128"},
}
PARTLY_NOISE = {"real": TRUE, "randX": gaussian_inputs(0.8), "randY": random_labels(0.6)}
"""Most of the set. With four labels in five random, hardly anything of the real ones is learned."""
ALL_NOISE = {"real": TRUE, "randX": gaussian_inputs(), "randY": random_labels()}


def crossed(arms: Conditions, widths: Conditions) -> Conditions:
    """Every arm at every width, named "arm, width"."""
    return {f"{arm}, {width}": {**own, **net} for arm, own in arms.items() for width, net in widths.items()}


ON_DIGITS = replace(
    MLP,
    validation=1000,
    recipe=replace(MLP.recipe, epochs=60),
    record=Record(every=3, weights="none"),
)
PAPER_MLP = RunSpec(
    data="mnist",
    subset=50_000,
    model="mlp-2x4096",
    recipe=Recipe(rate=0.01, momentum=0.0, batch=100, epochs=1000),
    record=Record(every=20, weights="none"),
)
CAPACITY = (
    "digits instead of MNIST, 500 of them, and nets of 2 x 16, 2 x 64 and 2 x 256 units with momentum 0.9, for 60 "
    "epochs; at 64 units real digits are close to the best accuracy, as at 4096 in the paper",
    "four inputs in five, or three labels in five, are random; the paper does not say how many",
    "initial weights from He et al.'s normal distribution; the paper does not name its own",
)
PAPER_CAPACITY = (
    "nets of 2 x 1024, 2 x 4096 and 2 x 8192 units; the paper's figure shows others besides",
    "batches of 100 examples; the paper does not give their number",
    "initial weights from He et al.'s normal distribution; the paper does not name its own",
)


def noise_in(runs: Runs) -> str:
    """The arm of noise, where there is one beside the real data."""
    return "randX" if "randX, wide" in runs.specs else "randY"


def accuracy(runs: Runs, when: str) -> Samples:
    """Validation accuracy at the end, or at its highest: sought on one half of the images and read off the other."""
    if when == "final":
        return runs.final("validation_accuracy")
    halves = ("validation_accuracy_even", "validation_accuracy_odd")
    return runs.value(halves, highest, "highest validation accuracy")


def width(spec: RunSpec) -> float:
    """Units of a layer, or channels."""
    return float(re.findall(r"\d+", spec.model)[-1])


def examples(spec: RunSpec) -> float:
    """Examples that are trained on."""
    return float(spec.subset or 0)


def sketch(
    draw: Drawing,
    figure: Figure,
    found: Samples,
    runs: Runs,
    *arms: str,
    over: Callable[[RunSpec], float] = width,
    panel: str,
    log: Log = "x",
) -> None:
    """Draw a measure over the width of the nets or the number of examples, a line for each arm."""
    xlabel = "units a layer" if over is width else "examples"
    for arm in arms:
        levels = {name: over(own[0]) for name, own in runs.specs.items() if name.startswith(f"{arm},")}
        draw.levels(figure, found, levels, panel=panel, label=arm, xlabel=xlabel, log=log)
