"""Between true and random labels: some of the labels are redrawn."""

from claims.zhang2017.recipes import MLP, PAPER, REDUCED, paper
from harness.claim import Margin, claim
from harness.conditions import TRUE, random_labels
from harness.judge import Judge
from harness.papers import ZHANG2017
from harness.plan import Plan
from harness.runs import Runs

LEVELS = {"0 %": 0.0, "25 %": 0.25, "50 %": 0.5, "75 %": 0.75, "100 %": 1.0}
CONDITIONS = {name: random_labels(level) if level else TRUE for name, level in LEVELS.items()}
FULL = {"100 %": CONDITIONS["100 %"]}


@claim(
    id="Z09",
    part="rise",
    says="Test error rises with the share of labels that are random.",
    source=ZHANG2017.at("section 2.1, figure 1c"),
    kind="trend",
    refuted_by="a test error that rises by less than 30 points, on the whole, from true to random labels",
    margin=Margin(0.3, "less than half of the rise of the paper's best net, from 14 % to 90 %"),
    fast=Plan(base=MLP, conditions=CONDITIONS),
    fullscale=Plan(base=paper("inception", rate=0.1), conditions=CONDITIONS),
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_test_error_rises_with_corruption(runs: Runs, judge: Judge) -> None:
    """The more labels are random, the less is generalised, though all of them are fitted."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.trend(runs.final("validation_error", "test error"), LEVELS)


@claim(
    id="Z09",
    part="chance",
    says="With all labels random, test error is that of guessing.",
    source=ZHANG2017.at("section 2.1, figure 1c"),
    kind="same",
    refuted_by="a test error with all labels random that lies 5 points or more from that of guessing",
    margin=Margin(0.05, "half of chance with ten classes; the paper's curve ends at 90 %"),
    fast=Plan(base=MLP, conditions=FULL, seeds=20),
    fullscale=Plan(base=paper("inception", rate=0.1), conditions=FULL, seeds=20),
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_test_error_ends_at_chance(runs: Runs, judge: Judge) -> None:
    """At full corruption nothing is left to generalise; at reduced scale these are the runs of Z02."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    judge.same(runs.final("validation_error", "test error"), "100 %", 1 - runs.chance)
