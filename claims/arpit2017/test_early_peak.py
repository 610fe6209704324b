"""With some labels random, a net generalises before it memorises."""

from dataclasses import replace

from claims.arpit2017.recipes import MLP, PAPER, PAPER_CNN, REDUCED
from harness.claim import Margin, claim
from harness.conditions import random_labels
from harness.judge import Judge
from harness.measures.early_peak import early_peak
from harness.papers import ARPIT2017
from harness.plan import Plan
from harness.runs import Runs
from harness.spec import Recipe, Record

CONDITIONS = {"randY 40 %": random_labels(0.4)}
UNTIL_FITTED = Recipe(rate=0.02, batch=50, epochs=200, stop_accuracy=1.0)


@claim(
    id="A21",
    says="With part of the labels random, validation accuracy peaks before the training set is fitted, and falls then.",
    source=ARPIT2017.at("section 4.2, figures 7b and 8b"),
    kind="above",
    refuted_by="a validation accuracy at the fit that is less than 5 points below its peak",
    margin=Margin(0.05, "5 points: what stopping early would have to gain to be worth a validation set"),
    fast=Plan(
        base=replace(MLP, subset=1000, validation=600, recipe=UNTIL_FITTED, record=Record(weights="none")),
        conditions=CONDITIONS,
    ),
    fullscale=Plan(
        base=replace(PAPER_CNN, validation=None, record=Record(weights="none")),
        conditions=CONDITIONS,
    ),
    departs=REDUCED,
    departs_fullscale=PAPER,
)
def test_accuracy_peaks_before_the_fit(runs: Runs, judge: Judge) -> None:
    """The peak is found on one half of the validation set and read off the other, so that luck does not make one."""
    judge.given(runs.final("train_accuracy"), at_least=0.99)
    peak, end = early_peak(
        runs.trace("randY 40 %", "validation_accuracy_even"), runs.trace("randY 40 %", "validation_accuracy_odd")
    )
    judge.above(runs.samples("validation accuracy", {"peak": peak, "fit": end}), "peak", "fit")
