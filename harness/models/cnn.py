"""A small convolutional network for reduced scale."""

from __future__ import annotations

from torch import nn

from memorization_claims.models.initial import he_normal
from memorization_claims.models.sizes import at_least


def cnn(shape: tuple[int, int, int], classes: int, *, width: int, batch_norm: bool = False) -> nn.Sequential:
    """Two of (convolution 3x3, ReLU, max pool 2x2) with `width` and 2 `width` channels, then 8 `width` units, linear.

    The plan of Zhang 2017's small AlexNet, reduced, without local response normalisation.

    Args:
        shape: (channels, height, width) of one input, at least 4 pixels high and wide.
        classes: number of logits.
        width: channels of the first convolution.
        batch_norm: normalise after each convolution, which then has no bias.
    """
    at_least(4, shape)
    pixels = (shape[1] // 4) * (shape[2] // 4)
    net = nn.Sequential(
        *_block(shape[0], width, batch_norm),
        *_block(width, 2 * width, batch_norm),
        nn.Flatten(),
        nn.Linear(2 * width * pixels, 8 * width),
        nn.ReLU(),
        nn.Linear(8 * width, classes),
    )
    return he_normal(net)


def _block(inputs: int, outputs: int, batch_norm: bool) -> list[nn.Module]:
    norm = [nn.BatchNorm2d(outputs)] if batch_norm else []
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=not batch_norm), *norm, nn.ReLU(), nn.MaxPool2d(2)]
