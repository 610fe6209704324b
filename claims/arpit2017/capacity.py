"""Nets of three widths, each four times as wide as the one before, on real data and on noise (section 3.3)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from memorization_claims import (
    TRUE,
    Drawing,
    Figure,
    Level,
    Recipe,
    Record,
    Runs,
    RunSpec,
    Samples,
    gaussian_inputs,
    random_labels,
)
from memorization_claims.drawing.drawing import Log

from ..departures import HE_NORMAL
from .recipes import BATCHES_OF_100, MLP, highest_accuracy

Data = Mapping[str, Mapping[str, Any]]
"""What the nets are trained on, by name."""


def mlp(units: int) -> Level:
    """A net of two layers of `units` units."""
    return Level(units, {"model": f"mlp-2x{units}"})


def alexnet(channels: int) -> Level:
    """Zhang et al.'s small AlexNet with `channels` channels."""
    return Level(channels, {"model": f"alexnet-{channels}"})


def examples(number: int) -> Level:
    """`number` examples to train on."""
    return Level(number, {"subset": number})


WIDTHS = {"narrow": mlp(16), "middle": mlp(64), "wide": mlp(256)}
"""At the middle one real digits are close to the best accuracy, as MNIST is at 4096 units in the paper."""
PAPER_WIDTHS = {"narrow": mlp(1024), "middle": mlp(4096), "wide": mlp(8192)}
PAPER_CNN_WIDTHS = {"narrow": alexnet(16), "middle": alexnet(64), "wide": alexnet(128)}
PARTLY_NOISE = {"real": TRUE, "randX": gaussian_inputs(0.8), "randY": random_labels(0.6)}
"""Most of the set is noise. With four labels in five random, hardly anything of the real ones is learned."""
ALL_NOISE = {"real": TRUE, "randX": gaussian_inputs(), "randY": random_labels()}

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
HOW_MUCH_NOISE = "four inputs in five, or three labels in five, are random; the paper does not say how many"
CAPACITY = (
    "digits instead of MNIST, 500 of them, and nets of 2 x 16, 2 x 64 and 2 x 256 units with momentum 0.9, for 60 "
    "epochs; at 64 units real digits are close to the best accuracy, as at 4096 in the paper",
    HOW_MUCH_NOISE,
    HE_NORMAL,
)
PAPER_CAPACITY = (
    "nets of 2 x 1024, 2 x 4096 and 2 x 8192 units; the paper's figure shows others besides",
    BATCHES_OF_100,
    HE_NORMAL,
)


def accuracy(runs: Runs, when: str) -> Samples:
    """Validation accuracy at the end, or at its highest."""
    return runs.final("validation_accuracy") if when == "final" else highest_accuracy(runs)


def sketch(
    draw: Drawing,
    figure: Figure,
    samples: Samples,
    runs: Runs,
    *data: str | float,
    over: str = "width",
    panel: str,
    log: Log = "x",
) -> None:
    """Draw a measure over the width of the nets or the number of examples, a line for each kind of data."""
    xlabel = "units a layer" if over == "width" else over
    for name in data:
        levels = {condition: float(runs.factors[condition][over]) for condition in runs.where(data=name)}
        draw.levels(figure, samples, levels, panel=panel, label=str(name), xlabel=xlabel, log=log)
