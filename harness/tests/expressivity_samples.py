"""What tests of nets that take any values share: points, easy and hard, and the errors on them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import torch
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.data.source import load

DIGITS = torch.from_numpy(load("digits", Path()).images).flatten(1).double()


def seeded(seed: int) -> torch.Generator:
    """A generator at the start of a stream."""
    return torch.Generator().manual_seed(seed)


def problem(n: int, d: int, seed: int) -> tuple[Tensor, Tensor]:
    """Normal points and labels from 0 to 9."""
    generator = seeded(seed)
    points = torch.randn(n, d, dtype=torch.float64, generator=generator)
    return points, torch.randint(10, (n,), generator=generator).double()


def digits(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Images of digits, and random labels from 0 to 9."""
    generator = seeded(seed)
    points = DIGITS[torch.randperm(len(DIGITS), generator=generator)[:n]]
    return points, torch.randint(10, (n,), generator=generator).double()


def errors(net: torch.nn.Module, points: Tensor, values: Tensor) -> Tensor:
    """The net's distance from each value."""
    with torch.no_grad():
        distance: Tensor = (net(points) - values).abs()
        return distance


def rationals(numbers: Tensor) -> list[Fraction]:
    """The numbers as they are, for arithmetic without rounding."""
    return [Fraction(number) for number in numbers.tolist()]


@st.composite
def samples(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Points, real or random, at any scale and offset, some of them near ties and some repeated with the same value."""
    n, d, seed = draw(st.integers(1, 12)), draw(st.integers(1, 5)), draw(st.integers(0, 2**31))
    points, values = digits(n, seed) if draw(st.booleans()) else problem(n, d, seed)
    if draw(st.booleans()):
        nearly = points[:1].clone()
        nearly[0, draw(st.integers(0, points.shape[1] - 1))] += 2.0 ** draw(st.integers(-20, -1))
        points, values = torch.cat([points, nearly]), torch.cat([values, 9 - values[:1]])
    repeated = draw(st.lists(st.integers(0, n - 1), max_size=3))
    chosen = torch.tensor([*range(len(points)), *repeated])
    offset = draw(st.sampled_from([0.0, 1.0, 100.0]))
    scales = 2.0 ** draw(st.integers(-60, 60)), 2.0 ** draw(st.integers(-60, 60))
    return (points[chosen] + offset) * scales[0], values[chosen] * scales[1]
