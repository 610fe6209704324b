"""Inner products of per-example gradients, from every engine."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from memorization_claims.spec.recipe import Recipe
from memorization_claims.tests.test_engine import (
    BATCH,
    CLASSES,
    CPU,
    ENGINES,
    NOISY,
    PLAIN,
    SHAPE,
    batch_at,
    every_net,
    nets_of,
    normalised_nets,
)
from memorization_claims.training.batched import Batched
from memorization_claims.training.engine import EngineName, make


def _one_by_one(model: nn.Module, inputs: Tensor, labels: Tensor) -> Tensor:
    """(examples, parameters): gradients by a plain loop of autograd over the examples, in evaluation mode."""
    rows = []
    for own, label in zip(inputs, labels, strict=True):
        loss = cross_entropy(model.eval()(own[None]), label[None])
        rows.append(torch.cat([part.flatten() for part in torch.autograd.grad(loss, list(model.parameters()))]))
    return torch.stack(rows)


@pytest.mark.parametrize("name", ENGINES)
def test_products_of_gradients_are_those_of_examples_alone(name: EngineName) -> None:
    """Of every net its own, with noise left out, and nothing from padding: in float64 to 1e-12."""
    models, alone = ([model.double() for model in nets_of("mlp-2x9", NOISY)] for _ in range(2))
    inputs, labels = batch_at(0)
    found = make(name, models, NOISY, CPU, SHAPE).products(inputs.double(), labels)
    assert not found.requires_grad
    for own, model, x, y in zip(found, alone, inputs.double(), labels, strict=True):
        gradients = _one_by_one(model, x, y)
        torch.testing.assert_close(own, gradients @ gradients.T, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ENGINES)
def test_products_of_gradients_go_through_running_statistics(name: EngineName) -> None:
    """Batch norm is in evaluation mode, so that no example's gradient depends on another, and nothing is updated."""
    engine = make(name, [model.double() for model in normalised_nets()], PLAIN, CPU, (2, 4, 6))
    for step in range(3):
        inputs, labels = batch_at(step, shape=(2, 4, 6))
        engine.step(inputs.double(), labels, {})
    before, found = engine.weights(every_net()), engine.products(inputs.double(), labels)
    assert all(torch.equal(before[key], now) for key, now in engine.weights(every_net()).items())
    for net, model in enumerate(normalised_nets()):
        model.double().load_state_dict({key: tensor[net] for key, tensor in before.items()})
        gradients = _one_by_one(model, inputs[net].double(), labels[net])
        torch.testing.assert_close(found[net], gradients @ gradients.T)


@settings(deadline=None, max_examples=15)
@given(nets=st.integers(1, 4), width=st.integers(1, 20), bias=st.booleans(), seed=st.integers(0, 2**32))
def test_products_of_gradients_average_to_the_batchs_square(nets: int, width: int, bias: bool, seed: int) -> None:
    """Their mean is the squared length of how a step at rate 1 without momentum moves the weights."""
    recipe = Recipe(rate=1.0, batch=BATCH, epochs=1, momentum=0.0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(20, width, bias), nn.ReLU(), nn.Linear(width, CLASSES, bias)).double()
    generator = torch.Generator().manual_seed(seed)
    start = {
        key: torch.randn(nets, *p.shape, generator=generator, dtype=torch.float64)
        for key, p in model.named_parameters()
    }
    engine = Batched(model, {key: tensor.clone() for key, tensor in start.items()}, recipe, SHAPE)
    inputs, labels = batch_at(seed % 1000, nets)
    means = engine.products(inputs.double(), labels).mean((1, 2))
    engine.step(inputs.double(), labels, {})
    after = engine.weights(every_net(nets))
    moved = torch.cat([(start[key] - after[key]).flatten(1) for key in start], 1)
    torch.testing.assert_close(means, moved.square().sum(1), rtol=1e-9, atol=1e-12)
