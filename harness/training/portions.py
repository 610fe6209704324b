"""How many runs of a cohort are trained at once."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from memorization_claims.data.dataset import Dataset
from memorization_claims.models.build import build
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.engine import choose


def portions(
    specs: Sequence[RunSpec], datasets: Sequence[Dataset], device: torch.device, arithmetic: Arithmetic = PLAIN
) -> list[list[int]]:
    """The runs to train at once: one where nets are trained in a loop, else as many as fit the cache or the device."""
    shape = shape_of(datasets[0])
    model = build(specs[0], shape, datasets[0].classes)
    size = 1
    if choose(model, specs[0].recipe, shape, arithmetic) == "batched":
        size = max(1, side_by_side(model, device) // specs[0].nets)
    return [list(range(len(specs)))[start : start + size] for start in range(0, len(specs), size)]


def side_by_side(model: nn.Module, device: torch.device) -> int:
    """How many nets of a stack to train at once, as measured; at most: what convolutions make takes room too."""
    cuda = device.type == "cuda"
    most = (2**28 if cuda else 2**19) // sum(p.numel() for p in model.parameters())
    convolutional = any(isinstance(layer, nn.Conv2d) for layer in model.modules())
    return min(most, 64 if cuda else 8) if convolutional else most


def shape_of(data: Dataset) -> tuple[int, int, int]:
    """(channels, height, width) of an input."""
    channels, height, width = data.inputs.shape[1:]
    return channels, height, width
