"""Torchvision's Inception v3 with initial weights and a dropout of its training's own streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from memorization_claims.seed import stream
from memorization_claims.spec.imagenet import ImagenetSpec

if TYPE_CHECKING:
    from torchvision.models import Inception3

AUXILIARY_SIDE = 299
"""Images smaller than this leave no room for the auxiliary classifier, and the net goes without."""
AUXILIARY_WEIGHT = 0.4
"""Of the auxiliary classifier's loss. Source: TensorFlow's package for Inception v3."""
DECAY, MOMENTUM, EPSILON = 0.9, 0.9, 1.0
"""RMSProp's constants. Source: Szegedy et al. 2016, section 8, and TensorFlow's package; torch adds epsilon to the root
of the mean square, TensorFlow to the mean square."""


class Dropout(nn.Module):
    """Dropout that draws from a generator of its own, which the trainer sets before each pass."""

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability
        self.generator: torch.Generator | None = None

    def forward(self, values: Tensor) -> Tensor:
        """Drop values in training mode and scale the others up; any shape."""
        if not (self.training and self.probability):
            return values
        kept = torch.empty_like(values).bernoulli_(1 - self.probability, generator=self.generator)
        return values * kept / (1 - self.probability)


def build(spec: ImagenetSpec, device: torch.device) -> Inception3:
    """The net with the initial weights of its seed, normal ones cut off, in training mode.

    Its logits are (images, classes); in training mode it gives the auxiliary classifier's besides, if it has one.

    Args:
        spec: names the seed, the classes, the size of images and the dropout.
        device: where it is put; on the meta device it has shapes and no numbers.
    """
    from torchvision.models import Inception3

    # Modules draw their initial weights from the global generator: it is seeded here and put back.
    with torch.random.fork_rng(devices=[]), torch.device("meta" if device.type == "meta" else "cpu"):
        torch.default_generator.manual_seed(stream(spec.seed, "init"))
        net = Inception3(spec.classes, aux_logits=spec.side >= AUXILIARY_SIDE, init_weights=True)
    net.dropout = Dropout(spec.dropout)
    return net.to(device).train()


def optimizer_of(spec: ImagenetSpec, net: nn.Module) -> torch.optim.Optimizer:
    """RMSProp; weight decay is of weights alone, and not of biases and of batch norm, which have one dimension."""
    weights = [parameter for parameter in net.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in net.parameters() if parameter.ndim == 1]
    groups: list[dict[str, Any]] = [{"params": weights, "weight_decay": spec.weight_decay}, {"params": others}]
    return torch.optim.RMSprop(groups, lr=spec.rate, alpha=DECAY, momentum=MOMENTUM, eps=EPSILON)


def loss_of(net: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """The mean loss that is trained on, with the auxiliary classifier's; a scalar.

    Args:
        net: in training mode.
        images: (images, 3, side, side), float32.
        labels: (images,), int64.
    """
    given = net(images)
    if isinstance(given, Tensor):
        return cross_entropy(given, labels)
    logits, auxiliary = given
    return cross_entropy(logits, labels) + (
        0 if auxiliary is None else AUXILIARY_WEIGHT * cross_entropy(auxiliary, labels)
    )
