"""Weight decay as in TensorFlow's CIFAR-10 tutorial, where the small AlexNet is from: of hidden dense layers."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor
from torch.optim import SGD

from .recipes import NARROW_ALEXNET, OWN_ALEXNET
from .regularisers import decay_as

COEFFICIENT = 0.004
"""Of the tutorial (`cifar10.py`, local3 and local4); convolutions, biases and the last layer have none."""


def sgd(parameters: Sequence[Tensor], rate: float) -> SGD:
    """SGD at the paper's scale."""
    return _decaying(parameters, rate, COEFFICIENT)


def reduced_sgd(parameters: Sequence[Tensor], rate: float) -> SGD:
    """SGD that pulls the same weights as far over a shorter training."""
    assert NARROW_ALEXNET.subset is not None
    coefficient = decay_as(OWN_ALEXNET, NARROW_ALEXNET.recipe, NARROW_ALEXNET.subset, COEFFICIENT)
    return _decaying(parameters, rate, coefficient)


def _decaying(parameters: Sequence[Tensor], rate: float, coefficient: float) -> SGD:
    dense = [parameter for parameter in parameters if parameter.dim() == 2]
    hidden = {id(parameter) for parameter in dense[:-1]}
    groups: list[dict[str, Any]] = [
        {"params": [parameter for parameter in parameters if id(parameter) in hidden], "weight_decay": coefficient},
        {"params": [parameter for parameter in parameters if id(parameter) not in hidden]},
    ]
    return SGD(groups, lr=rate, momentum=0.9)
