"""Samples at which no gradient shows the way: Langevin search finds them, and without its noise nothing does."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from memorization_claims.controls.find import find
from memorization_claims.errors import UndecidableError
from memorization_claims.measures.theorems import zero_gradient as case
from memorization_claims.measures.theorems.zero_gradient import Surface

SURFACES = pytest.mark.parametrize("surface", get_args(Surface))


def _missed(surface: Surface, dimensions: int = 6, seed: int = 0) -> float:
    missed, tolerance = case(torch.Generator().manual_seed(seed), dimensions=dimensions, samples=200, surface=surface)
    assert tolerance == 0.5
    return missed


@SURFACES
def test_noise_finds_another_prediction_in_half_of_the_box(surface: Surface) -> None:
    """In one dimension the first step alone does so with probability 0.45: 0.67 |normal| > 0.5."""
    assert 0 <= _missed(surface, dimensions=1) < 0.2
    assert _missed(surface, dimensions=1) == _missed(surface, dimensions=1)
    assert _missed(surface, dimensions=100) < 0.5


@SURFACES
def test_without_noise_all_are_missed(monkeypatch: pytest.MonkeyPatch, surface: Surface) -> None:
    """Which refutes the claim."""
    for patch in find("search-without-noise").patched():
        monkeypatch.setattr(*patch)
    assert _missed(surface) == 1.0


def test_a_gradient_that_shows_the_way_is_undecidable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the fast gradient sign method finds samples, nothing is shown by finding them."""
    monkeypatch.setitem(case.__globals__, "critical_sample_ratio", lambda *_, **__: torch.tensor([0.25]))
    with pytest.raises(UndecidableError, match=r"one step along the gradient found 0\.25 of the samples"):
        _missed("bowl")
