"""The small Inception of Zhang et al. 2017."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from memorization_claims.models.initial import he_normal

# Channels of the 1x1 and the 3x3 path of each module, beside 96 of the first convolution; no 1x1 path means a
# downsampling.
_STAGES = [(32, 32), (32, 48), (0, 80), (112, 48), (96, 64), (80, 80), (48, 96), (0, 96), (176, 160), (176, 160)]


class Shift(nn.Module):
    """A learned shift for each channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, values: Tensor) -> Tensor:
        """The values, shifted."""
        return values + self.bias


class Beside(nn.Module):
    """Two paths over the same input, their channels concatenated."""

    def __init__(self, left: nn.Module, right: nn.Module) -> None:
        super().__init__()
        self.left = left
        self.right = right

    def forward(self, values: Tensor) -> Tensor:
        """The channels of the one path before those of the other."""
        return torch.cat([self.left(values), self.right(values)], dim=1)


def inception(shape: tuple[int, int, int], classes: int, *, batch_norm: bool = True, width: int = 96) -> nn.Sequential:
    """The small Inception (Zhang 2017, Fig. 3): width 96, 1,649,402 parameters for 3x28x28 inputs and 10 classes.

    Args:
        shape: (channels, height, width) of one input.
        classes: number of logits.
        batch_norm: normalise after each convolution, with a shift but no scale; otherwise the convolution has a bias.
        width: channels of the first convolution; those of all others are in proportion, rounded, at least 1.
    """

    def scaled(channels: int) -> int:
        return channels and max(1, round(channels * width / 96))

    def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
        layers: list[nn.Module] = [
            nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=not batch_norm)
        ]
        if batch_norm:
            layers += [nn.BatchNorm2d(outputs, affine=False), Shift(outputs)]
        return nn.Sequential(*layers, nn.ReLU())

    channels = width
    layers: list[nn.Module] = [convolution(shape[0], channels, 3)]
    for ones, threes in ((scaled(ones), scaled(threes)) for ones, threes in _STAGES):
        if ones:
            layers.append(Beside(convolution(channels, ones, 1), convolution(channels, threes, 3)))
            channels = ones + threes
        else:  # a downsampling: the other path is a max pool, which keeps the channels
            layers.append(Beside(convolution(channels, threes, 3, stride=2), nn.MaxPool2d(3, stride=2, padding=1)))
            channels += threes
    return he_normal(nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)))
