"""Distances of generated images: closed forms, one pair at a time, and what cannot change them."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.measures.nets.likeness import distance_between, distance_to_nearest


def _draw(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def _unasked(inputs: Tensor) -> Tensor:
    raise AssertionError("no net is asked")


def test_worked_distances() -> None:
    """Images of two pixels: 5 and 1 to the nearest of two, and 5 from each other."""
    images = torch.tensor([[[[0.0, 0.0]], [[3.0, 4.0]]]])
    others = torch.tensor([[[[0.0, -5.0]], [[3.0, 5.0]]]])
    assert distance_to_nearest(_unasked, images, others).tolist() == pytest.approx([3.0])
    assert distance_between(_unasked, images).tolist() == pytest.approx([5.0])


def test_one_image_is_at_no_distance_from_itself() -> None:
    """However often it is made, and of however many pixels; and images that are nearly one are as near as they are."""
    one = _draw(1, 1, 784, seed=0)
    many = one.expand(1, 100, 784)
    assert distance_between(_unasked, many).tolist() == [0.0]
    assert distance_to_nearest(_unasked, many, one).tolist() == [0.0]
    moved = many + 1e-3 * _draw(1, 100, 784, seed=1)
    expected = (moved.double() - many.double()).norm(dim=2).mean().item()
    assert distance_to_nearest(_unasked, moved, many).item() == pytest.approx(expected, rel=1e-3)


@settings(deadline=None, max_examples=15)
@given(nets=st.integers(1, 3), images=st.integers(2, 40), others=st.integers(1, 40), seed=st.integers(0, 999))
def test_distances_by_hand(nets: int, images: int, others: int, seed: int) -> None:
    """One pair of images at a time, in any order, however they are moved together."""
    made, real = _draw(nets, images, 1, 2, 3, seed=seed), _draw(nets, others, 1, 2, 3, seed=seed + 1)
    nearest, between = distance_to_nearest(_unasked, made, real), distance_between(_unasked, made)
    for net in range(nets):
        rows, beside = made[net].flatten(1).tolist(), real[net].flatten(1).tolist()
        least = [min(math.dist(row, other) for other in beside) for row in rows]
        pairs = [math.dist(a, b) for place, a in enumerate(rows) for b in rows[:place]]
        assert float(nearest[net]) == pytest.approx(math.fsum(least) / images, rel=1e-4)
        assert float(between[net]) == pytest.approx(math.fsum(pairs) / len(pairs), rel=1e-4)
    torch.testing.assert_close(distance_to_nearest(_unasked, made.flip(1) + 2, real + 2), nearest, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(distance_between(_unasked, made.flip(1) + 2), between, rtol=1e-4, atol=1e-4)
