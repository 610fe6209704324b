"""Nets trained on noise have denser decision boundaries around real images."""

import pytest

from claims.arpit2017.recipes import MLP, PAPER, PAPER_CNN, REDUCED
from harness.claim import Margin, claim
from harness.conditions import TRUE, gaussian_inputs, random_labels
from harness.judge import Judge
from harness.measurement import GreyLevels
from harness.measures.critical_samples import critical_sample_ratio
from harness.papers import ARPIT2017
from harness.plan import Plan
from harness.runs import Runs

CONDITIONS = {"real": TRUE, "randX": gaussian_inputs(), "randY": random_labels()}
RADIUS = GreyLevels(0.3)


@claim(
    id="A16",
    says="After training on noise, more validation images have another prediction close by than after real data.",
    source=ARPIT2017.at("section 4.2, figure 9"),
    kind="above",
    refuted_by="a critical sample ratio after noise that exceeds that after real data by less than 10 points",
    margin=Margin(0.1, "one image in ten: less would not show in the paper's figure"),
    fast=Plan(base=MLP, conditions=CONDITIONS),
    fullscale=Plan(base=PAPER_CNN, conditions=CONDITIONS),
    departs=(
        *REDUCED,
        "0.3 grey levels are 0.3 of the 16 that digits have: 16 times the share of the range that they are of 255",
    ),
    departs_fullscale=PAPER,
)
@pytest.mark.parametrize("noise", ["randX", "randY"])
def test_noise_makes_more_critical_samples(runs: Runs, judge: Judge, noise: str) -> None:
    """The critical sample ratio, from below, by Langevin search within 0.3 grey levels."""
    judge.given(runs.final("train_accuracy"), "real", noise, at_least=0.99)
    judge.above(runs.measure(critical_sample_ratio, "critical sample ratio", radius=RADIUS), noise, "real")
