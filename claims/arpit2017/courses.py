"""What section 4 trains and shows: nets on real data and on noise, their weights kept along training."""

import math
from dataclasses import replace

from memorization_claims import (
    TRUE,
    Figure,
    OfRange,
    Plan,
    Recipe,
    Record,
    Runs,
    RunSpec,
    Samples,
    gaussian_inputs,
    random_labels,
)

from ..cost import DEARER
from .figures import FIGURE_7, FIGURE_8
from .recipes import MLP, PAPER, PAPER_CNN, REDUCED

CSR = "critical sample ratio"
GREY_LEVELS = 0.3
"""The paper's radius, of the 256 grey levels of CIFAR-10."""
RADII = {"digits": GREY_LEVELS / 16, "mnist": GREY_LEVELS / 255, "cifar10": GREY_LEVELS / 255}
"""The same number of the grey levels that a data set has, as a share of its range."""
REAL_AND_NOISE = {"real": TRUE, "randX": gaussian_inputs(), "randY": random_labels()}

ALONG = (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 75, 100)
MLP_COURSE = replace(MLP, record=Record(weights=ALONG))
PAPER_COURSE = replace(PAPER_CNN, record=Record(weights=(0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 45, 60)))
CNN_COURSE = RunSpec(
    data="cifar10",
    subset=300,
    validation=200,
    shrink=2,
    model="cnn-12",
    recipe=Recipe(rate=0.01, batch=25, epochs=40),
    record=Record(weights=(0, 1, 3, 10, 30, 40)),
)
GRID = {"epoch 1": 1, "epoch 3": 3, "epoch 10": 10, "epoch 40": 40}
DECADES = {name: math.log10(epoch) for name, epoch in GRID.items()}


def searched(plan: Plan, grey_levels: float = GREY_LEVELS) -> Plan:
    """The plan, with a radius for the search for critical samples on its data set."""
    return replace(plan, radius=RADII[plan.dataset] * (grey_levels / GREY_LEVELS))


def mlp(*data: str) -> Plan:
    """An MLP on digits or on noise in their place."""
    return searched(Plan(base=MLP_COURSE, conditions={name: REAL_AND_NOISE[name] for name in data}))


def cnn(*data: str) -> Plan:
    """A convolutional net on CIFAR-10 at 16 x 16 pixels."""
    return searched(replace(mlp(*data), base=CNN_COURSE, most=DEARER, needs_data=True))


def cnn_bn(*data: str) -> Plan:
    """The same net with batch norm, as the paper's has it, which bears twice the rate."""
    return cnn(*data).changed(model="cnn-bn-12", recipe=replace(CNN_COURSE.recipe, rate=0.02))


def paper(*data: str) -> Plan:
    """The paper's net on CIFAR-10."""
    return searched(replace(mlp(*data), base=PAPER_COURSE))


NETS = {"mlp-2x128": mlp, "cnn-12": cnn, "cnn-bn-12": cnn_bn}
EACH = {f"{net}-{name}": plan(name) for net, plan in NETS.items() for name in REAL_AND_NOISE}
"""Each net on each kind of data."""
AGAINST_REAL = {f"{net}-{noise}": plan("real", noise) for net, plan in NETS.items() for noise in ("randX", "randY")}
BETWEEN_NOISES = {net: plan("randX", "randY") for net, plan in NETS.items()}
PAPER_EACH = {name: paper(name) for name in REAL_AND_NOISE}
PAPER_NOISE = {name: paper("real", name) for name in ("randX", "randY")}

NOISES = {"randX": gaussian_inputs, "randY": random_labels}
SHARES = {"20 %": 0.2, "40 %": 0.4, "60 %": 0.6, "80 %": 0.8}
PARTLY_ALONG = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 60)
PARTLY = replace(
    MLP,
    subset=1000,
    validation=600,
    recipe=Recipe(rate=0.02, batch=50, epochs=60),
    record=Record(weights=PARTLY_ALONG),
)
PAPER_PARTLY = replace(PAPER_CNN, validation=None, record=Record(weights=(1, 2, 3, 5, 8, 12, 20, 40, 60)))
MNIST_PARTLY = RunSpec(
    data="mnist",
    subset=50_000,
    model="mlp-2x1024",
    recipe=Recipe(rate=0.01, momentum=0.0, batch=100, epochs=1000, stop_accuracy=1.0),
    record=Record(weights=(1, 3, 10, 30, 100, 1000)),
)


def levels(noise: str, base: RunSpec = PARTLY) -> Plan:
    """Training sets of which 20 to 80 % are noise."""
    return searched(Plan(base=base, conditions={name: NOISES[noise](share) for name, share in SHARES.items()}))


LEVELS = {noise: levels(noise) for noise in NOISES}
ON_LABELS = {"mnist-randY": levels("randY", MNIST_PARTLY), "randY": levels("randY", PAPER_PARTLY)}
PAPER_LEVELS = {"mnist-randX": levels("randX", MNIST_PARTLY), "randX": levels("randX", PAPER_PARTLY), **ON_LABELS}


def both(base: RunSpec) -> Plan:
    """The same training sets, with noise of either kind: "randY, 40 %"."""
    plans = {noise: levels(noise, base) for noise in NOISES}
    conditions = {f"{noise}, {name}": each for noise, plan in plans.items() for name, each in plan.conditions.items()}
    return replace(plans["randX"], conditions=conditions)


ONE_SPREAD = "noise inputs have one mean and one deviation, those of all pixels together"
OF_THE_TEST_SET = "validation images are of the test set"
REDUCED_NETS = (*REDUCED, "validation images are those that the training set leaves", ONE_SPREAD)
SMALLER = (
    *REDUCED,
    "on CIFAR-10, 300 images of 16 x 16 pixels and nets of two convolutions with 12 and 24 channels, at a rate of 0.02 "
    "with batch norm and of 0.01 without",
    "validation images are of the test set where there is one, and else those that the training set leaves",
    ONE_SPREAD,
)
PAPER_NETS = (*PAPER, OF_THE_TEST_SET, ONE_SPREAD)
GREY = (
    "0.3 grey levels are 0.3 of the 16 that digits have: 16 times the share of the range that they are of the 255 of "
    "CIFAR-10"
)
FROM_THE_FIRST = (
    "from the end of the first epoch: before it the ratio tells of the initial weights alone; an epoch is of 10 or 12 "
    "updates at the fast scale, and of 500 in the paper"
)


def within(runs: Runs, grey_levels: float) -> OfRange:
    """Another radius than the paper's, where the plan's stands for that."""
    assert runs.radius is not None
    return OfRange(runs.radius * (grey_levels / GREY_LEVELS))


def room(ratios: Samples) -> Samples:
    """The samples that are not critical: only among these more could be found, where the claim is that there are."""
    left = {condition: 1 - values for condition, values in ratios.values.items()}
    return replace(ratios, name=f"room above the {ratios.name}", values=left)


def levels_figure(runs: Runs) -> Figure:
    """The figure that shows levels of noise on the runs' data."""
    return FIGURE_8 if runs.first.data == "cifar10" else FIGURE_7
