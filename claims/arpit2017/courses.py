"""What section 4 trains and shows: nets on real data and on noise, their weights kept along training."""

import math
from dataclasses import replace

from claims.arpit2017.recipes import MLP, PAPER_CNN, REDUCED
from harness.claim import Margin
from harness.conditions import TRUE, gaussian_inputs, random_labels
from harness.measurement import GreyLevels
from harness.papers import ARPIT2017, Figure
from harness.plan import Plan
from harness.runs import Runs
from harness.spec import Recipe, Record, RunSpec

CSR = "critical sample ratio"
RADIUS = GreyLevels(0.3)
REAL_AND_NOISE = {"real": TRUE, "randX": gaussian_inputs(), "randY": random_labels()}

ALONG = (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 75, 100)
COURSE = Plan(base=replace(MLP, record=Record(weights=ALONG)), conditions=REAL_AND_NOISE)
PAPER_COURSE = Plan(base=replace(PAPER_CNN, record=Record(weights=ALONG)), conditions=REAL_AND_NOISE)
CIFAR_CNN = RunSpec(
    data="cifar10",
    subset=300,
    validation=200,
    shrink=2,
    model="cnn-12",
    recipe=Recipe(rate=0.02, batch=25, epochs=40),
    record=Record(weights=(1, 3, 10, 20, 30, 40)),
)
CIFAR_COURSE = Plan(base=CIFAR_CNN, conditions=REAL_AND_NOISE, needs_data=True)
COURSES = {
    "mlp-2x128": COURSE,
    "cnn-12": CIFAR_COURSE,
    "cnn-bn-12": CIFAR_COURSE.changed(model="cnn-bn-12"),
}
"""An MLP on digits, and convolutional nets without and with batch norm on CIFAR-10 at 16 x 16 pixels."""
GRID = {"epoch 1": 1, "epoch 3": 3, "epoch 10": 10, "epoch 40": 40}
DECADES = {name: math.log10(epoch) for name, epoch in GRID.items()}

NOISES = {"randX": gaussian_inputs, "randY": random_labels}
SHARES = {"20 %": 0.2, "40 %": 0.4, "60 %": 0.6, "80 %": 0.8}
PARTLY_ALONG = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 60)
LEVELS = Plan(
    base=replace(
        MLP,
        subset=1000,
        validation=600,
        recipe=Recipe(rate=0.02, batch=50, epochs=60),
        record=Record(weights=PARTLY_ALONG),
    ),
    conditions={f"{noise} {name}": kind(share) for noise, kind in NOISES.items() for name, share in SHARES.items()},
)
PAPER_LEVELS = replace(
    LEVELS, base=replace(PAPER_CNN, validation=None, record=Record(weights=(1, 2, 3, 5, 8, 12, 20, 40, 100)))
)

SMALLER = (
    *REDUCED,
    "on CIFAR-10, 300 images of 16 x 16 pixels and a net of two convolutions with 12 and 24 channels",
)
GREY = (
    "0.3 grey levels are 0.3 of the 16 that digits have: 16 times the share of the range that they are of the 255 of "
    "CIFAR-10"
)
IN_TEN = Margin(0.1, "one image in ten: less would not show in the paper's figures")
FIGURE_7 = ARPIT2017.figure(
    "7", "Accuracy and critical sample ratio over epochs, by the share of examples that are noise, on MNIST"
)
FIGURE_8 = ARPIT2017.figure(
    "8", "Accuracy and critical sample ratio over epochs, by the share of examples that are noise, on CIFAR-10"
)
FIGURE_9 = ARPIT2017.figure(
    "9", "Critical sample ratio over epochs on real data, on random inputs and on random labels"
)


def levels_figure(runs: Runs) -> Figure:
    """The figure that shows levels of noise on the runs' data."""
    return FIGURE_8 if runs.first.data == "cifar10" else FIGURE_7
