"""Initial weights of networks."""

from __future__ import annotations

from typing import TypeVar

from torch import nn

Net = TypeVar("Net", bound=nn.Module)


def he_normal(net: Net) -> Net:
    """Give a network He et al.'s normal initialisation (2015, equation 10) with zero biases, and return it.

    Linear and convolutional layers are drawn in their order from torch's global generator; others keep their own.
    """
    for module in net.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return net
