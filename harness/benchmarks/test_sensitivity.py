"""Gradients through training for a cohort at once, against plain loops over single nets.

Time them with `pytest harness/benchmarks/test_sensitivity.py --benchmark-enable`, on a quiet machine and without `-n`;
otherwise each runs once, on little, as a test.

Measured on one thread of an Intel Xeon whose other core was busy, torch 2.14: 1.26 to 1.61 s against 11.4 to 11.6 s (7
to 9 times as fast).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from memorization_claims.measures.loss_sensitivity.unrolled import through_updates
from memorization_claims.models.build import build
from memorization_claims.seed import torch_generator
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec

TIMES = 5
"""How often the loss is taken on the way."""


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def work(nets: int, examples: int, epochs: int) -> dict[str, Any]:
    """Nets of 2 x 16 units on noise of 8 x 8 pixels, in batches of 25."""
    recipe = Recipe(rate=0.1, momentum=0.0, batch=25, epochs=epochs)
    specs = [RunSpec(data="digits", model="mlp-2x16", recipe=recipe, seed=seed) for seed in range(nets)]
    generators = [torch_generator(spec.seed, "order", 0) for spec in specs]
    orders = [
        torch.stack([torch.randperm(examples, generator=own) for own in generators]) for _ in range(recipe.epochs)
    ]
    batches = [batch for order in orders for batch in torch.split(order, 25, dim=1)]
    generator = torch.Generator().manual_seed(0)
    return {
        "models": [build(spec, (1, 8, 8), 10) for spec in specs],
        "inputs": torch.randn(nets, examples, 1, 8, 8, generator=generator),
        "labels": torch.randint(10, (nets, examples), generator=generator),
        "batches": batches,
        "recipe": recipe,
        "at": [len(batches) * (1 + time) // TIMES for time in range(TIMES)],
    }


def cohort(work: dict[str, Any]) -> Tensor:
    """The harness's way: (nets, times, examples, *shape)."""
    terms = torch.full((len(work["models"]), 1, work["labels"].shape[1]), 1 / work["labels"].shape[1])
    return through_updates(**work, terms=terms)[0][:, :, 0]


def plain(work: dict[str, Any]) -> Tensor:
    """The usual way: one net after another, autograd through the graph of the whole course, once for each time."""
    return torch.stack([_plain(work, net) for net in range(len(work["models"]))])


def _plain(work: dict[str, Any], net: int) -> Tensor:
    model, labels, rate = work["models"][net], work["labels"][net], work["recipe"].rate
    inputs = work["inputs"][net].clone().requires_grad_()
    weights, losses = {name: own.detach().requires_grad_() for name, own in model.named_parameters()}, []
    for update, batch in enumerate(work["batches"], 1):
        examples = batch[net]
        loss = cross_entropy(functional_call(model, weights, inputs[examples]), labels[examples])
        gradients = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
        weights = {name: own - rate * slope for (name, own), slope in zip(weights.items(), gradients, strict=True)}
        if update in work["at"]:
            losses.append(cross_entropy(functional_call(model, weights, inputs.detach()), labels))
    return torch.stack([torch.autograd.grad(loss, inputs, retain_graph=True)[0] for loss in losses])


@pytest.mark.parametrize("way", [cohort, plain], ids=["cohort", "plain"])
def test_sensitivity(way: Callable[[dict[str, Any]], Tensor], benchmark: Any) -> None:
    """Both ways give the same gradients of 12 nets after 400 updates; how long each takes stands side by side."""
    some = work(2, 50, 5) if benchmark.disabled else work(12, 500, 20)
    found = benchmark.pedantic(way, args=(some,), rounds=3, warmup_rounds=1)
    other = (plain if way is cohort else cohort)(some)
    torch.testing.assert_close(found, other, rtol=0, atol=1e-4 * float(other.abs().max()))
