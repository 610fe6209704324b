"""Nets of several widths, on real data and on noise, trained until they fit (section 3.3)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from memorization_claims import (
    TRUE,
    Drawing,
    Figure,
    Judge,
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
from ..margins import FITTED
from .recipes import BATCHES_OF_100, MLP, highest_accuracy

Data = Mapping[str, Mapping[str, Any]]
"""What the nets are trained on, by name."""


def mlp(units: int) -> Level:
    """A net of two layers of `units` units."""
    return Level(units, {"model": f"mlp-2x{units}"})


def arpit_cnn(channels: int) -> Level:
    """The paper's convolutional net with `channels` channels."""
    return Level(channels, {"model": f"arpit-cnn-{channels}"})


def examples(number: int) -> Level:
    """`number` examples to train on."""
    return Level(number, {"subset": number})


WIDTHS = {"narrow": mlp(32), "middle": mlp(64), "wide": mlp(256)}
"""The narrow net still fits random labels. At the middle one real digits are close to the best accuracy, as MNIST is at
4096 units in the paper."""
PAPER_WIDTHS = {"narrow": mlp(1024), "middle": mlp(4096), "wide": mlp(8192)}
PAPER_CNN_WIDTHS = {"narrow": arpit_cnn(100), "middle": arpit_cnn(200), "wide": arpit_cnn(400)}

LEVELS: Data = {
    "randX-40": gaussian_inputs(0.4),
    "randX-80": gaussian_inputs(0.8),
    "randY-30": random_labels(0.3),
    "randY-60": random_labels(0.6),
}
"""Two levels of each kind of noise, the second twice the first. With four labels in five random, hardly anything of the
real ones is learned."""
PARTLY_NOISE: Data = {"real": TRUE, "randX": LEVELS["randX-80"], "randY": LEVELS["randY-60"]}
TIMED: Data = {
    "randX-40": LEVELS["randX-40"],
    "randX-80": LEVELS["randX-80"],
    "randX": gaussian_inputs(),
    "randY": random_labels(),
}
"""Noise that is timed: random inputs at three levels, and random labels."""

ON_DIGITS = replace(
    MLP,
    validation=1000,
    recipe=replace(MLP.recipe, epochs=200, stop_accuracy=1.0),
    record=Record(weights="none"),
)
PAPER_MLP = RunSpec(
    data="mnist",
    subset=50_000,
    model="mlp-2x4096",
    recipe=Recipe(rate=0.01, momentum=0.0, batch=100, epochs=1000, stop_accuracy=1.0),
    record=Record(weights="none"),
)
"""What all of section 3.3 trains on MNIST, so that its claims share their nets."""
UNTIL_FITTED = "training ends when all examples are fitted, or with the budget; the paper does not say when it does"
HOW_MUCH_NOISE = "two or four inputs in five, or 30 or 60 labels in 100, are random; the paper does not say how many"
ONE_SCALE = "random inputs have one mean and one deviation, those of all pixels; the paper does not say which it takes"
TEST_IMAGES = "validation images are those of the test set"
CAPACITY = (
    "digits instead of MNIST, 500 of them, and nets of 2 x 32, 2 x 64 and 2 x 256 units with momentum 0.9; at 64 units "
    "real digits are close to the best accuracy, as at 4096 in the paper",
    HOW_MUCH_NOISE,
    UNTIL_FITTED,
    ONE_SCALE,
    HE_NORMAL,
)
PAPER_CAPACITY = (
    "nets of 2 x 1024, 2 x 4096 and 2 x 8192 units; the paper's figure shows others besides",
    HOW_MUCH_NOISE,
    UNTIL_FITTED,
    ONE_SCALE,
    TEST_IMAGES,
    BATCHES_OF_100,
    HE_NORMAL,
)


def beside_real(noise: str, kinds: Data) -> Data:
    """Real data, and the same with one of these kinds of noise."""
    return {"real": TRUE, noise: kinds[noise]}


def accuracy(runs: Runs, when: str) -> Samples:
    """Validation accuracy when training ends, or at its highest."""
    return runs.final("validation_accuracy") if when == "final" else highest_accuracy(runs)


def fitted(runs: Runs, judge: Judge, *conditions: str) -> None:
    """Nets fit what they are trained on, as the paper says that they do in any case."""
    judge.given(runs.final("train_accuracy"), *conditions, at_least=FITTED.value)


def saved(time: Samples, **doublings: tuple[str, str]) -> Samples:
    """What each doubling of the width takes off the logarithm of the time to fit, on each kind of data.

    Args:
        time: its logarithms, of conditions such as "real, narrow".
        **doublings: by name the narrower width and the wider one.

    Returns:
        Of conditions such as "real, first".
    """
    data = dict.fromkeys(condition.split(", ")[0] for condition in time.values)
    pairs = {
        f"{kind}, {name}": (f"{kind}, {narrower}", f"{kind}, {wider}")
        for kind in data
        for name, (narrower, wider) in doublings.items()
    }
    return time.between("log time saved by a doubling", pairs)


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
