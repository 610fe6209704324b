"""Multi-layer perceptrons with ReLU."""

from __future__ import annotations

import math

from torch import nn

from memorization_claims.models.initial import he_normal


def mlp(shape: tuple[int, int, int], classes: int, *, depth: int, width: int) -> nn.Sequential:
    """`depth` hidden layers of `width` units (Zhang 2017, appendix A: 1x512, 3x512; Arpit 2017, section 2).

    Args:
        shape: (channels, height, width) of one input.
        classes: number of logits.
        depth: hidden layers, at least 0; none is a linear classifier.
        width: units in each.
    """
    layers: list[nn.Module] = [nn.Flatten()]
    inputs = math.prod(shape)
    for _ in range(depth):
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    return he_normal(nn.Sequential(*layers, nn.Linear(inputs, classes)))
