"""What ReLU nets can express on a finite sample."""

import pytest

from memorization_claims import Cases, Generated, Judge, Margin, claim
from memorization_claims.measures.theorems import (
    deep_interpolation,
    interpolation,
    least_eigenvalue,
    triangularity,
)

from .paper import ZHANG2017

ROUNDING = Margin(1.0, "the bound on the rounding errors of the construction and its evaluation in double precision")
SAMPLE = Cases(options={"points": 200, "dimensions": 64, "closest": 1e-3})
FULL_SAMPLE = Cases(options={"points": 1000, "dimensions": 3072, "closest": 1e-3})
PROJECTION = "of several random projections, that which keeps the points furthest apart is taken"
BUMPS = "each layer's function vanishes outside its interval by itself, where the paper multiplies by an indicator"
WORST_POINT = "error at the worst point, in units of rounding"
LEMMA = ZHANG2017.at("lemma 1, appendix C")


@claim(
    id="Z18",
    says="A two-layer ReLU net with 2n + d weights takes any values on any n distinct points in d dimensions.",
    source=ZHANG2017.at("theorem 1, section 4 and appendix C"),
    kind="exact",
    refuted_by="points and values on which the net of the proof errs by more than rounding allows",
    margin=ROUNDING,
    fast=SAMPLE,
    fullscale=FULL_SAMPLE,
    departs=(PROJECTION,),
    departs_fullscale=(PROJECTION,),
)
def test_a_two_layer_net_takes_any_values(cases: Generated, judge: Judge) -> None:
    """The construction of the proof, carried out on points with near neighbours and at all scales."""
    judge.exact(*cases.errors(interpolation, WORST_POINT))


@claim(
    id="Z19",
    part="triangular",
    says="For interleaved b_1 < x_1 < ... < b_n < x_n, the matrix max(x_i - b_j, 0) is triangular and has full rank.",
    source=LEMMA,
    kind="exact",
    refuted_by="interleaved sequences with an entry above the diagonal, or of which no inverse is found",
    margin=Margin(0.5, "a residual |I - BA| below one proves that A has full rank; half of that is clear of one"),
    fast=Cases(options={"points": 200}),
    fullscale=Cases(options={"points": 1000}),
)
def test_interleaving_makes_a_triangle_of_full_rank(cases: Generated, judge: Judge) -> None:
    """Sequences with uneven gaps at all scales."""
    judge.exact(*cases.errors(triangularity, "entries above the diagonal, and the residual of the inverse"))


@claim(
    id="Z19",
    part="eigenvalue",
    says="The least eigenvalue of the matrix max(x_i - b_j, 0) of interleaved reals is the least x_i - b_i.",
    source=LEMMA,
    kind="exact",
    refuted_by="interleaved sequences of which a general solver finds another least eigenvalue",
    margin=Margin(1.0, "the rounding of a difference x_i - b_i"),
    fast=Cases(options={"points": 200}),
    fullscale=Cases(options={"points": 1000}),
)
def test_the_least_eigenvalue_is_the_least_gap(cases: Generated, judge: Judge) -> None:
    """A solver that is told nothing of the lemma."""
    judge.exact(*cases.errors(least_eigenvalue, "distance of the least eigenvalue from the least x_i - b_i"))


@claim(
    id="Z20",
    says="A ReLU net of depth k, width O(n / k) and O(n + d) weights takes any values on any n distinct points.",
    source=ZHANG2017.at("corollary 1, appendix C"),
    kind="exact",
    refuted_by="points and values on which a net of that size errs by more than rounding allows",
    margin=ROUNDING,
    fast=SAMPLE,
    fullscale=FULL_SAMPLE,
    departs=(PROJECTION, BUMPS),
    departs_fullscale=(PROJECTION, BUMPS),
)
@pytest.mark.parametrize("depth", [2, 5, 20], ids="depth-{}".format)
def test_depth_takes_the_place_of_width(cases: Generated, judge: Judge, depth: int) -> None:
    """Each layer is at most 2n / k + 5 wide, and all weights are at most 13n + d + 2."""
    judge.exact(*cases.errors(deep_interpolation, WORST_POINT, depth=depth))
