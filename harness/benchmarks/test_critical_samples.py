"""The Langevin search of a cohort against plain PyTorch loops over its nets, with the same results.

Time them with `pytest harness/benchmarks --benchmark-enable`, on a quiet machine and without `-n`; otherwise each runs
once, on little, as a test.

Measured on one thread of an AMD EPYC, torch 2.15, best of 5: 12 nets of mlp-2x128 on 200 digits 97 ms together, 237 ms
(2.4 times as long) net by net, 4.5 s (46 times) net by net and image by image as the algorithm is printed. Between the
first two only what products of small matrices cost besides their arithmetic is saved, and the parameters' gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from memorization_claims.data.source import load
from memorization_claims.measures.nets.critical_samples import critical_samples
from memorization_claims.models.build import build
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.training import engine as engines
from memorization_claims.training.lass import PAPER_ALPHA, PAPER_BETA

NETS, IMAGES, STEPS, RADIUS = 12, 200, 10, 0.05
RECIPE = Recipe(rate=0.02, batch=50, epochs=1)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _models(count: int) -> list[nn.Module]:
    specs = [RunSpec(data="digits", model="mlp-2x128", recipe=RECIPE, seed=seed) for seed in range(count)]
    return [build(spec, (1, 8, 8), 10).eval() for spec in specs]


def _images(count: int) -> Tensor:
    pixels = torch.from_numpy(load("digits", Path()).images[:count]).float()
    return (pixels - pixels.mean()) / pixels.std()


def _streams(count: int) -> list[torch.Generator]:
    """What the search draws its noise from, by its own rule: each net's seed is drawn from the net's generator."""
    seeds = [int(torch.randint(2**62, (), generator=torch.Generator().manual_seed(net))) for net in range(count)]
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def cohort(models: list[nn.Module], images: Tensor) -> Tensor:
    """The harness's way: all nets and all images at once."""
    shape = images.shape[1:]
    engine = engines.make(engines.choose(models[0], RECIPE, shape), models, RECIPE, torch.device("cpu"), shape)
    generators = [torch.Generator().manual_seed(net) for net in range(len(models))]
    inputs = images.expand(len(models), *images.shape)
    return critical_samples(engine.logits, inputs, radius=RADIUS, generators=generators, steps=STEPS)


def by_net(models: list[nn.Module], images: Tensor) -> Tensor:
    """One net after another, all of its images at once."""
    found = []
    for model, stream in zip(models, _streams(len(models)), strict=True):
        own, point, predicted = torch.zeros(len(images), dtype=torch.bool), images, model(images).argmax(1)
        for _ in range(STEPS):
            noise = torch.randn(images.shape, generator=stream)
            point = _step(model, images, point, predicted, noise)
            own |= model(point).argmax(1) != predicted
        found.append(own)
    return torch.stack(found)


def by_image(models: list[nn.Module], images: Tensor) -> Tensor:
    """One net and one image after another, as Algorithm 1 is written: each search ends when it has found something."""
    found = torch.zeros(len(models), len(images), dtype=torch.bool)
    for net, (model, stream) in enumerate(zip(models, _streams(len(models)), strict=True)):
        noise = torch.stack([torch.randn(images.shape, generator=stream) for _ in range(STEPS)])
        for image in range(len(images)):
            center = point = images[image : image + 1]
            predicted = model(center).argmax(1)
            for step in range(STEPS):
                point = _step(model, center, point, predicted, noise[step, image : image + 1])
                if model(point).argmax(1) != predicted:
                    found[net, image] = True
                    break
    return found


def _step(model: nn.Module, center: Tensor, point: Tensor, predicted: Tensor, noise: Tensor) -> Tensor:
    """From the log-odds of the predicted class downhill, with noise, and back into the box."""
    point = point.detach().requires_grad_()
    logits = model(point)
    others = logits.scatter(1, predicted[:, None], -torch.inf).logsumexp(1)
    (logits.gather(1, predicted[:, None])[:, 0] - others).sum().backward()
    assert point.grad is not None
    moved = point.detach() + RADIUS * (PAPER_BETA * noise - PAPER_ALPHA * point.grad.sign())
    return moved.clamp(center - RADIUS, center + RADIUS)


@pytest.mark.parametrize("way", [cohort, by_net, by_image])
def test_langevin_search(way: Callable[[list[nn.Module], Tensor], Tensor], benchmark: Any) -> None:
    """All ways find the same; how long each takes stands side by side."""
    benchmark.group = f"critical samples among {IMAGES} digits, {NETS} nets of mlp-2x128"
    models, images = (_models(2), _images(20)) if benchmark.disabled else (_models(NETS), _images(IMAGES))
    found = benchmark.pedantic(way, args=(models, images), rounds=5, warmup_rounds=1)
    # Not to the last: where a logit difference is within rounding of zero, the ways may part.
    assert (found != cohort(models, images)).double().mean() < 0.005
    assert 0 < found.double().mean() < 1
