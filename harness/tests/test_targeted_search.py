"""The search for critical samples towards each class in turn, against linear nets, whose distances are known."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.measures.nets.critical_samples import (
    critical_sample_ratio,
    targeted_critical_sample_ratio,
    targeted_critical_samples,
)

NETS, SAMPLES, DIMENSIONS, CLASSES, RADIUS = 3, 200, 8, 10, 0.05


def _draw(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


WEIGHT, INPUTS = _draw(NETS, DIMENSIONS, CLASSES, seed=1), _draw(NETS, SAMPLES, DIMENSIONS, seed=2)


def _critical() -> Tensor:
    """Which samples lie within the radius of a boundary, class by class: (f_k - f_t) / |w_k - w_t|_1."""
    outputs = INPUTS @ WEIGHT
    critical = torch.zeros(NETS, SAMPLES, dtype=torch.bool)
    for net in range(NETS):
        for sample, values in enumerate(outputs[net]):
            chosen = int(values.argmax())
            for other in set(range(CLASSES)) - {chosen}:
                reach = RADIUS * (WEIGHT[net, :, chosen] - WEIGHT[net, :, other]).abs().sum()
                critical[net, sample] |= values[chosen] - values[other] < reach
    return critical


@pytest.mark.parametrize("scale", [1.0, 0.2, 1e-3])
def test_linear_nets_are_searched_exactly(scale: float) -> None:
    """However small the logits, though Langevin search then misses some."""

    def net(x: Tensor) -> Tensor:
        return x @ (WEIGHT * scale)

    critical = _critical()
    assert 0 < critical.double().mean() < 1
    assert torch.equal(targeted_critical_samples(net, INPUTS, radius=RADIUS), critical)
    ratio = targeted_critical_sample_ratio(net, INPUTS, radius=RADIUS, steps=3, alpha=0.5)
    torch.testing.assert_close(ratio, critical.double().mean(1))
    generators = [torch.Generator().manual_seed(net) for net in range(NETS)]
    langevin = critical_sample_ratio(net, INPUTS, radius=RADIUS, generators=generators)
    assert (langevin <= ratio).all()
    assert langevin.sum() < ratio.sum()


def test_more_steps_follow_a_way_that_bends() -> None:
    """Of nets with hidden units; and in a box without extent nothing is found."""
    first, second = _draw(NETS, DIMENSIONS, 12, seed=3), _draw(NETS, 12, CLASSES, seed=4)

    def net(x: Tensor) -> Tensor:
        return (x @ first).relu() @ second

    once = targeted_critical_samples(net, INPUTS, radius=0.2)
    often = targeted_critical_samples(net, INPUTS, radius=0.2, steps=10, alpha=0.25)
    assert NETS * SAMPLES > often.sum() > once.sum() > 0
    assert not targeted_critical_samples(net, INPUTS, radius=0.0).any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"radius": -0.1}, r"radius is -0\.1: finite and at least 0"),
        ({"alpha": math.inf}, r"alpha is inf: finite and at least 0"),
        ({"steps": 0}, r"steps is 0: finite and at least 1"),
    ],
)
def test_illegal_settings_are_named(changes: dict[str, Any], message: str) -> None:
    """Each message holds the value and what is legal."""
    with pytest.raises(SettingError, match=message):
        targeted_critical_samples(lambda x: x, torch.zeros(1, 3, 2), **({"radius": 1.0} | changes))


@settings(max_examples=20)
@given(seed=st.integers(0, 2**31), radius=st.floats(0.01, 1), steps=st.integers(1, 4))
def test_it_is_a_search_of_one_sample_towards_one_class_at_a_time(seed: int, radius: float, steps: int) -> None:
    """With the gradient written out; a wider search by one step of a linear net finds no less."""
    first, second = _draw(4, 6, seed=seed), _draw(6, 3, seed=seed + 1)
    inputs = _draw(1, 5, 4, seed=seed + 2)
    found = targeted_critical_samples(lambda x: (x @ first).relu() @ second, inputs, radius=radius, steps=steps)
    for sample, center in enumerate(inputs[0]):
        chosen = int(((center @ first).relu() @ second).argmax())
        critical = False
        for target in range(3):
            point = center.clone()
            for _ in range(steps):
                slopes = ((point @ first > 0) * (second[:, chosen] - second[:, target])) @ first.T
                point = (point - radius * slopes.sign()).clamp(center - radius, center + radius)
                critical |= int(((point @ first).relu() @ second).argmax()) != chosen
        assert bool(found[0, sample]) == critical
    near, far = (targeted_critical_samples(lambda x: x @ first, inputs, radius=radius * k) for k in (1, 2))
    assert not (near & ~far).any()
