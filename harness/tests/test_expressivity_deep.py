"""The construction of Corollary 1: its size to the last weight, its values in exact arithmetic, and what breaks it."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.measures.constructions import (
    DeepInterpolant,
    deep,
    deep_error_bound,
    interpolate,
    interpolate_deep,
)
from memorization_claims.measures.constructions.deep import SparseLinear, bump
from memorization_claims.tests.expressivity_samples import digits, errors, problem, rationals, samples, seeded


def _exactly(net: DeepInterpolant, point: Tensor) -> Fraction:
    """The value of the net at a point in rational arithmetic, edge by edge."""
    (offset,) = rationals(net.projection.bias)
    direction = rationals(net.projection.weight[0])
    units = [offset + sum(a * x for a, x in zip(direction, rationals(point), strict=True))]
    for layer in net.linear():
        before = units if layer is net.layers[0] else [max(unit, Fraction(0)) for unit in units]
        units = rationals(layer.biases)
        for start, end, weight in zip(*layer.get_buffer("edges").tolist(), rationals(layer.weights), strict=True):
            units[end] += weight * before[start]
    (value,) = units
    return value


def _dense(net: DeepInterpolant) -> torch.nn.Sequential:
    """The same as an ordinary net of full matrices, with zeros where there is no edge."""
    parts: list[torch.nn.Module] = [net.projection]
    width = 1
    for layer in net.linear():
        full = torch.nn.Linear(width, len(layer.biases), dtype=torch.float64)
        matrix = torch.zeros(len(layer.biases), width, dtype=torch.float64)
        start, end = layer.get_buffer("edges")
        assert len(set(zip(start.tolist(), end.tolist(), strict=True))) == len(start)
        matrix[end, start] = layer.weights.detach()
        full.weight, full.bias = torch.nn.Parameter(matrix), layer.biases
        parts += [full, torch.nn.ReLU()]
        width = len(layer.biases)
    return torch.nn.Sequential(*parts[:-1])


@pytest.mark.parametrize(("n", "d", "depth"), [(1, 1, 2), (2, 5, 3), (40, 3, 2), (40, 3, 41), (200, 64, 20), (7, 2, 5)])
def test_size_and_depth(n: int, d: int, depth: int) -> None:
    """A net of depth k has k - 1 hidden layers, each 4 wider than its block, and 3n + 10 (k - 1) + d + 2 parameters."""
    points, labels = problem(n, d, seed=n)
    net = interpolate_deep(points, labels, depth=depth)
    assert isinstance(net, torch.nn.Module)
    assert {parameter.dtype for parameter in net.parameters()} == {torch.float64}
    blocks = [len(block) for block in torch.arange(n).tensor_split(depth - 1)]
    assert net.widths == [block + 4 for block in blocks]
    assert max(net.widths) <= 2 * n / depth + 5
    weights = sum(parameter.numel() for parameter in net.parameters())
    assert weights == 3 * n + 10 * (depth - 1) + d + 2 <= 13 * n + d + 2
    assert [type(layer) for layer in net.layers] == [SparseLinear, torch.nn.ReLU] * (depth - 1) + [SparseLinear]
    assert (errors(net, points, labels) <= deep_error_bound(net, points)).all()


@pytest.mark.parametrize("depth", [2, 3, 6, 31])
def test_it_is_an_ordinary_feed_forward_net(depth: int) -> None:
    """As full matrices one behind the other it gives the same, on the points and off them."""
    points, labels = problem(30, 4, seed=1)
    net = interpolate_deep(points, labels, depth=depth)
    elsewhere = torch.cat([points, problem(50, 4, seed=2)[0]])
    torch.testing.assert_close(net(elsewhere), _dense(net)(elsewhere).squeeze(1), rtol=1e-9, atol=1e-9)


@settings(max_examples=100, deadline=None)
@given(sample=samples(), seed=st.integers(0, 2**31), share=st.floats(0, 1))
def test_exact_arithmetic_confirms_the_values_and_the_bound(
    sample: tuple[Tensor, Tensor], seed: int, share: float
) -> None:
    """At any depth, in rationals and in float64, the net is within its bound of every value, which is tight enough."""
    points, values = sample
    depth = 2 + round(share * (len({tuple(point) for point in points.tolist()}) - 1))
    net = interpolate_deep(points, values, depth=depth, generator=seeded(seed))
    bound = deep_error_bound(net, points)
    assert (errors(net, points, values) <= bound).all()
    for point, value, allowed in zip(points, rationals(values), rationals(bound), strict=True):
        assert abs(_exactly(net, point) - value) <= allowed
    assert bound.max() <= 1e-2 * values.abs().max()


@pytest.mark.parametrize("depth", [2, 30, 1001])
def test_a_thousand_digits_in_double_precision(depth: int) -> None:
    """Within 1e-6 of random labels, from one hidden layer to one for each digit; in float32, off by 1e-2."""
    points, labels = digits(1000, seed=0)
    net = interpolate_deep(points, labels, depth=depth)
    found = errors(net, points, labels)
    assert found.max() < 1e-6
    assert (found <= deep_error_bound(net, points)).all()
    assert errors(net.float(), points, labels).max() > 1e-2


def test_a_worked_example() -> None:
    """From (0, 0) through (1, 2) and (2, 6) to (4, 0) the slopes are 2, 4, -3, and the weights their differences."""
    knots, heights = torch.tensor([0.0, 1.0, 2.0, 4.0]), torch.tensor([2.0, 6.0])
    weights = bump(knots, heights)
    assert weights.tolist() == [2, 2, -7, 3]
    along = torch.tensor([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 9.0])
    assert ((along.unsqueeze(1) - knots).relu() @ weights).tolist() == [0, 0, 1, 2, 6, 3, 0, 0]


@given(steps=st.lists(st.integers(1, 9), min_size=3, max_size=9), seed=st.integers(0, 2**31))
def test_a_bump_is_linear_interpolation_between_zeros(steps: list[int], seed: int) -> None:
    """Everywhere between and beyond its knots."""
    knots = torch.tensor(steps, dtype=torch.float64).cumsum(0)
    heights = torch.randn(len(steps) - 2, dtype=torch.float64, generator=seeded(seed))
    zero = torch.zeros(1, dtype=torch.float64)
    corners = torch.cat([zero, heights, zero])
    along = torch.linspace(-1, float(knots[-1]) + 2, 50, dtype=torch.float64)
    after = torch.searchsorted(knots, along).clamp(1, len(knots) - 1)
    part = ((along - knots[after - 1]) / (knots[after] - knots[after - 1])).clamp(0, 1)
    expected = torch.lerp(corners[after - 1], corners[after], part)
    found = (along.unsqueeze(1) - knots).relu() @ bump(knots, heights)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-10)


def test_a_net_of_two_layers_takes_the_values_of_theorem_1() -> None:
    """At depth two, and at any other, it agrees with the net of Theorem 1 on the points and not between them."""
    points, labels = problem(50, 5, seed=3)
    shallow = interpolate(points, labels)
    for depth in (2, 10):
        net = interpolate_deep(points, labels, depth=depth)
        torch.testing.assert_close(net(points), shallow(points), rtol=0, atol=1e-6)
        elsewhere = problem(50, 5, seed=4)[0]
        assert (net(elsewhere) - shallow(elsewhere)).abs().max() > 1


def test_other_labels_and_a_missing_hinge_miss_the_bound_by_far() -> None:
    """The labels of other points, or a weight of zero in the midst of a layer, exceed it a thousandfold."""
    points, labels = problem(200, 8, seed=6)
    net = interpolate_deep(points, labels, depth=5)
    bound = deep_error_bound(net, points)
    assert (errors(net, points, labels.roll(1)) > 1e3 * bound).double().mean() > 0.8
    with torch.no_grad():
        net.hinges()[1][1][20] = 0
    assert (errors(net, points, labels) > 1e3 * deep_error_bound(net, points)).double().mean() > 0.4


def test_a_bump_that_stays_open_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A last hinge forgotten spoils all points of later blocks, and none of the first."""
    points, labels = problem(60, 8, seed=5)
    labels = labels + 1
    monkeypatch.setattr(deep, "bump", lambda *line: torch.cat([bump(*line)[:-1], torch.zeros(1).double()]))
    net = interpolate_deep(points, labels, depth=4)
    wrong = errors(net, points, labels) > 1000 * deep_error_bound(net, points)
    along = (points @ net.projection.weight[0]).argsort()
    assert wrong[along[20:]].double().mean() > 0.9
    assert not wrong[along[:20]].any()


@pytest.mark.parametrize("depth", [1, 5, -2])
def test_a_depth_out_of_range_is_named(depth: int) -> None:
    """The message says what n distinct points allow."""
    points = torch.tensor([[0.0], [1.0], [3.0], [1.0]])
    with pytest.raises(SettingError, match=rf"^depth is {depth}: from 2 to 4 for 3 distinct points$"):
        interpolate_deep(points, torch.tensor([1, 2, 3, 2]), depth=depth)
