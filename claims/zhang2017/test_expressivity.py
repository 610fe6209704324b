"""What two-layer nets can express."""

from harness.claim import Margin, claim
from harness.generated import Generated
from harness.judge import Judge
from harness.measures.theorems import interpolation
from harness.papers import ZHANG2017
from harness.plan import Cases


@claim(
    id="Z18",
    says="A two-layer ReLU net with 2n + d weights takes any values on any n distinct points in d dimensions.",
    source=ZHANG2017.at("theorem 1, section 4 and appendix C"),
    kind="exact",
    refuted_by="points and values on which the net of the proof errs by more than rounding allows",
    margin=Margin(1.0, "the bound on the rounding errors of the construction and its evaluation in double precision"),
    fast=Cases(options={"points": 200, "dimensions": 64, "closest": 1e-3}),
    fullscale=Cases(options={"points": 1000, "dimensions": 3072, "closest": 1e-3}),
    departs=("of several random projections, that which keeps the points furthest apart is taken",),
    departs_fullscale=("of several random projections, that which keeps the points furthest apart is taken",),
)
def test_a_two_layer_net_takes_any_values(cases: Generated, judge: Judge) -> None:
    """The construction of the proof, carried out on points with near neighbours and at all scales."""
    judge.exact(*cases.errors(interpolation, "error at the worst point, in units of rounding"))
