"""Activation maximisation of twelve nets side by side against a plain loop over nets, classes and starts.

Time them with `pytest harness/benchmarks/test_dissection.py --benchmark-enable`, on a quiet machine and without `-n`;
otherwise each runs once, on little, as a test.

Measured on one thread of a busy AMD EPYC, torch 2.15: side by side 0.8 s, median of 3; the loop 23 s, once (28 times).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from memorization_claims.measures.dissection.maximisation import maximise, starts
from memorization_claims.models.build import build
from memorization_claims.spec.dissection import Dissection
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.training import engine as engines

LATENT, CLASSES, SHAPE = 20, 10, (1, 8, 8)
RUN = RunSpec(data="digits", model="vgg3-16", recipe=Recipe(rate=0.1, batch=1, epochs=1))


@dataclass(frozen=True)
class Problem:
    """Nets, linear generators, and how to search."""

    nets: list[nn.Module]
    directions: Tensor
    """(nets, latent, *shape)."""
    how: Dissection


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def problem(nets: int, starts: int, steps: int) -> Problem:
    """Nets with their initial weights: what they answer does not matter to the time that it takes."""
    directions = torch.randn(nets, LATENT, *SHAPE, generator=torch.Generator().manual_seed(0))
    models = [build(RUN, SHAPE, CLASSES, net).eval() for net in range(nets)]
    return Problem(models, directions, Dissection(starts=starts, steps=steps))


def generators(given: Problem) -> list[torch.Generator]:
    """One for each net."""
    return [torch.Generator().manual_seed(net) for net in range(len(given.nets))]


def together(given: Problem) -> Tensor:
    """The harness's way."""
    chosen = engines.choose(given.nets[0], RUN.recipe, SHAPE)
    logits = engines.make(chosen, given.nets, RUN.recipe, torch.device("cpu"), SHAPE).logits
    return maximise(
        logits,
        lambda z: torch.einsum("nel,nlchw->nechw", z, given.directions),
        latent=LATENT,
        classes=CLASSES,
        how=given.how,
        generators=generators(given),
    )


def plain(given: Problem) -> Tensor:
    """The usual way: one latent vector at a time, with torch's Adam."""
    begun = starts(LATENT, CLASSES, given.how, generators(given))
    found = torch.empty_like(begun)
    for row, model in enumerate(given.nets):
        for place, start in enumerate(begun[row]):
            z = start.clone().requires_grad_()
            optimizer = torch.optim.Adam([z], lr=given.how.rate, maximize=True)
            for _ in range(given.how.steps):
                optimizer.zero_grad()
                image = torch.tensordot(z, given.directions[row], dims=1)
                model(image[None])[0, place // given.how.starts].backward()
                optimizer.step()
                with torch.no_grad():
                    z *= min(1.0, math.sqrt(LATENT) / float(z.norm()))
            found[row, place] = z.detach()
    return found.reshape(len(given.nets), CLASSES, given.how.starts, LATENT)


@pytest.mark.parametrize("way", [together, plain])
def test_maximisation(way: Callable[[Problem], Tensor], benchmark: Any) -> None:
    """Both ways end at the same latent vectors; how long each takes stands side by side."""
    benchmark.group = "12 nets of vgg3-16, 10 classes, 10 starts, 40 steps"
    given = problem(2, 1, 5) if benchmark.disabled else problem(12, 10, 40)
    found = benchmark.pedantic(way, args=(given,), rounds=1 if way is plain else 3)
    few = Problem(given.nets[:2], given.directions[:2], given.how)
    expected = found[:2] if way is plain else plain(few)
    # Where a unit is within rounding of zero, the two ways may take different sides; few starts do.
    close = torch.isclose(together(few), expected, rtol=0, atol=1e-3).all(dim=-1)
    assert close.double().mean() > 0.95
