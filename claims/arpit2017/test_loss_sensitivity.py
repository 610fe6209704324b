"""Of real data, training depends on a few examples; of noise, on all of them."""

from dataclasses import replace

import pytest

from harness.claim import Margin, claim
from harness.conditions import TRUE, gaussian_inputs, random_labels, unique_gaussian_inputs, unique_labels
from harness.judge import Judge
from harness.measures.loss_sensitivity.disparity import disparity, own_and_other, own_class_excess
from harness.papers import ARPIT2017
from harness.plan import Plan
from harness.runs import Runs
from harness.spec import Recipe, Record, RunSpec

CONDITIONS = {"real": TRUE, "randX": gaussian_inputs(), "randY": random_labels()}
UNIQUE = {"real": unique_labels(), "randX": unique_gaussian_inputs()}
SMALL = RunSpec(
    data="digits",
    subset=500,
    validation=100,
    model="mlp-2x16",
    recipe=Recipe(rate=0.1, momentum=0.0, batch=25, epochs=20),
    record=Record(every=4, weights="none"),
)
EACH_ITS_OWN = replace(
    SMALL,
    subset=200,
    recipe=Recipe(rate=0.2, momentum=0.0, batch=20, epochs=100),
    record=Record(every=20, weights="none"),
)
