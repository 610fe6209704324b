"""Distances and the Gaussian kernel: closed forms, a plain loop, and properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.errors import SettingError, UnfitDataError
from memorization_claims.measures.kernels import gaussian
from memorization_claims.measures.kernels.gaussian import expansion, gaussian_kernel, median_distance, squared_distances


def points(seed: int, count: int = 12, width: int = 5) -> Tensor:
    """Normal points in float64."""
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def all_distances(inputs: Tensor) -> Tensor:
    """Squared distances between all points."""
    return squared_distances([inputs], slice(None))


def test_distances_of_a_triangle() -> None:
    """Sides 3, 4 and 5, and their median."""
    squared = all_distances(torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]]))
    torch.testing.assert_close(squared, torch.tensor([[0, 9, 16], [9, 0, 25], [16, 25, 0]]).double())
    assert squared.dtype == torch.float64
    assert median_distance(squared) == 4.0


def test_the_kernel_has_its_closed_form() -> None:
    """One at distance zero, exp(-1/2) at a distance of the bandwidth."""
    kernel = gaussian_kernel(torch.tensor([0.0, 4.0, 16.0]).double(), 2.0)
    np.testing.assert_allclose(kernel.numpy(), [1.0, math.exp(-0.5), math.exp(-2.0)], rtol=1e-15)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), cut=st.integers(1, 4), shift=st.floats(-1e3, 1e3))
def test_blocks_and_the_origin_leave_distances_as_they_are(seed: int, cut: int, shift: float) -> None:
    """Cut into blocks and moved away, points are as far apart as a plain loop says."""
    inputs = points(seed)
    found = squared_distances([inputs[:, :cut] + shift, inputs[:, cut:] - shift], slice(2, 7))
    plain = [
        [sum((a - b) ** 2 for a, b in zip(x, z, strict=True)) for z in inputs[2:7].tolist()] for x in inputs.tolist()
    ]
    np.testing.assert_allclose(found.numpy(), plain, atol=1e-9)


def test_evenly_spaced_points_stand_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are more points than the median is taken over, every second or third of them counts."""
    inputs = points(0, 10)
    every_other = median_distance(all_distances(inputs[::2]))
    monkeypatch.setattr(gaussian, "MEDIAN_POINTS", 5)
    assert median_distance(all_distances(inputs)) == pytest.approx(every_other)


def test_an_expansion_is_evaluated_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The portions change nothing."""
    squared, coefficients = all_distances(points(1)), points(2, 12, 3)
    whole = gaussian_kernel(squared, 1.5) @ coefficients
    monkeypatch.setattr(gaussian, "PORTION", 30)
    torch.testing.assert_close(expansion(squared, 1.5, coefficients), whole)


def test_what_has_no_distances_is_refused() -> None:
    """No features at all, one point, or points that coincide."""
    with pytest.raises(SettingError, match=r"^there are no features to take distances of; legal is one block or more$"):
        squared_distances([], slice(None))
    with pytest.raises(
        UnfitDataError, match=r"^the median distance between 3 points is 0: legal are points of which most"
    ):
        median_distance(all_distances(torch.ones(3, 2)))
    with pytest.raises(UnfitDataError, match=r"^the median distance between 1 points is 0"):
        median_distance(all_distances(torch.ones(1, 2)))
