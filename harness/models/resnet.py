"""The residual networks that He et al. 2016 trained on CIFAR."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import pad

from memorization_claims.models.initial import he_normal

Shape = tuple[int, int, int]


class _Block(nn.Module):
    """Two of (convolution 3x3, batch norm) beside a shortcut without parameters, with ReLU between and after them."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_normalised(inputs, outputs, stride),
            nn.ReLU(),
            *_normalised(outputs, outputs),
        )
        self.after = nn.ReLU()
        self.stride, self.added = stride, outputs - inputs

    def forward(self, values: Tensor) -> Tensor:
        # Option A of section 4.2: every other pixel, and zeros for the channels that are new.
        shortcut = pad(values[..., :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.added))
        out: Tensor = self.after(self.body(values) + shortcut)
        return out


def resnet(shape: Shape, classes: int, *, width: int, blocks: int) -> nn.Sequential:
    """A convolution, three stages of `width`, 2 `width` and 4 `width` channels, the mean over pixels, linear.

    He et al. 2016, section 4.2: 6 `blocks` + 2 layers; with 5 blocks and a width of 16 it is ResNet-32, 464,154
    parameters on CIFAR-10. Convolutions have no bias, since batch norm follows each.

    Args:
        shape: (channels, height, width) of one input.
        classes: number of logits.
        width: channels of the first stage.
        blocks: residual blocks of each stage.
    """
    layers: list[nn.Module] = [*_normalised(shape[0], width), nn.ReLU()]
    inputs = width
    for stage in range(3):
        for block in range(blocks):
            outputs = width * 2**stage
            layers.append(_Block(inputs, outputs, stride=2 if stage and not block else 1))
            inputs = outputs
    return he_normal(nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes)))


def _normalised(inputs: int, outputs: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(outputs)]
