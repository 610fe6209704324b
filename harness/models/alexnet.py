"""The small AlexNet of Zhang et al. 2017."""

from __future__ import annotations

from torch import Tensor, nn

from memorization_claims.models.initial import he_normal


def alexnet(shape: tuple[int, int, int], classes: int, *, width: int = 64) -> nn.Sequential:
    """Two of (convolution 5x5, max pool 3x3, local response normalisation), two hidden layers, linear.

    Zhang 2017, appendix A: width 64, 1,387,786 parameters for 3x28x28 inputs and 10 classes. That width, the pooling
    stride (2) and the normalisation's constants are those of TensorFlow's CIFAR-10 tutorial, where the network is from.

    Args:
        shape: (channels, height, width) of one input.
        classes: number of logits.
        width: channels of both convolutions; the hidden layers have 6 and 3 times as many units.
    """
    pixels = -(-shape[1] // 4) * -(-shape[2] // 4)
    net = nn.Sequential(
        *_block(shape[0], width),
        *_block(width, width),
        nn.Flatten(),
        nn.Linear(width * pixels, 6 * width),
        nn.ReLU(),
        nn.Linear(6 * width, 3 * width),
        nn.ReLU(),
        nn.Linear(3 * width, classes),
    )
    return he_normal(net)


def _block(inputs: int, outputs: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2, padding=1),
        # TensorFlow's alpha, 0.001/9, multiplies a sum over 9 channels; PyTorch's multiplies their mean.
        ResponseNorm(9, alpha=0.001, beta=0.75, k=1.0),
    ]


class ResponseNorm(nn.LocalResponseNorm):
    """PyTorch's, pooling over images with one dimension of pixels: over two, CUDA's gradient has no fixed order."""

    def forward(self, input: Tensor) -> Tensor:
        """From and to (n, channels, height, width)."""
        return super().forward(input.flatten(2)).view_as(input)
