"""Weight decay in the claims on Zhang et al. 2017: as strong at reduced scale as at theirs, and on which weights."""

from __future__ import annotations

import math
from importlib import import_module

import pytest
import torch

from memorization_claims.models.alexnet import alexnet
from memorization_claims.spec.recipe import Recipe

recipes, regularisers, tutorial = (
    import_module(f"memorization_claims.claims.zhang2017.{name}") for name in ("recipes", "regularisers", "tutorial")
)


def test_the_pull_is_how_far_weights_shrink() -> None:
    """Without a gradient, and with steps so small that momentum is always full, weights fall by e to its power."""
    recipe, weight, velocity = Recipe(rate=1e-3, batch=1, epochs=400, decay=0.999), 1.0, 0.0
    for epoch in range(400):
        for _ in range(50):
            velocity = 0.9 * velocity + 0.01 * weight
            weight -= recipe.rate_at(epoch) * velocity
    assert math.log(weight) == pytest.approx(-0.01 * regularisers.pull(recipe, 50), rel=0.01)


def test_the_papers_own_weight_decay() -> None:
    """391 steps an epoch at a rate that sums to 19.9 epochs of the first: 0.39 for AlexNet, 3.9 for Inception."""
    assert regularisers.COEFFICIENT * regularisers.pull(
        recipes.OWN_ALEXNET.recipe, regularisers.IMAGES
    ) == pytest.approx(0.389, abs=0.001)
    assert regularisers.COEFFICIENT * regularisers.pull(recipes.INCEPTION.recipe, regularisers.IMAGES) == pytest.approx(
        3.89, abs=0.01
    )
    assert (
        regularisers.decay_as(recipes.OWN_ALEXNET, recipes.OWN_ALEXNET.recipe, regularisers.IMAGES)
        == regularisers.COEFFICIENT
    )


@pytest.mark.parametrize(("factory", "coefficient"), [(tutorial.sgd, 0.004), (tutorial.reduced_sgd, None)])
def test_the_tutorial_decays_hidden_dense_layers_alone(factory: type, coefficient: float | None) -> None:
    """Of AlexNet's weights those of the two hidden dense layers shrink by one step, and no others."""
    net = alexnet((1, 8, 8), 10, width=4)
    before = [parameter.detach().clone() for parameter in net.parameters()]
    optimizer = factory(list(net.parameters()), 0.1)
    for parameter in net.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    strength = coefficient or regularisers.decay_as(recipes.OWN_ALEXNET, recipes.NARROW_ALEXNET.recipe, 100, 0.004)
    shapes = []
    for parameter, was in zip(net.parameters(), before, strict=True):
        if not torch.equal(parameter, was):
            torch.testing.assert_close(parameter.detach(), (1 - 0.1 * strength) * was)
            shapes.append(tuple(parameter.shape))
    assert shapes == [(24, 16), (12, 24)]
