"""What SGD does to a linear model with more weights than examples."""

import pytest

from harness.claim import Margin, claim
from harness.generated import Generated
from harness.judge import Judge
from harness.measures.theorems import least_squares
from harness.papers import ZHANG2017
from harness.plan import Cases

SGD = {"rate": 1.0, "epochs": 500, "batch": 2}


@claim(
    id="Z22",
    says=(
        "SGD from zero on a linear model with more weights than examples stays in the span of the examples, and ends "
        "at the interpolating solution of least norm, which is that of the kernel equation."
    ),
    source=ZHANG2017.at("section 5, equation 3"),
    kind="exact",
    refuted_by="a case that interpolates and differs from that solution by more than the residual and rounding allow",
    margin=Margin(1.0, "a bound from the residual that SGD left, the conditioning and rounding in double precision"),
    fast=Cases(options={"points": 60, "dimensions": 64, "width": 512, **SGD}),
    fullscale=Cases(options={"points": 400, "dimensions": 784, "width": 8000, **SGD}),
)
@pytest.mark.parametrize("against", ["row-span", "minimum-norm", "kernel"])
def test_sgd_ends_at_the_minimum_norm_solution(cases: Generated, judge: Judge, against: str) -> None:
    """Random labels, random features: the solution that SGD finds is told beforehand."""
    judge.exact(*cases.errors(least_squares, f"distance from the {against} solution", against=against))
