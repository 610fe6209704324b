"""Agreement of gradients: closed forms, all pairs one by one, and what cannot change it."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.measures.nets.agreement import (
    agreement,
    class_excess,
    direction_agreement,
    mean_gradient_length,
)

Measure = Callable[[Tensor], Tensor]
MEASURES = [agreement, direction_agreement]


def _draw(examples: int, parameters: int, seed: int) -> Tensor:
    return torch.randn(examples, parameters, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def _of(measure: Measure, gradients: Tensor) -> Tensor:
    """The measure of one net from its gradients, (examples, parameters)."""
    return measure((gradients @ gradients.T)[None])[0]


def _cosine(one: list[float], other: list[float]) -> float:
    dot = math.fsum(a * b for a, b in zip(one, other, strict=True))
    return dot / (math.hypot(*one) * math.hypot(*other))


@pytest.mark.parametrize("measure", MEASURES)
def test_orthogonal_equal_and_opposite_gradients(measure: Measure) -> None:
    """One over the root of their number, one, and zero; in float64 whatever the gradients are in."""
    assert _of(measure, 3 * torch.eye(16)).item() == pytest.approx(0.25)
    assert _of(measure, torch.ones(5, 7)).item() == pytest.approx(1)
    assert _of(measure, torch.tensor([[2.0, 1.0], [-2.0, -1.0]])).item() == 0
    assert _of(measure, torch.ones(5, 7)).dtype == torch.float64


def test_a_long_gradient_counts_by_its_length_or_not() -> None:
    """Lengths 3 and 1 at a right angle: sqrt(10)/2 over 2; as directions, 1/sqrt 2."""
    gradients = torch.tensor([[3.0, 0.0], [0.0, 1.0]])
    assert _of(agreement, gradients).item() == pytest.approx(math.sqrt(10) / 4)
    assert _of(direction_agreement, gradients).item() == pytest.approx(math.sqrt(0.5))


@settings(deadline=None)
@given(examples=st.integers(2, 9), parameters=st.integers(2, 9), seed=st.integers(0, 2**32))
def test_both_follow_from_all_pairs(examples: int, parameters: int, seed: int) -> None:
    """The mean cosine over all pairs gives the one, and the inner products and lengths one by one give the other."""
    gradients = _draw(examples, parameters, seed)
    rows = gradients.tolist()
    cosine = math.fsum(_cosine(a, b) for a, b in combinations(rows, 2)) / math.comb(examples, 2)
    assert _of(direction_agreement, gradients).item() ** 2 == pytest.approx((1 + (examples - 1) * cosine) / examples)
    mean = [math.fsum(column) / examples for column in zip(*rows, strict=True)]
    lengths = [math.hypot(*row) for row in rows]
    assert _of(agreement, gradients).item() == pytest.approx(math.hypot(*mean) * examples / math.fsum(lengths))


@pytest.mark.parametrize("measure", MEASURES)
@settings(deadline=None)
@given(examples=st.integers(2, 20), parameters=st.integers(1, 9), seed=st.integers(0, 2**32), scale=st.floats(0.1, 10))
def test_neither_scale_nor_order_nor_rotation_enters(
    measure: Measure, examples: int, parameters: int, seed: int, scale: float
) -> None:
    """Only angles and ratios of lengths count, and the result lies between 0 and 1."""
    gradients = _draw(examples, parameters, seed)
    rotation = torch.linalg.qr(_draw(parameters, parameters, seed + 1))[0]
    order = torch.randperm(examples, generator=torch.Generator().manual_seed(seed))
    found = _of(measure, gradients)
    torch.testing.assert_close(_of(measure, scale * gradients[order] @ rotation), found)
    assert 0 <= found <= 1 + 1e-12


def test_the_length_of_the_mean_gradient() -> None:
    """Of (3, 0) and (0, 4) the mean is (1.5, 2), 2.5 long; of opposite ones 0."""
    assert _of(mean_gradient_length, torch.tensor([[3.0, 0.0], [0.0, 4.0]])).item() == pytest.approx(2.5)
    assert _of(mean_gradient_length, torch.tensor([[2.0], [-2.0]])).item() == 0


def test_class_excess_in_closed_form() -> None:
    """Two classes along two axes: cosines are 1 within and 0 between; lengths do not count. And classes of one."""
    gradients = torch.tensor([[1.0, 0.0], [5.0, 0.0], [0.0, 2.0], [0.0, 1.0]])
    products = (gradients @ gradients.T)[None]
    assert class_excess(products, torch.tensor([[0, 0, 1, 1]])).tolist() == [1.0]
    assert class_excess(products, torch.tensor([[0, 1, 0, 1]])).tolist() == [-0.5]
    assert class_excess(products, torch.tensor([[0, 1, 2, 3]])).isnan().all()
    assert class_excess(products, torch.zeros(1, 4, dtype=torch.int64)).isnan().all()


@settings(deadline=None)
@given(examples=st.integers(3, 9), parameters=st.integers(2, 9), seed=st.integers(0, 2**32))
def test_class_excess_follows_from_all_pairs(examples: int, parameters: int, seed: int) -> None:
    """Cosines one pair at a time, those of one class apart from the others."""
    rows = (gradients := _draw(examples, parameters, seed)).tolist()
    labels = [each % 2 for each in range(examples)]
    pairs = list(combinations(range(examples), 2))
    within = [_cosine(rows[a], rows[b]) for a, b in pairs if labels[a] == labels[b]]
    between = [_cosine(rows[a], rows[b]) for a, b in pairs if labels[a] != labels[b]]
    found = class_excess((gradients @ gradients.T)[None], torch.tensor([labels]))
    assert found.item() == pytest.approx(math.fsum(within) / len(within) - math.fsum(between) / len(between))


def test_gradients_of_zero() -> None:
    """One of four is zero: it has no direction, and no length; where all are, lengths have no ratio."""
    gradients = torch.eye(4)
    gradients[3] = 0
    assert _of(direction_agreement, gradients).item() == pytest.approx(math.sqrt(3) / 4)
    assert _of(agreement, gradients).item() == pytest.approx(1 / math.sqrt(3))
    assert _of(direction_agreement, torch.zeros(3, 5)).item() == 0
    assert _of(agreement, torch.zeros(3, 5)).isnan()


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("shape", [(3, 1, 1), (4, 4), (2, 3, 4)])
def test_illegal_shapes_are_named(measure: Measure, shape: tuple[int, ...]) -> None:
    """The message holds the shape and what is legal."""
    with pytest.raises(SettingError) as told:
        measure(torch.zeros(shape))
    expected = f"inner products of shape {shape}: need (nets, examples, examples), at least 2 examples"
    assert str(told.value) == expected


@pytest.mark.parametrize("measure", MEASURES)
def test_a_net_alone_gives_what_it_gives_among_others(measure: Measure) -> None:
    """One number for each net, from its own products."""
    nets = [_draw(6, 9, seed) for seed in range(3)]
    together = measure(torch.stack([own @ own.T for own in nets]))
    torch.testing.assert_close(together, torch.stack([_of(measure, own) for own in nets]))


@settings(deadline=None)
@given(examples=st.integers(2, 9), parameters=st.integers(1, 9), seed=st.integers(0, 2**32), scale=st.floats(0.1, 10))
def test_the_mean_gradient_is_as_long_as_added_up(examples: int, parameters: int, seed: int, scale: float) -> None:
    """Weight by weight; it has the unit of the gradients, and is no longer than they are on average."""
    gradients = _draw(examples, parameters, seed)
    mean = [math.fsum(gradients[:, weight].tolist()) / examples for weight in range(parameters)]
    found = _of(mean_gradient_length, gradients).item()
    assert found == pytest.approx(math.hypot(*mean), abs=1e-7)
    assert _of(mean_gradient_length, scale * gradients).item() == pytest.approx(scale * found, abs=1e-6)
    assert found <= gradients.norm(dim=1).mean().item() * (1 + 1e-9)
