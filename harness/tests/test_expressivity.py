"""The construction of Theorem 1: exact arithmetic says what it takes on the points, and wrong ones fail by far."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from harness.errors import SettingError
from harness.measures import expressivity
from harness.measures.expressivity import Interpolant, error_bound, hinge_matrix, interleave, interpolate, project


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _problem(n: int, d: int, seed: int) -> tuple[Tensor, Tensor]:
    generator = _seeded(seed)
    points = torch.randn(n, d, dtype=torch.float64, generator=generator)
    return points, torch.randint(10, (n,), generator=generator).double()


def _errors(net: Interpolant, points: Tensor, values: Tensor) -> Tensor:
    with torch.no_grad():
        errors: Tensor = (net(points) - values).abs()
        return errors


def _exactly(net: Interpolant, point: list[float]) -> Fraction:
    """The value of the net at a point in rational arithmetic."""
    direction, biases, weights = (map(Fraction, part.tolist()) for part in net.parameters())
    along = sum((a * Fraction(x) for a, x in zip(direction, point, strict=True)), Fraction(0))
    return sum((w * max(along - b, Fraction(0)) for b, w in zip(biases, weights, strict=True)), Fraction(0))


@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 5), (2, 1), (40, 3), (1000, 64)])
def test_2n_plus_d_weights_take_any_values(n: int, d: int) -> None:
    """The net has exactly 2n + d parameters and takes random labels on n random points."""
    points, labels = _problem(n, d, seed=n)
    net = interpolate(points, labels, generator=_seeded(1))
    assert sum(parameter.numel() for parameter in net.parameters()) == 2 * n + d
    bound = error_bound(net, points)
    assert (_errors(net, points, labels) <= bound).all()
    assert bound.max() < 0.01


def test_a_worked_example() -> None:
    """Through (0, 1), (2, 4) and (4, 3) with biases -1, 1, 3 the weights are 1, 1, and -5 in exact steps."""
    projections = torch.tensor([0.0, 2.0, 4.0])
    biases = interleave(projections)
    assert biases.tolist() == [-1, 1, 3]
    assert hinge_matrix(projections, biases).tolist() == [[1, 0, 0], [3, 1, 0], [5, 3, 1]]
    net = Interpolant(torch.tensor([1.0]).double(), biases.double(), torch.tensor([1.0, 1.0, -5.0]).double())
    assert net(torch.tensor([[0.0], [2.0], [4.0], [-7.0]])).tolist() == [1, 4, 3, 0]


@settings(max_examples=50)
@given(steps=st.lists(st.integers(1, 1000), min_size=1, max_size=8), start=st.integers(-1000, 1000))
def test_lemma_1(steps: list[int], start: int) -> None:
    """Interleaved, A is lower triangular of full rank, its eigenvalues are x_i - b_i, and the least is their least."""
    projections = start + torch.tensor(steps, dtype=torch.float64).cumsum(0)
    biases = interleave(projections)
    merged = torch.stack([biases, projections], dim=1).flatten()
    assert (merged.diff() > 0).all()
    matrix = hinge_matrix(projections, biases)
    assert torch.equal(matrix, matrix.tril())
    assert torch.equal(matrix.diag(), projections - biases)
    assert torch.linalg.eigvals(matrix).real.min().item() == pytest.approx(float((projections - biases).min()))


@st.composite
def _samples(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Points at any scale, some of them near ties and some repeated with the same value."""
    n, d = draw(st.integers(1, 12)), draw(st.integers(1, 5))
    points, values = _problem(n, d, seed=draw(st.integers(0, 2**31)))
    if draw(st.booleans()):
        nearly = points[0] + 2.0 ** draw(st.integers(-24, -1))
        points, values = torch.cat([points, nearly.unsqueeze(0)]), torch.cat([values, 9 - values[:1]])
    repeated = draw(st.lists(st.integers(0, n - 1), max_size=3))
    chosen = torch.tensor([*range(len(points)), *repeated])
    offset = draw(st.sampled_from([0.0, 1.0, 100.0]))
    scales = 2.0 ** draw(st.integers(-60, 60)), 2.0 ** draw(st.integers(-60, 60))
    return (points[chosen] + offset) * scales[0], values[chosen] * scales[1]


@settings(max_examples=100, deadline=None)
@given(sample=_samples(), seed=st.integers(0, 2**31))
def test_exact_arithmetic_confirms_the_values_and_the_bound(sample: tuple[Tensor, Tensor], seed: int) -> None:
    """Evaluated in rationals and in float64, the net is within its bound of every value, which is tight enough."""
    points, values = sample
    net = interpolate(points, values, generator=_seeded(seed))
    bound = error_bound(net, points)
    assert (_errors(net, points, values) <= bound).all()
    for point, value, allowed in zip(points.tolist(), values.tolist(), bound.tolist(), strict=True):
        assert abs(_exactly(net, point) - Fraction(value)) <= Fraction(allowed)
    assert bound.max() <= 1e-2 * values.abs().max()


def _shuffled(projections: Tensor) -> Tensor:
    return interleave(projections)[torch.randperm(len(projections), generator=_seeded(3))]


def _late(projections: Tensor) -> Tensor:
    """The interleaving the other way: every bias behind its projection."""
    return -interleave(-projections.flip(0)).flip(0)


def _on_top(projections: Tensor) -> Tensor:
    return projections.clone()


@pytest.mark.parametrize("wrong", [_shuffled, _late, _on_top])
def test_without_interleaving_the_bound_is_missed(monkeypatch: pytest.MonkeyPatch, wrong: object) -> None:
    """With biases in the wrong places most errors exceed the bound a thousandfold, or no bound exists."""
    points, labels = _problem(60, 8, seed=5)
    monkeypatch.setattr(expressivity, "interleave", wrong)
    net = interpolate(points, labels, generator=_seeded(1))
    assert not (_errors(net, points, labels) <= 1000 * error_bound(net, points)).any()


def test_other_labels_and_exchanged_weights_miss_the_bound_by_far() -> None:
    """The labels of other points, or two weights of a correct net exchanged, exceed it a thousandfold."""
    points, labels = _problem(200, 8, seed=6)
    net = interpolate(points, labels, generator=_seeded(1))
    bound = error_bound(net, points)
    assert (_errors(net, points, labels.roll(1)) > 1e3 * bound).double().mean() > 0.8
    swapped = net.weights.detach().clone()
    swapped[[50, 51]] = swapped[[51, 50]]
    other = Interpolant(net.direction.detach(), net.biases.detach(), swapped)
    assert (_errors(other, points, labels) > 1e3 * error_bound(other, points)).double().mean() > 0.5


def test_the_bound_holds_in_any_order_and_for_some_of_the_points() -> None:
    """It belongs to the point, not to its place."""
    points, labels = _problem(30, 4, seed=7)
    net = interpolate(points, labels, generator=_seeded(1))
    some = torch.tensor([7, 3, 29, 3])
    torch.testing.assert_close(error_bound(net, points[some]), error_bound(net, points)[some], rtol=1e-6, atol=0)


def test_projections_span_one_and_improve_with_draws() -> None:
    """The range is one, and the smallest gap of the best of 16 draws is on average over twice that of one draw."""
    points, _ = _problem(50, 6, seed=8)
    least = {1: 0.0, 16: 0.0}
    for draws in least:
        for seed in range(20):
            direction, projections = project(points, generator=_seeded(seed), draws=draws)
            torch.testing.assert_close(projections, points @ direction)
            assert float(projections.max() - projections.min()) == pytest.approx(1)
            least[draws] += float(projections.sort().values.diff().min())
    assert least[16] > 2 * least[1]


def test_equal_points_are_merged_if_their_values_agree() -> None:
    """Three points of which two are equal, as 0 and -0 are, need two hinges."""
    points, values = torch.tensor([[0.0, 1.0], [2.0, 1.0], [-0.0, 1.0]]), torch.tensor([1, 2, 1])
    net = interpolate(points, values, generator=_seeded(0))
    assert len(net.weights) == 2
    assert (_errors(net, points, values) <= error_bound(net, points)).all()


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
        interpolate(torch.tensor(points, dtype=torch.float64), torch.tensor(values), generator=_seeded(0))
