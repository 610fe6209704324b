"""The construction of Theorem 1: exact arithmetic says what it takes on the points, and wrong ones fail by far."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.measures.constructions import Interpolant, error_bound, interpolate, two_layers
from memorization_claims.measures.constructions.two_layers import hinge_matrix, interleave
from memorization_claims.tests.expressivity_samples import digits, errors, problem, rationals, samples, seeded


def _exactly(net: Interpolant, point: Tensor) -> Fraction:
    """The value of the net at a point in rational arithmetic."""
    direction, biases, weights = map(rationals, net.parameters())
    along = sum((a * x for a, x in zip(direction, rationals(point), strict=True)), Fraction(0))
    return sum((w * max(along - b, Fraction(0)) for b, w in zip(biases, weights, strict=True)), Fraction(0))


@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 5), (2, 1), (40, 3), (1000, 64)])
def test_2n_plus_d_weights_take_any_values(n: int, d: int) -> None:
    """The net has exactly 2n + d parameters, in float64, and takes random labels on n random points."""
    points, labels = problem(n, d, seed=n)
    net = interpolate(points, labels)
    assert isinstance(net, torch.nn.Module)
    assert {parameter.dtype for parameter in net.parameters()} == {torch.float64}
    assert sum(parameter.numel() for parameter in net.parameters()) == 2 * n + d
    bound = error_bound(net, points)
    assert (errors(net, points, labels) <= bound).all()
    assert bound.max() < 1e-3


def test_a_worked_example() -> None:
    """Through (0, 1), (2, 4) and (4, 3) with biases -1, 1, 3 the weights are 1, 1, and -5 in exact steps."""
    projections = torch.tensor([0.0, 2.0, 4.0])
    biases = interleave(projections, 0.5)
    assert biases.tolist() == [-1, 1, 3]
    assert interleave(projections, torch.tensor([0.5, 0.25, 0.75])).tolist() == [-1, 1.5, 2.5]
    assert hinge_matrix(projections, biases).tolist() == [[1, 0, 0], [3, 1, 0], [5, 3, 1]]
    net = Interpolant(torch.tensor([1.0]).double(), biases.double(), torch.tensor([1.0, 1.0, -5.0]).double())
    assert net(torch.tensor([[0.0], [2.0], [4.0], [-7.0]])).tolist() == [1, 4, 3, 0]


@settings(max_examples=100, deadline=None)
@given(sample=samples(), seed=st.integers(0, 2**31))
def test_exact_arithmetic_confirms_the_values_and_the_bound(sample: tuple[Tensor, Tensor], seed: int) -> None:
    """Evaluated in rationals and in float64, the net is within its bound of every value, which is tight enough."""
    points, values = sample
    net = interpolate(points, values, generator=seeded(seed))
    bound = error_bound(net, points)
    assert (errors(net, points, values) <= bound).all()
    for point, value, allowed in zip(points, rationals(values), rationals(bound), strict=True):
        assert abs(_exactly(net, point) - value) <= allowed
    assert bound.max() <= 1e-2 * values.abs().max()


@pytest.mark.parametrize("seed", range(3))
def test_on_digits_double_precision_is_needed(seed: int) -> None:
    """In float64, 1000 digits are within 1e-6 of their labels; in float32, 200 are off by 1e-3, and 1000 by a half."""
    points, labels = digits(1000, seed)
    net = interpolate(points, labels)
    found = errors(net, points, labels)
    assert found.max() < 1e-6
    assert (found <= error_bound(net, points)).all()
    assert errors(net.float(), points, labels).max() > 0.5
    few = interpolate(points[:200], labels[:200])
    assert errors(few, points[:200], labels[:200]).max() < 1e-9
    assert errors(few.float(), points[:200], labels[:200]).max() > 1e-3


def _shuffled(projections: Tensor) -> Tensor:
    return interleave(projections)[torch.randperm(len(projections), generator=seeded(3))]


def _late(projections: Tensor) -> Tensor:
    """The interleaving the other way: every bias behind its projection."""
    return -interleave(-projections.flip(0)).flip(0)


def _on_top(projections: Tensor) -> Tensor:
    return projections.clone()


@pytest.mark.parametrize("wrong", [_shuffled, _late, _on_top])
def test_without_interleaving_the_bound_is_missed(monkeypatch: pytest.MonkeyPatch, wrong: object) -> None:
    """With biases in the wrong places most errors exceed the bound a thousandfold, or no bound exists."""
    points, labels = problem(60, 8, seed=5)
    monkeypatch.setattr(two_layers, "interleave", wrong)
    net = interpolate(points, labels, generator=seeded(1))
    assert not (errors(net, points, labels) <= 1000 * error_bound(net, points)).any()


def test_other_labels_and_exchanged_weights_miss_the_bound_by_far() -> None:
    """The labels of other points, or two weights of a correct net exchanged, exceed it a thousandfold."""
    points, labels = problem(200, 8, seed=6)
    net = interpolate(points, labels, generator=seeded(1))
    bound = error_bound(net, points)
    assert (errors(net, points, labels.roll(1)) > 1e3 * bound).double().mean() > 0.8
    swapped = net.weights.detach().clone()
    swapped[[50, 51]] = swapped[[51, 50]]
    other = Interpolant(net.direction.detach(), net.biases.detach(), swapped)
    assert (errors(other, points, labels) > 1e3 * error_bound(other, points)).double().mean() > 0.5


def test_the_bound_holds_in_any_order_and_for_some_of_the_points() -> None:
    """It belongs to the point, not to its place."""
    points, labels = problem(30, 4, seed=7)
    net = interpolate(points, labels, generator=seeded(1))
    some = torch.tensor([7, 3, 29, 3])
    torch.testing.assert_close(error_bound(net, points[some]), error_bound(net, points)[some], rtol=1e-6, atol=0)


def test_equal_points_are_merged_if_their_values_agree() -> None:
    """Three points of which two are equal need two hinges."""
    points, values = torch.tensor([[0.0, 1.0], [2.0, 1.0], [0.0, 1.0]]), torch.tensor([1, 2, 1])
    net = interpolate(points, values)
    assert len(net.weights) == 2
    assert (errors(net, points, values) <= error_bound(net, points)).all()
