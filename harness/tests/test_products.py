"""Inner products of gradients: against a plain loop of autograd, for nets that one pass serves and for others."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from memorization_claims.training import products as module
from memorization_claims.training.products import by_vmap, products

EXAMPLES, CLASSES = 5, 3


def _one_by_one(model: nn.Module, inputs: Tensor, labels: Tensor) -> Tensor:
    rows = []
    for own, label in zip(inputs, labels, strict=True):
        loss = cross_entropy(model(own[None]), label[None])
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        rows.append(torch.cat([part.flatten() for part in torch.autograd.grad(loss, trained)]))
    gradients = torch.stack(rows)
    return gradients @ gradients.T


def _batch(*shape: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(EXAMPLES, *shape, dtype=torch.float64, generator=generator)
    return inputs, torch.randint(CLASSES, (EXAMPLES,), generator=generator)


@settings(deadline=None, max_examples=20)
@given(
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.integers(1, 2),
    padding=st.integers(0, 1),
    dilation=st.integers(1, 2),
    bias=st.booleans(),
    inplace=st.booleans(),
)
def test_one_pass_gives_what_examples_alone_give(
    kernel: tuple[int, int], stride: int, padding: int, dilation: int, bias: bool, inplace: bool
) -> None:
    """Convolutions of any shape, with and without biases, and ReLU in place: in float64 to 1e-12, without vmap."""
    model = nn.Sequential(
        *(nn.Conv2d(2, 3, kernel, stride, padding, dilation, bias=bias), nn.ReLU(inplace), nn.Conv2d(3, 2, 1)),
        *(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(8, CLASSES, bias)),
    )
    model = model.double().eval()
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(module, "by_vmap")
        found = products(model, *_batch(2, 7, 6))
    torch.testing.assert_close(found, _one_by_one(model, *_batch(2, 7, 6)), rtol=0, atol=1e-12)
    assert not found.requires_grad


class _Twice(nn.Module):
    """Passes through one layer twice, or through a second that shares its weight."""

    def __init__(self, tied: bool) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 4), nn.Linear(4, CLASSES)
        self.again = nn.Linear(4, 4) if tied else self.first
        self.again.weight = self.first.weight

    def forward(self, inputs: Tensor) -> Tensor:
        values: Tensor = self.last(self.again(self.first(inputs).relu()).relu())
        return values


OTHERS = {
    "normalised": nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(12, CLASSES)),
    "grouped": nn.Sequential(nn.Conv2d(2, 4, 3, groups=2), nn.Flatten(), nn.Linear(16, CLASSES)),
    "padded by name": nn.Sequential(nn.Conv2d(2, 1, 3, padding="same"), nn.Flatten(), nn.Linear(16, CLASSES)),
    "circular": nn.Sequential(
        nn.Conv2d(2, 1, 3, padding=1, padding_mode="circular"), nn.Flatten(), nn.Linear(16, CLASSES)
    ),
    "along the last axis": nn.Sequential(nn.Linear(4, 2), nn.Flatten(), nn.Linear(16, CLASSES)),
    "frozen": nn.Sequential(nn.Flatten(), nn.Linear(32, 4).requires_grad_(False), nn.Linear(4, CLASSES)),
    "passed twice": nn.Sequential(nn.Flatten(), nn.Linear(32, 4), _Twice(tied=False)),
    "tied": nn.Sequential(nn.Flatten(), nn.Linear(32, 4), _Twice(tied=True)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_any_other_net_gives_it_too(name: str) -> None:
    """Layers that are not plain products, and layers that are used in another way than once."""
    model = OTHERS[name].double().eval()
    before = [id(parameter) for parameter in model.parameters()]
    torch.testing.assert_close(products(model, *_batch(2, 4, 4)), _one_by_one(model, *_batch(2, 4, 4)))
    assert [id(parameter) for parameter in model.parameters()] == before


def test_both_ways_agree_and_leave_the_net_as_it_was() -> None:
    """No hook stays behind, and no gradient is kept."""
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, CLASSES)).double().eval()
    with torch.no_grad():
        torch.testing.assert_close(products(model, *_batch(2, 4, 4)), by_vmap(model, *_batch(2, 4, 4)))
    assert not any(module._forward_hooks for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())
