"""What SGD does to a linear model with more weights than examples."""

import pytest

from memorization_claims import Cases, Finding, Generated, Judge, Margin, claim
from memorization_claims.measures.theorems import degeneracy, least_squares, same_curvature

from .paper import ZHANG2017

SGD = {"rate": 1.0, "epochs": 500, "batch": 2}
CURVED = {
    "fast": {
        "scalar": Cases(options={"points": 30, "dimensions": 64, "width": 64}),
        "vector": Cases(options={"points": 12, "dimensions": 64, "width": 24, "outputs": 3}),
    },
    "fullscale": {
        "scalar": Cases(options={"points": 400, "dimensions": 784, "width": 1000}),
        "vector": Cases(options={"points": 120, "dimensions": 784, "width": 300, "outputs": 3}),
    },
}
"""About as many weights with vectors as with scalars."""
CURVATURE = Margin(1.0, "a bound from the features and the targets, for differentiation in double precision")


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


@claim(
    id="Z23",
    part="same",
    says="The risk of a linear model has the same Hessian at all global minima.",
    source=ZHANG2017.at("section 5"),
    kind="exact",
    refuted_by="two sets of weights that interpolate, with Hessians that differ by more than rounding allows",
    margin=CURVATURE,
    fast=CURVED["fast"],
    fullscale=CURVED["fullscale"],
)
def test_curvature_does_not_tell_minima_apart(cases: Generated, judge: Judge) -> None:
    """A loss whose curvature depends on the output, a number or a vector, differentiated automatically."""
    judge.exact(*cases.errors(same_curvature, "relative difference of Hessians between minima"))


@claim(
    id="Z23",
    part="degenerate",
    says="The Hessian of a linear model with more weights than examples is degenerate at all global minima.",
    source=ZHANG2017.at("section 5"),
    kind="exact",
    refuted_by="weights that interpolate, with more eigenvalues that are not zero than rounding can explain",
    margin=CURVATURE,
    fast=CURVED["fast"],
    fullscale=CURVED["fullscale"],
    findings=(
        Finding(
            "Z23[degenerate-vector]",
            "generated",
            "of some cases an eigenvalue that is not zero is as small as rounding, where probabilities are near 1",
            verdict="undecided",
        ),
    ),
)
def test_curvature_is_degenerate_at_minima(cases: Generated, judge: Judge) -> None:
    """All eigenvalues but the n largest are zero, or with vectors of k logits but the n (k - 1) largest."""
    judge.exact(*cases.errors(degeneracy, "relative size of eigenvalues that should be zero"))
