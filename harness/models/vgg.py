"""VGG networks for small images."""

from __future__ import annotations

from torch import nn


def vgg11(shape: tuple[int, int, int], classes: int) -> nn.Sequential:
    """VGG-11 (Simonyan & Zisserman 2015, configuration A) as used on CIFAR: five max pools, one linear layer.

    Gu & Tresp 2019 give no more than the name; no batch norm, as in the original.

    Args:
        shape: (channels, height, width) of one input, at least 32 pixels high and wide.
        classes: number of logits.
    """
    layers: list[nn.Module] = []
    channels = shape[0]
    for width in (64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0):
        if width:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
        else:
            layers.append(nn.MaxPool2d(2))
    pixels = (shape[1] // 32) * (shape[2] // 32)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512 * pixels, classes))
