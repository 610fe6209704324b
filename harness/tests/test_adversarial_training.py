"""Adversarial training: what it adds to a batch, against a plain loop, and what leaves it ordinary training."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from memorization_claims.data.dataset import prepare
from memorization_claims.errors import SettingError
from memorization_claims.models.build import build
from memorization_claims.seed import torch_generator
from memorization_claims.spec.run import RunSpec
from memorization_claims.tests.training_samples import CPU, DIGITS, PLAIN, spec, trained
from memorization_claims.training.adversarial import doubled, radius_of
from memorization_claims.training.engine import Engine, make
from memorization_claims.training.lass import PAPER_ALPHA, PAPER_BETA

ADVERSARIAL = replace(PLAIN, adversarial=0.6, adversarial_radius=2 / 16, adversarial_steps=4)


def _linear_net() -> Engine:
    """Two classes, told apart by the sign of the first of two pixels."""
    layer = nn.Linear(2, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 0.0], [-1.0, 0.0]]))
        layer.bias.zero_()
    return make("batched", [nn.Sequential(nn.Flatten(), layer)], ADVERSARIAL, CPU, (1, 1, 2))


def test_what_lies_within_reach_is_pushed_over_the_boundary() -> None:
    """Of a linear net: the example near its boundary gets a neighbour on the other side, the far one stays itself."""
    inputs, labels = torch.tensor([0.5, 0.0, 3.0, 0.0]).view(1, 2, 1, 1, 2), torch.tensor([[0, 1]])
    generators = [torch.Generator().manual_seed(0)]
    both, twice, shares = doubled(_linear_net(), inputs, labels, recipe=ADVERSARIAL, radius=1.0, generators=generators)
    assert torch.equal(both[:, :2], inputs)
    assert twice.tolist() == [[0, 1, 0, 1]]
    assert -0.5 <= float(both[0, 2, 0, 0, 0]) < 0
    assert torch.equal(both[0, 3], inputs[0, 1])
    torch.testing.assert_close(shares, torch.tensor([0.2, 0.2, 0.3, 0.3]))


@settings(deadline=None, max_examples=25)
@given(radius=st.floats(0.0, 3.0), steps=st.integers(1, 6), seed=st.integers(0, 2**32), weight=st.floats(0.0, 1.0))
def test_neighbours_lie_in_the_box_and_are_predicted_otherwise(
    radius: float, steps: int, seed: int, weight: float
) -> None:
    """Whatever the net: within the radius, of another prediction or the example itself; shares sum to one."""
    recipe = replace(ADVERSARIAL, adversarial=weight, adversarial_steps=steps)
    models = [build(spec(seed, recipe, model="mlp-1x9"), (1, 3, 3), 10, net) for net in range(2)]
    engine, draw = make("batched", models, recipe, CPU, (1, 3, 3)), torch.Generator().manual_seed(seed)
    inputs, labels = torch.randn(2, 5, 1, 3, 3, generator=draw), torch.randint(10, (2, 5), generator=draw)
    generators = [torch.Generator().manual_seed(net) for net in range(2)]
    both, twice, shares = doubled(engine, inputs, labels, recipe=recipe, radius=radius, generators=generators)
    points = both[:, 5:]
    assert float((points - inputs).abs().max()) <= radius * (1 + 1e-6) + 1e-6
    other = engine.logits(points).argmax(-1) != engine.logits(inputs).argmax(-1)
    itself = (points == inputs).flatten(2).all(-1)
    assert bool((other ^ itself).all())
    assert torch.equal(twice, torch.cat([labels, labels], 1))
    assert float(shares.sum()) == pytest.approx(1)


def _found(model: nn.Module, x: Tensor, radius: float, drawn: list[Tensor]) -> Tensor:
    """One example's first point of another prediction, by autograd on that example alone, or the example."""
    predicted, point = int(model(x[None]).argmax()), x
    for noise in drawn:
        moving = point[None].clone().requires_grad_()
        (uphill,) = torch.autograd.grad(model(moving).log_softmax(-1)[0, predicted], moving)
        point = point + PAPER_BETA * radius * noise - PAPER_ALPHA * radius * uphill[0].sign()
        point = x + (point - x).clamp(-radius, radius)
        if int(model(point[None]).argmax()) != predicted:
            return point
    return x


def _plain_loop(run: RunSpec) -> tuple[nn.Module, int]:
    """The run trained step by step and example by example with torch.optim, and how many critical samples it met."""
    data, recipe, met = prepare(run, DIGITS), run.recipe, 0
    model = build(run, (1, 8, 8), 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=recipe.rate_at(0), momentum=recipe.momentum)
    order, searching = torch_generator(run.seed, "order", 0), torch_generator(run.seed, "adversary", 0)
    radius = recipe.adversarial_radius * float(data.span or 0)
    for _ in range(recipe.epochs):
        shuffled = torch.randperm(len(data.labels), generator=order)
        for own in (shuffled[at : at + recipe.batch] for at in range(0, len(shuffled), recipe.batch)):
            x, y = data.inputs[own], data.labels[own]
            noise = torch.Generator().manual_seed(int(torch.randint(2**62, (), generator=searching)))
            drawn = [torch.randn(x.shape, generator=noise) for _ in range(recipe.adversarial_steps)]
            points = torch.stack([_found(model, one, radius, [d[i] for d in drawn]) for i, one in enumerate(x)])
            met += int((points != x).flatten(1).any(1).sum())
            weight = recipe.adversarial
            loss = (1 - weight) * cross_entropy(model(x), y) + weight * cross_entropy(model(points), y)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return model, met


def test_a_cohort_trains_as_a_plain_loop_does() -> None:
    """Three epochs of an MLP, each example searched by itself: the same weights to 1e-4."""
    run = spec(3, ADVERSARIAL)
    model, met = _plain_loop(run)
    assert met > 20
    for key, tensor in model.state_dict().items():
        found = torch.from_numpy(trained([run])[run][f"weights/final/{key}"][0])
        torch.testing.assert_close(found, tensor, rtol=0, atol=1e-4)


def test_nothing_within_reach_leaves_ordinary_training() -> None:
    """With radius 0 each example stands twice with shares that sum to its own: the same weights to 1e-5."""
    plain, searched = spec(1), spec(1, replace(ADVERSARIAL, adversarial_radius=0.0))
    first, second = trained([plain])[plain], trained([searched])[searched]
    for key in (name for name in first if name.startswith("weights/")):
        torch.testing.assert_close(torch.from_numpy(first[key]), torch.from_numpy(second[key]), rtol=0, atol=1e-5)


def test_images_without_a_common_range_are_refused() -> None:
    """Whitened images cannot be searched within a share of their range; without adversarial training nobody asks."""
    run = spec(preprocessing="whiten")
    data = prepare(run, DIGITS)
    assert radius_of(PLAIN, data) == 0.0
    with pytest.raises(SettingError) as refused:
        radius_of(ADVERSARIAL, data)
    assert str(refused.value) == (
        "adversarial training searches within a share of the pixels' range, and preprocessing is whiten, which leaves "
        "images without a common one; legal is standardize"
    )
