"""What fits of a kernel and generators cost."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace

import torch

from memorization_claims.generators import adversarial
from memorization_claims.generators.dcgan import generator_net
from memorization_claims.measures.kernels.convolution import POOLS, SIDE
from memorization_claims.measures.kernels.gabor import gabor_features
from memorization_claims.measures.kernels.selection import MULTIPLES, RIDGES
from memorization_claims.price.net import KINDS
from memorization_claims.price.run import Price
from memorization_claims.price.sizes import Size
from memorization_claims.price.work import Work, work
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.kernel import KernelSpec

BYTES = 8
"""Of a number in double precision."""
NUMBERS = 6
"""That are kept of a fit."""


def fit(spec: KernelSpec, data: Size) -> Price:
    """Count a fit by formulas: distances, kernel matrices and their factors, and features of random filters.

    Args:
        spec: of the fit.
        data: what it takes of its data.
    """
    extra = 0 if spec.extra == "none" else data.validation // 2
    fitted, rows = data.examples + extra, data.examples + data.validation
    if spec.centres == "random":
        rows += fitted
    width, features = _features(spec, data)
    distances = 2.0 * rows * fitted * width * (2 if spec.centres == "random" else 1)
    # Cholesky's method takes n^3/3 operations, elimination with pivots twice as many.
    solved = fitted**3 / 3 * (2 if spec.centres == "random" else 1)
    tried = (len(MULTIPLES) if spec.bandwidth is None else 0) + (len(RIDGES) if spec.ridge is None else 0)
    flops = features * rows + distances + solved + tried * (0.8 * data.examples) ** 3 / 3
    matrices = float(BYTES * (rows + fitted) * fitted)
    done = Work(flops, 4 * matrices * (1 + tried), 0.0, matrices + 4.0 * rows * width)
    return Price(work=dict.fromkeys(KINDS, done), kept=BYTES * NUMBERS, double=True)


def _features(spec: KernelSpec, data: Size) -> tuple[int, float]:
    """How many features there are, and the operations that those of one image take."""
    channels, height, width = data.shape
    if spec.features == "gabor":
        counted = work(lambda: gabor_features(torch.zeros(1, *data.shape)))
        return gabor_features(torch.zeros(1, *data.shape)).shape[1], counted.flops
    if spec.features == "convolutional":
        places = (height - SIDE + 1) * (width - SIDE + 1)
        return spec.filters * POOLS**2, 2.0 * spec.filters * channels * SIDE**2 * places
    return math.prod(data.shape), 0.0


def generator(spec: GeneratorSpec, data: Size) -> Price | None:
    """Count a DCGAN by one step; other kinds, which have no steps that are known, have no price.

    Args:
        spec: of the generator.
        data: what it takes of its data.
    """
    if spec.kind != "dcgan":
        return None
    with torch.random.fork_rng(devices=[]):
        parts = generator_net(spec, data.shape).state_dict().values()
    steps = math.ceil(data.examples / spec.batch) * spec.epochs if spec.learned else 0
    images = torch.zeros(min(spec.batch, data.examples), *data.shape, device="meta")

    def step() -> None:
        # The losses of the one epoch are read at its end, and have no numbers.
        with suppress(NotImplementedError):
            adversarial.train(replace(spec, epochs=1), images)

    counted = work(step)
    seen = spec.epochs * data.examples / len(images) if spec.learned else 0.0
    total = Work(counted.flops * seen, counted.moved * seen, counted.launches * steps, counted.peak)
    return Price(
        work=dict.fromkeys(KINDS, total),
        kept=sum(each.numel() * each.element_size() for each in parts),
        parameters=sum(each.numel() for each in parts),
        passes={"training": spec.epochs * data.examples} if spec.learned else {},
    )
