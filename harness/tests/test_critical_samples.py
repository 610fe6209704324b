"""Critical samples: against closed forms, exhaustive search, and the ways in which ports have gone wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.measures.nets.critical_samples import (
    FGSM,
    PGD,
    critical_sample_ratio,
    critical_samples,
    critical_samples_missed,
)

Net = Callable[[Tensor], Tensor]
WAYS: tuple[dict[str, Any], ...] = ({**FGSM}, {})
"""One step of a full radius, and the search itself."""


def _generators(nets: int, first: int = 0) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(first + net) for net in range(nets)]


def _linear(weight: Tensor, bias: Tensor) -> Net:
    """Linear nets; weight (nets, d, classes), bias (nets, classes)."""
    return lambda x: x @ weight + bias.unsqueeze(1)


def _distance(weight: Tensor, bias: Tensor, inputs: Tensor) -> Tensor:
    """The l-infinity distance from each sample to the nearest boundary of a linear net."""
    outputs = inputs @ weight + bias.unsqueeze(1)
    chosen = outputs.argmax(-1, keepdim=True)
    gaps = outputs.gather(-1, chosen) - outputs
    chosen_weight = (
        weight.unsqueeze(1)
        .expand(-1, inputs.shape[1], -1, -1)
        .gather(-1, chosen.unsqueeze(2).expand(-1, -1, weight.shape[1], -1))
    )
    norms = (chosen_weight - weight.unsqueeze(1)).abs().sum(dim=2)
    return (gaps / norms).scatter(-1, chosen, math.inf).amin(-1)


def _random_linear(classes: int, *, nets: int = 3, d: int = 4) -> tuple[Tensor, Tensor, Tensor]:
    draw = torch.Generator().manual_seed(7)
    shape = {"generator": draw, "dtype": torch.float64}
    weight = torch.randn(nets, d, classes, **shape)  # type: ignore[call-overload]
    bias = torch.randn(nets, classes, **shape)  # type: ignore[call-overload]
    inputs = torch.randn(nets, 200, d, **shape)  # type: ignore[call-overload]
    return weight, bias, inputs


def _relu_nets(nets: int, *, hidden: int = 12, classes: int = 3, d: int = 2) -> tuple[Tensor, Tensor, Tensor]:
    draw = torch.Generator().manual_seed(11)
    first = torch.randn(nets, d, hidden, generator=draw)
    bias = torch.randn(nets, 1, hidden, generator=draw)
    second = torch.randn(nets, hidden, classes, generator=draw)
    return first, bias, second


def _stack(first: Tensor, bias: Tensor, second: Tensor) -> Net:
    return lambda x: (x @ first + bias).relu() @ second


@pytest.mark.parametrize("radius", [0.01, 0.1, 0.3, 1.0, 3.0])
def test_two_linear_classes_without_noise_are_exact(radius: float) -> None:
    """Without noise and with a full step, x is critical iff (f_i - f_j) / ||w_i - w_j||_1 <= r."""
    weight, bias, inputs = _random_linear(2)
    found = critical_samples(
        _linear(weight, bias), inputs, radius=radius, generators=_generators(3), alpha=1.0, beta=0.0
    )
    assert torch.equal(found, _distance(weight, bias, inputs) <= radius)
    assert 0 < found.double().mean() < 1


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("radius", [0.05, 0.1, 0.3, 0.6])
def test_linear_classes_lie_between_the_exact_ratios_of_two_radii(classes: int, radius: float) -> None:
    """With the paper's settings nothing beyond r is found, and nearly all within 0.8 r."""
    weight, bias, inputs = _random_linear(classes)
    distance = _distance(weight, bias, inputs)
    found = critical_samples(_linear(weight, bias), inputs, radius=radius, generators=_generators(3))
    assert not (found & (distance > radius)).any()
    near = distance <= 0.8 * radius
    assert near.sum() > 20
    assert found[near].double().mean() > 0.97


def test_relu_nets_agree_with_exhaustive_search() -> None:
    """In two dimensions a grid with a Lipschitz margin says where the box is certainly of one class."""
    first, bias, second = _relu_nets(4)
    net, radius, side = _stack(first, bias, second), 0.25, 101
    inputs = torch.randn(4, 40, 2, generator=torch.Generator().manual_seed(5))
    axis = torch.linspace(-radius, radius, side)
    grid = torch.cartesian_prod(axis, axis)
    outputs = net((inputs.unsqueeze(2) + grid).flatten(1, 2)).reshape(4, 40, side**2, 3)
    chosen = net(inputs).argmax(-1)[:, :, None, None]
    gaps = outputs.gather(-1, chosen.expand(-1, -1, side**2, 1)) - outputs
    slopes = (first.abs().sum(1).unsqueeze(-1) * second.abs()).sum(1)
    lipschitz = 2 * slopes.amax(-1)[:, None, None, None]
    gaps = gaps.scatter(-1, chosen.expand(-1, -1, side**2, 1), math.inf).amin(-1)
    critical = (gaps < 0).any(-1)
    certainly_not = (gaps > lipschitz.squeeze(-1) * radius / (side - 1)).all(-1)
    found = critical_samples(net, inputs, radius=radius, generators=_generators(4))
    assert certainly_not.any()
    assert not (found & certainly_not).any()
    assert found[critical].double().mean() > 0.9
    assert (found & ~critical).sum() <= 1


def _plateau(x: Tensor) -> Tensor:
    """Two classes: flat, except for a ramp over 1 < x_0 < 1.02 on which the prediction changes."""
    height = 50 * ((x[..., 0] - 1).relu() - (x[..., 0] - 1.02).relu())
    return torch.stack([torch.full_like(height, 0.5), height], dim=-1)


def test_noise_leaves_a_plateau_where_gradient_methods_stay() -> None:
    """Where the gradient is zero, FGSM and PGD find nothing and LASS most critical samples."""
    inputs = torch.rand(1, 300, 3, generator=torch.Generator().manual_seed(2)) * 0.2 + 0.8
    point = inputs.clone().requires_grad_()
    (uphill,) = torch.autograd.grad(_plateau(point).log_softmax(-1)[..., 0].sum(), point)
    assert not uphill.any()
    for gradient_alone in (FGSM, PGD):
        found = critical_samples(_plateau, inputs, radius=0.4, generators=_generators(1), **gradient_alone)
        assert not found.any()
    ratio = critical_sample_ratio(_plateau, inputs, radius=0.4, generators=_generators(1))
    assert ratio.item() > 0.8


def test_fgsm_by_hand() -> None:
    """One step of a full radius against the sign of the gradient of the predicted class's log-probability."""
    net, inputs = _stack(*_relu_nets(3, d=6)), torch.randn(3, 60, 6, generator=torch.Generator().manual_seed(8))
    point = inputs.clone().requires_grad_()
    outputs = net(point)
    predicted = outputs.argmax(-1)
    (uphill,) = torch.autograd.grad(outputs.log_softmax(-1).gather(-1, predicted[..., None]).sum(), point)
    moved = net(inputs - 0.3 * uphill.sign()).argmax(-1) != predicted
    found = critical_samples(net, inputs, radius=0.3, generators=_generators(3), **FGSM)
    assert torch.equal(found, moved)
    assert 0 < found.double().mean() < 1


def test_pgd_by_hand() -> None:
    """Ten steps of a quarter of the radius, each from where the last one ended, back into the box after each."""
    net, inputs = _stack(*_relu_nets(3, d=6)), torch.randn(3, 60, 6, generator=torch.Generator().manual_seed(8))
    predicted, point = net(inputs).argmax(-1), inputs.clone()
    moved = torch.zeros(3, 60, dtype=torch.bool)
    for _ in range(10):
        point = point.detach().requires_grad_()
        chosen = net(point).log_softmax(-1).gather(-1, predicted[..., None])
        (uphill,) = torch.autograd.grad(chosen.sum(), point)
        point = inputs + (point - 0.3 / 4 * uphill.sign() - inputs).clamp(-0.3, 0.3)
        moved |= net(point).argmax(-1) != predicted
    found = critical_samples(net, inputs, radius=0.3, generators=_generators(3), **PGD)
    assert (found != moved).sum() <= 1  # where rounding decides
    one_step = critical_samples(net, inputs, radius=0.3, generators=_generators(3), **FGSM)
    assert found.sum() >= one_step.sum()


def test_what_langevin_search_misses() -> None:
    """Samples that a full step reaches, and ten noisy steps do not: of a linear net, those that just lie in the box."""
    weight, bias, inputs = _random_linear(2)
    net = _linear(weight, bias)
    missed = critical_samples_missed(net, inputs, radius=0.3, generators=_generators(3))
    within = _distance(weight, bias, inputs) <= 0.3
    found = critical_samples(net, inputs, radius=0.3, generators=_generators(3))
    torch.testing.assert_close(missed, (within & ~found).double().mean(1))
    assert missed.max() < 0.05


def test_the_printed_algorithm_finds_next_to_nothing() -> None:
    """Ascending the predicted output along the gradient at x, as printed, misses what descending finds."""
    net, inputs = _stack(*_relu_nets(3, d=20)), torch.randn(3, 100, 20, generator=torch.Generator().manual_seed(3))
    center = inputs.clone().requires_grad_()
    best = net(center).max(-1)
    (uphill,) = torch.autograd.grad(best.values.sum(), center)
    draw, point, printed = torch.Generator().manual_seed(4), inputs, torch.zeros(3, 100, dtype=torch.bool)
    radius = 0.1
    for _ in range(10):
        step = 0.25 * uphill.sign() + 0.2 * torch.randn(inputs.shape, generator=draw)
        point = (point + radius / 0.3 * step).clamp(inputs - radius, inputs + radius)
        printed |= net(point).argmax(-1) != best.indices
    ours = critical_sample_ratio(net, inputs, radius=radius, generators=_generators(3))
    assert printed.double().mean() < 0.02
    assert ours.min() > 0.15


def test_a_net_alone_finds_what_it_finds_among_others() -> None:
    """Neither the noise nor the early exit of a net depends on the nets beside it."""
    parts = _relu_nets(5)
    inputs = torch.randn(5, 50, 2, generator=torch.Generator().manual_seed(9))
    together = _generators(5)
    found = critical_samples(_stack(*parts), inputs, radius=0.3, generators=together)
    for net in range(5):
        own = [part[net : net + 1] for part in parts]
        generator = torch.Generator().manual_seed(net)
        alone = critical_samples(_stack(*own), inputs[net : net + 1], radius=0.3, generators=[generator])
        assert torch.equal(alone[0], found[net])
        assert torch.equal(generator.get_state(), together[net].get_state())


def test_a_found_sample_stays_found_and_stops_no_other() -> None:
    """More steps only add samples, also after some that add none: by steps of r/5, one at t r/5 is found at step t."""
    weight, bias = torch.tensor([[[0.0, 1.0]]]), torch.zeros(1, 2)
    inputs = -0.25 * torch.tensor([0.1, 0.3, 0.9, 1.1]).reshape(1, 4, 1)
    counts = []
    for steps in range(1, 8):
        found = critical_samples(
            _linear(weight, bias), inputs, radius=0.25, generators=_generators(1), steps=steps, alpha=0.2, beta=0.0
        )
        counts.append(int(found.sum()))
    assert counts == [1, 2, 2, 2, 3, 3, 3]


def test_a_point_that_leaves_the_other_class_again_still_counts() -> None:
    """Across a stripe 0.2 < x < 0.4 of another class, steps of 0.25 land inside and outside by turns."""

    def stripe(x: Tensor) -> Tensor:
        return torch.cat([torch.zeros_like(x), 0.1 - (x - 0.3).abs()], dim=-1)

    for steps in range(1, 5):
        found = critical_samples(
            stripe, torch.zeros(1, 1, 1), radius=1.0, generators=_generators(1), steps=steps, alpha=0.25, beta=0.0
        )
        assert found.item()


def test_more_steps_with_noise_keep_what_fewer_found() -> None:
    """With the same generators, the samples found in s steps are among those found in s + 1."""
    net = _stack(*_relu_nets(3))
    inputs = torch.randn(3, 80, 2, generator=torch.Generator().manual_seed(1))
    found = [
        critical_samples(net, inputs, radius=0.2, generators=_generators(3), steps=steps) for steps in (1, 2, 5, 20)
    ]
    for fewer, more in pairwise(found):
        assert not (fewer & ~more).any()
    assert found[-1].sum() > found[0].sum()


def test_radius_zero_finds_nothing() -> None:
    """A box without extent holds the sample alone."""
    net = _stack(*_relu_nets(3))
    inputs = torch.randn(3, 80, 2, generator=torch.Generator().manual_seed(1))
    assert critical_sample_ratio(net, inputs, radius=0.0, generators=_generators(3)).tolist() == [0, 0, 0]


def test_parameters_keep_their_gradients() -> None:
    """The search differentiates the inputs alone, even where gradients are off, and leaves no graph."""
    layer = torch.nn.Linear(2, 3)
    inputs = torch.randn(1, 20, 2, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        ratio = critical_sample_ratio(layer, inputs, radius=0.5, generators=_generators(1))
    assert all(parameter.grad is None for parameter in layer.parameters())
    assert not ratio.requires_grad
    assert ratio.dtype == torch.float64
    assert not inputs.requires_grad


@settings(max_examples=60, deadline=None)
@given(
    weight=st.lists(st.integers(-8, 8), min_size=6, max_size=6),
    inputs=st.lists(st.floats(-3, 3, width=32), min_size=8, max_size=8),
    radius=st.floats(0, 2),
    seed=st.integers(0, 2**31),
)
def test_nothing_is_found_beyond_the_exact_distance(
    weight: list[int], inputs: list[float], radius: float, seed: int
) -> None:
    """Whatever the linear net, noise and radius, what is found is critical: the ratio is a lower bound."""
    w = torch.tensor(weight, dtype=torch.float64).reshape(1, 2, 3)
    x = torch.tensor(inputs, dtype=torch.float64).reshape(1, 4, 2)
    bias = torch.tensor([[0.0, 0.5, -0.25]], dtype=torch.float64)
    found = critical_samples(_linear(w, bias), x, radius=radius, generators=_generators(1, seed))
    assert not (found & (_distance(w, bias, x) > radius * (1 + 1e-9) + 1e-9)).any()


@settings(max_examples=30, deadline=None)
@given(power=st.integers(-20, 20), seed=st.integers(0, 2**31))
def test_sure_nets_are_searched_as_well(power: int, seed: int) -> None:
    """Logits of two classes times 2^k give the same samples, though the softmax of float32 saturates."""
    first, bias, second = _relu_nets(2, classes=2)
    inputs = torch.randn(2, 30, 2, generator=torch.Generator().manual_seed(6))
    plain, scaled = (
        critical_samples(_stack(first, bias, second * scale), inputs, radius=0.2, generators=_generators(2, seed))
        for scale in (1.0, 2.0**power)
    )
    assert torch.equal(plain, scaled)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"radius": -0.1}, r"radius is -0\.1: finite and at least 0"),
        ({"radius": math.nan}, r"radius is nan: finite and at least 0"),
        ({"radius": math.inf}, r"radius is inf: finite and at least 0"),
        ({"alpha": -1.0}, r"alpha is -1\.0: finite and at least 0"),
        ({"beta": -1.0}, r"beta is -1\.0: finite and at least 0"),
        ({"steps": 0}, r"steps is 0: at least 1"),
        ({"generators": _generators(2)}, r"2 generators for 1 nets: need one per net"),
        ({"inputs": torch.zeros(1, 0, 2)}, r"torch\.float32 of shape \(1, 0, 2\): need floating point"),
        ({"inputs": torch.zeros(1, 3, 2, dtype=torch.uint8)}, r"torch\.uint8 of shape \(1, 3, 2\)"),
        ({"inputs": torch.zeros(3, 2)}, r"shape \(nets, examples, \*shape\), none empty"),
    ],
)
def test_illegal_settings_are_named(changes: dict[str, object], message: str) -> None:
    """Each message holds the value and what is legal."""
    arguments: dict[str, object] = {"inputs": torch.zeros(1, 3, 2), "radius": 1.0, "generators": _generators(1)}
    with pytest.raises(SettingError, match=message):
        critical_samples(_plateau, **(arguments | changes))  # type: ignore[arg-type]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), radius=st.floats(0, 1))
def test_ratios_are_shares_of_the_samples(seed: int, radius: float) -> None:
    """Counted one by one; what is missed is found by one step of a full radius, and is not among what is found."""
    net, inputs = _stack(*_relu_nets(2)), torch.randn(2, 9, 2, generator=torch.Generator().manual_seed(seed))
    options: dict[str, Any] = {"radius": radius}
    at_once, found = (
        critical_samples(net, inputs, **options, **how, generators=_generators(2, seed)).tolist() for how in WAYS
    )
    ratio = critical_sample_ratio(net, inputs, **options, generators=_generators(2, seed))
    missed = critical_samples_missed(net, inputs, **options, generators=_generators(2, seed))
    assert ratio.tolist() == pytest.approx([sum(row) / 9 for row in found])
    pairs = [list(zip(a, b, strict=True)) for a, b in zip(at_once, found, strict=True)]
    assert missed.tolist() == pytest.approx([sum(one and not other for one, other in row) / 9 for row in pairs])
