"""Whether filters are noise: closed forms, a loop over neighbours and frequencies, and what cannot change it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn

from memorization_claims.errors import SettingError, UndecidableError
from memorization_claims.measures.nets.filters import first_filters, low_frequencies, smoothness
from memorization_claims.models.build import build
from memorization_claims.tests.training_samples import spec

FILTERS = arrays(
    np.float64, (2, 3, 4, 5), elements=st.integers(-90, 89).map(lambda value: (value + 0.5) / 10), unique=True
)
"""Two filters of three channels."""


def _variation(one: np.ndarray) -> float:
    differences = []
    for channel in one:
        for (row, column), value in np.ndenumerate(channel):
            if row:
                differences.append(abs(value - channel[row - 1, column]))
            if column:
                differences.append(abs(value - channel[row, column - 1]))
    return math.fsum(differences) / len(differences) / math.sqrt(float((one**2).mean()))


def _low(one: np.ndarray) -> float:
    low, whole = 0.0, 0.0
    height, width = one.shape[1:]
    rows, columns = np.arange(height)[:, None], np.arange(width)
    for channel in one:
        for down in range(height):
            for across in range(width):
                wave = np.exp(-2j * np.pi * (down * rows / height + across * columns / width))
                energy = abs((channel * wave).sum()) ** 2
                near = min(down, height - down) / height <= 0.25 and min(across, width - across) / width <= 0.25
                low, whole = low + near * energy, whole + energy
    return low / whole


def test_flat_and_checkered_filters() -> None:
    """No variation and all energy at frequency zero; neighbours that differ by 2 with size 1, all energy at the top.

    Of 4 x 4 frequencies 3 x 3 are low.
    """
    flat, checkered = np.full((1, 2, 4, 4), 0.3), (-1.0) ** np.indices((4, 4)).sum(0)[None, None]
    zeros = np.zeros((1, 2, 4, 4))
    for filters, variation, low in ((flat, 0, 1), (checkered, 2, 0), (zeros, 0, 0)):
        expected = math.log(2 / math.sqrt(math.pi) / variation) if variation else math.inf
        assert float(smoothness(filters)) == pytest.approx(expected)
        assert float(low_frequencies(filters)) == pytest.approx(low - 9 / 16, abs=1e-12)


def test_independent_weights() -> None:
    """Neither smooth nor rough, and as much energy at low frequencies as there are such."""
    noise = np.random.default_rng(0).standard_normal((4000, 1, 8, 8))
    assert smoothness(noise) == pytest.approx(0, abs=0.01)
    assert low_frequencies(noise) == pytest.approx(0, abs=0.01)


@given(filters=FILTERS, factor=st.floats(0.1, 10))
def test_both_are_those_of_a_loop(filters: np.ndarray, factor: float) -> None:
    """The mean over filters; how large a filter is does not enter, nor which way up it stands."""
    changed = np.stack([factor * filters, -filters[..., ::-1]])
    expected = math.log(2 / math.sqrt(math.pi) / np.mean([_variation(own) for own in filters]))
    np.testing.assert_allclose(smoothness(changed), expected, atol=1e-9)
    share = np.mean([_low(own) for own in filters])
    np.testing.assert_allclose(low_frequencies(changed), share - 9 / 20, atol=1e-9)


def test_the_first_layer_as_images() -> None:
    """Of an MLP each unit's weights in the shape of the input, of a convolution its kernels."""
    mlp, cnn = (build(spec(model=model), (3, 6, 5), 4) for model in ("mlp-2x7", "cnn-2"))
    weights = dict(mlp.named_parameters())["1.weight"]
    assert torch.equal(first_filters(mlp, (3, 6, 5)).flatten(1), weights)
    assert first_filters(cnn, (3, 6, 5)).shape == (2, 3, 3, 3)


@pytest.mark.parametrize("layers", [(nn.Flatten(),), (nn.AvgPool2d(2), nn.Flatten(), nn.Linear(6, 4))])
def test_a_net_without_filters_of_the_image(layers: tuple[nn.Module, ...]) -> None:
    """The message names the layer and what is legal."""
    with pytest.raises(
        UndecidableError, match=r"^the net's first layer is .*; legal is a Conv2d, or a Linear of the 1 x 4"
    ):
        first_filters(nn.Sequential(*layers), (1, 4, 6))


@pytest.mark.parametrize("measure", [low_frequencies, smoothness])
@pytest.mark.parametrize("shape", [(3, 4, 4), (5, 3, 1, 1)])
def test_shapes_without_neighbours(measure: object, shape: tuple[int, ...]) -> None:
    """The message holds the shape and what is legal."""
    assert callable(measure)
    with pytest.raises(SettingError) as told:
        measure(np.zeros(shape))
    expected = f"filters of shape {shape}: need (..., filters, channels, height, width), of 2 pixels or more"
    assert str(told.value) == expected


def test_the_first_layer_is_that_which_is_called_first() -> None:
    """Whatever is defined before it."""

    class Headed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head, self.body = nn.Linear(5, 2), nn.Linear(24, 5)

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.head(self.body(inputs.flatten(1)))
            return out

    model = Headed()
    assert torch.equal(first_filters(model, (1, 4, 6)).flatten(1), model.body.weight)
