"""The small AlexNet of Zhang et al. 2017."""

from __future__ import annotations

from torch import nn


def alexnet(shape: tuple[int, int, int], classes: int) -> nn.Sequential:
    """Two of (convolution 5x5, max pool 3x3, local response normalisation), 384 and 192 units, linear.

    Zhang 2017, appendix A; 1,387,786 parameters for 3x28x28 inputs and 10 classes. Channels (64), pooling stride (2)
    and the normalisation's constants are those of TensorFlow's CIFAR-10 tutorial, from which the network comes.

    Args:
        shape: (channels, height, width) of one input.
        classes: number of logits.
    """
    pixels = -(-shape[1] // 4) * -(-shape[2] // 4)
    return nn.Sequential(
        *_block(shape[0]),
        *_block(64),
        nn.Flatten(),
        nn.Linear(64 * pixels, 384),
        nn.ReLU(),
        nn.Linear(384, 192),
        nn.ReLU(),
        nn.Linear(192, classes),
    )


def _block(channels: int) -> list[nn.Module]:
    return [
        nn.Conv2d(channels, 64, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2, padding=1),
        # TensorFlow's alpha, 0.001/9, multiplies a sum over 9 channels; PyTorch's multiplies their mean.
        nn.LocalResponseNorm(9, alpha=0.001, beta=0.75, k=1.0),
    ]
