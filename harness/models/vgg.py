"""VGG networks (Simonyan & Zisserman 2015) for small images, without batch norm, as in the original."""

from __future__ import annotations

from torch import nn

from memorization_claims.models.initial import he_normal
from memorization_claims.models.sizes import at_least

Shape = tuple[int, int, int]

FULL = (64, 128, 256, 512, 512)
"""Channels of each stage of the original."""


def vgg11(shape: Shape, classes: int) -> nn.Sequential:
    """VGG-11, configuration A, as used on CIFAR: five max pools, one linear layer; 9,225,610 parameters there.

    Gu & Tresp 2019 give no more than the name.

    Args:
        shape: (channels, height, width) of one input, at least 32 pixels high and wide.
        classes: number of logits.
    """
    return _vgg(shape, classes, channels=FULL, convolutions=(1, 1, 2, 2, 2))


def vgg13(shape: Shape, classes: int) -> nn.Sequential:
    """VGG-13, configuration B, likewise: two convolutions in each of the five stages; 9,410,122 parameters on CIFAR.

    Args:
        shape: (channels, height, width) of one input, at least 32 pixels high and wide.
        classes: number of logits.
    """
    return _vgg(shape, classes, channels=FULL, convolutions=(2, 2, 2, 2, 2))


def small_vgg(shape: Shape, classes: int, *, width: int, convolutions: int) -> nn.Sequential:
    """Three stages of `width`, 2 `width` and 4 `width` channels, then 4 `width` hidden units, linear.

    Args:
        shape: (channels, height, width) of one input, at least 8 pixels high and wide.
        classes: number of logits.
        width: channels of the first stage.
        convolutions: how many a stage has.
    """
    channels = (width, 2 * width, 4 * width)
    return _vgg(shape, classes, channels=channels, convolutions=3 * (convolutions,), hidden=4 * width)


def _vgg(
    shape: Shape, classes: int, *, channels: tuple[int, ...], convolutions: tuple[int, ...], hidden: int | None = None
) -> nn.Sequential:
    """Stages of (convolution 3x3, ReLU) that end in a max pool 2x2 each; a hidden layer if asked for; linear."""
    side = 2 ** len(channels)
    at_least(side, shape)
    layers: list[nn.Module] = []
    inputs = shape[0]
    for width, depth in zip(channels, convolutions, strict=True):
        for _ in range(depth):
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
            inputs = width
        layers.append(nn.MaxPool2d(2))
    values = inputs * (shape[1] // side) * (shape[2] // side)
    layers.append(nn.Flatten())
    if hidden:
        layers += [nn.Linear(values, hidden), nn.ReLU()]
    return he_normal(nn.Sequential(*layers, nn.Linear(hidden or values, classes)))
