"""Points on a line: apart where they can be, merged where they are equal, and named where no net can take them."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.measures.constructions.line import line_up, project, projection_error
from memorization_claims.tests.expressivity_samples import digits, problem, rationals, samples, seeded


def test_projections_span_one_and_improve_with_draws() -> None:
    """The range is one, and the smallest gap of the best of 16 draws is on average over twice that of one draw."""
    points, _ = problem(50, 6, seed=8)
    least = {1: 0.0, 16: 0.0}
    for draws in least:
        for seed in range(20):
            direction, projections = project(points, generator=seeded(seed), draws=draws)
            torch.testing.assert_close(projections, points @ direction)
            assert float(projections.max() - projections.min()) == pytest.approx(1)
            least[draws] += float(projections.sort().values.diff().min())
    assert least[16] > 2 * least[1]


def test_digits_fall_together_on_every_axis_and_apart_on_the_line() -> None:
    """A pixel has 17 grey levels, so that on no axis 200 images are distinct; on the line all gaps are clear."""
    points, values = digits(200, seed=0)
    assert all(len(pixel.unique()) <= 17 for pixel in points.T)
    line = line_up(points, values, generator=None)
    assert float(line.projections.diff().min()) > 1e-6


def test_without_a_generator_the_line_is_always_the_same() -> None:
    """The same points lie on the same line at every call; another generator gives another."""
    points, values = problem(9, 3, seed=0)
    first, again = (line_up(points, values, generator=None) for _ in range(2))
    assert torch.equal(first.direction, again.direction)
    assert not torch.equal(first.direction, line_up(points, values, generator=seeded(1)).direction)


def test_points_are_ordered_with_their_values_and_merged() -> None:
    """Three points of which two are equal, as 0 and -0 are, lie at 0 and 1 with the values of each."""
    points = torch.tensor([[0.0, 1.0], [2.0, 1.0], [-0.0, 1.0]])
    line = line_up(points, torch.tensor([1, 2, 1]), generator=seeded(0))
    along = (points.double() @ line.direction)[:2]
    torch.testing.assert_close(line.projections, along.sort().values)
    assert line.values.tolist() == (torch.tensor([1, 2])[along.argsort()]).tolist()
    assert float(line.projections[0] + line.offset) == pytest.approx(1)


@given(n=st.integers(1, 9), d=st.integers(1, 70), seed=st.integers(0, 2**31), offset=st.floats(-1e6, 1e6))
def test_rational_arithmetic_confirms_the_error_of_projections(n: int, d: int, seed: int, offset: float) -> None:
    """The computed <a, x> + offset is as near to the exact one as the bound says."""
    points, _ = problem(n, d, seed)
    direction = torch.randn(d, dtype=torch.float64, generator=seeded(seed + 1))
    shift = torch.tensor(offset, dtype=torch.float64)
    computed = rationals(points @ direction + shift)
    for point, found, bound in zip(points, computed, projection_error(points, direction, shift), strict=True):
        exact = sum(a * x for a, x in zip(rationals(direction), rationals(point), strict=True))
        assert abs(found - exact - rationals(shift.reshape(1))[0]) <= rationals(bound.reshape(1))[0]


@given(exponent=st.integers(0, 30), seed=st.integers(0, 2**31))
def test_a_shared_offset_leaves_gaps_that_rounding_cannot_close(exponent: int, seed: int) -> None:
    """Up to an offset of 2^30 standard deviations, four points are further apart than their errors together."""
    points, values = problem(4, 3, seed)
    moved = points + 2.0**exponent
    line = line_up(moved, values, generator=None)
    errors = projection_error(moved, line.direction, line.offset)
    assert float(line.projections.diff().min()) > 2 * float(errors.max())


@pytest.mark.parametrize("exponent", [48, 60, 1000])
def test_a_shared_offset_too_large_is_named(exponent: int) -> None:
    """What is left of the differences is too little, or nothing; the message says what to do."""
    points, values = problem(50, 3, seed=0)
    reason = r"take off an offset that all points share|are equal but have the values"
    with pytest.raises(SettingError, match=reason):
        line_up(points + 2.0**exponent, values, generator=None)


@given(sample=samples(), data=st.data())
def test_equal_points_with_different_values_are_named(sample: tuple[Tensor, Tensor], data: st.DataObject) -> None:
    """Whichever point comes again with another value, at any scale, the message says which two those are."""
    points, values = sample
    again = data.draw(st.integers(0, len(points) - 1))
    first = points.tolist().index(points[again].tolist())
    doubled, other = torch.cat([points, points[[again]]]), torch.cat([values, 1 + 2 * values[[again]]])
    with pytest.raises(SettingError, match=rf"^points {first} and {len(points)} are equal but have the values"):
        line_up(doubled, other, generator=None)


@pytest.mark.parametrize(
    ("points", "values", "message"),
    [
        ([[0.0], [1.0], [0.0]], [1.0, 2.0, 3.0], r"points 0 and 2 are equal but have the values 1 and 3: no function"),
        ([[9.0], [1.0], [1.0 + 2**-52], [9.0]], [1.0, 2.0, 3.0, 1.0], r"points 1 and 2 differ but are too close"),
        ([[0.0], [1.0]], [1.0], r"points of shape \(2, 1\) and values of shape \(1,\): need \(n, d\) and \(n,\)"),
        ([[0.0], [float("nan")]], [1.0, 2.0], r"points or values are not finite: leave those out"),
    ],
)
def test_what_no_net_can_take_is_named(points: list[list[float]], values: list[float], message: str) -> None:
    """Each message names the points and the reason."""
    with pytest.raises(SettingError, match=message):
        line_up(torch.tensor(points, dtype=torch.float64), torch.tensor(values), generator=seeded(0))
