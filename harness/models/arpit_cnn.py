"""The convolutional network of Arpit et al. 2017."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from memorization_claims.models.initial import he_normal
from memorization_claims.models.sizes import at_least


class _Crop(nn.Module):
    """Drops the two outermost pixels on each side."""

    def forward(self, values: Tensor) -> Tensor:
        return values[..., 2:-2, 2:-2]


def arpit_cnn(shape: tuple[int, int, int], classes: int, *, width: int = 200) -> nn.Sequential:
    """Crop 2; twice convolution 5x5, batch norm, ReLU, max pool 3x3; 384 and 192 units with batch norm; linear.

    Arpit 2017, footnote 2. The paper does not give the convolutions' padding: none here, Keras' default of the time.

    Args:
        shape: (channels, height, width) of one input; 3 x 32 x 32 in the paper, and at least 29 pixels high and wide.
        classes: number of logits.
        width: channels of both convolutions, 200 in the paper.
    """
    at_least(29, shape)
    features = nn.Sequential(_Crop(), *_block(shape[0], width), *_block(width, width), nn.Flatten())
    with torch.no_grad():
        inputs = features.eval()(torch.zeros(1, *shape)).shape[1]
    net = nn.Sequential(
        *features,
        *(nn.Linear(inputs, 384), nn.BatchNorm1d(384), nn.ReLU()),
        *(nn.Linear(384, 192), nn.BatchNorm1d(192), nn.ReLU()),
        nn.Linear(192, classes),
    )
    return he_normal(net)


def _block(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 5), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(3)]
