"""Training a cohort against a plain PyTorch loop over the same runs, one seed after another.

Time them with `pytest harness/benchmarks --benchmark-enable`, on a quiet machine and without `-n`; otherwise each runs
once, on little, as a test.

On one thread of an Intel(R) Xeon(R) Processor (model 167), torch 2.14, in CPU seconds, medians of 3, on 8x8 pixels:
12 seeds of cnn-16 1.17 s against 3.39 s (2.9 times as fast), 8 seeds of vgg3-16 0.83 s against 2.18 s (2.6), 8 seeds of
vgg6-16 2.84 s against 4.05 s (1.4). Of an AMD EPYC, torch 2.15, medians of 7 before updates took one pass: 100 seeds of
mlp-2x64 0.52 s against 5.8 s (11), 12 seeds of cnn-16 on 16x16 pixels, in the loop, 2.2 s against 3.0 s (1.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy, interpolate

from memorization_claims.data.dataset import Dataset, prepare
from memorization_claims.data.source import Source, load
from memorization_claims.models.build import build
from memorization_claims.seed import torch_generator
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record, RunSpec
from memorization_claims.training.cohort import train

Weights = list[dict[str, np.ndarray]]
CPU = torch.device("cpu")
EPOCHS = 3


@dataclass(frozen=True)
class Work:
    """A cohort to train for three epochs on 1000 digits, evaluated on these and 200 others before and after."""

    model: str
    side: int
    """Pixels; digits of 8 are interpolated to 16."""
    batch: int
    seeds: int


WORKS = {
    "100 seeds of mlp-2x64, batch 10": Work("mlp-2x64", 8, 10, 100),
    "12 seeds of cnn-16, 8x8, batch 32": Work("cnn-16", 8, 32, 12),
    "12 seeds of cnn-16, 16x16, batch 32": Work("cnn-16", 16, 32, 12),
    "8 seeds of vgg3-16, 8x8, batch 50": Work("vgg3-16", 8, 50, 8),
    "8 seeds of vgg6-16, 8x8, batch 50": Work("vgg6-16", 8, 50, 8),
}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _source(side: int) -> Source:
    digits = load("digits", Path())
    # Interpolated: pixels that merely repeat would tie in the max pools, and rounding would break the ties.
    images = interpolate(torch.from_numpy(digits.images), size=(side, side), mode="bilinear").numpy()
    return Source("digits", images, digits.labels, None, None, digits.range)


def _runs(work: Work, seeds: int, subset: int = 1000) -> tuple[list[RunSpec], list[Dataset]]:
    recipe, record = Recipe(rate=0.001, batch=work.batch, epochs=EPOCHS), Record(every=EPOCHS)
    shared = RunSpec(data="digits", model=work.model, subset=subset, validation=200, recipe=recipe, record=record)
    specs = [replace(shared, seed=seed) for seed in range(seeds)]
    source = _source(work.side)
    return specs, [prepare(spec, source) for spec in specs]


def cohort(specs: list[RunSpec], datasets: list[Dataset]) -> Weights:
    """The harness's way."""
    prefix = "weights/final/"
    trained = {spec.seed: arrays for spec, arrays, _ in train(specs, datasets, CPU)}
    return [
        {name.removeprefix(prefix): array[0] for name, array in trained[spec.seed].items() if name.startswith(prefix)}
        for spec in specs
    ]


def plain(specs: list[RunSpec], datasets: list[Dataset]) -> Weights:
    """The usual way: a module, an optimizer, and batches as index slices of tensors in memory."""
    return [_plain(spec, data) for spec, data in zip(specs, datasets, strict=True)]


def _plain(spec: RunSpec, data: Dataset) -> dict[str, np.ndarray]:
    model = build(spec, tuple(data.inputs.shape[1:]), data.classes)  # type: ignore[arg-type]
    optimizer = torch.optim.SGD(model.parameters(), lr=spec.recipe.rate_at(0), momentum=spec.recipe.momentum)
    generator = torch_generator(spec.seed, "order", 0)
    _evaluate(model, data)
    for _ in range(spec.recipe.epochs):
        model.train()
        for batch in torch.split(torch.randperm(len(data.labels), generator=generator), spec.recipe.batch):
            optimizer.zero_grad()
            cross_entropy(model(data.inputs[batch]), data.labels[batch]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    _evaluate(model, data)
    return {name: tensor.numpy() for name, tensor in model.state_dict().items()}


@torch.no_grad()
def _evaluate(model: torch.nn.Module, data: Dataset) -> tuple[float, float, float]:
    model.eval()
    logits, held_out = model(data.inputs), model(data.validation_inputs)
    loss = cross_entropy(logits, data.labels).item()
    accuracy = (logits.argmax(1) == data.labels).float().mean().item()
    return loss, accuracy, (held_out.argmax(1) == data.validation_labels).float().mean().item()


@pytest.mark.parametrize("way", [cohort, plain], ids=["cohort", "plain"])
@pytest.mark.parametrize("name", WORKS)
def test_training(name: str, way: Callable[[list[RunSpec], list[Dataset]], Weights], benchmark: Any) -> None:
    """Both ways end at the same weights; how long each takes stands side by side in one group."""
    benchmark.group = name
    work = WORKS[name]
    specs, datasets = _runs(work, 3, 200) if benchmark.disabled else _runs(work, work.seeds)
    found = benchmark.pedantic(way, args=(specs, datasets), rounds=7, warmup_rounds=1)
    # Not all: where a unit is within rounding of zero, the two ways may take different sides, and part.
    other = (plain if way is cohort else cohort)(specs[:3], datasets[:3])
    for ours, theirs in zip(found[:3], other, strict=True):
        for key, array in theirs.items():
            np.testing.assert_allclose(ours[key], array, atol=1e-5, rtol=0)
