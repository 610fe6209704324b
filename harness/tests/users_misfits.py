"""Nets that people have, which cannot be trained, or not measured."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from memorization_claims.tests.users_nets import Functional, Shape, plain


class Auxiliary(Functional):
    """Gives more in training, as GoogLeNet does."""

    def forward(self, x: Tensor) -> Any:
        """Logits, twice in training."""
        out = super().forward(x)
        return (out, out) if self.training else out


class Named(Functional):
    """Gives a dictionary, as detectors and language models do."""

    def forward(self, x: Tensor) -> Any:
        """Logits by name."""
        return {"logits": super().forward(x)}


class Likely(Functional):
    """Gives the class and not the logits."""

    def forward(self, x: Tensor) -> Tensor:
        """Classes."""
        return super().forward(x).argmax(1)


class Doubtful(Functional):
    """Drops units in evaluation too."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return functional.dropout(super().forward(x), 0.5)


class Cut(Functional):
    """Lets no gradient through to its inputs."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return super().forward(x.detach())


class Forgetful(Functional):
    """Has a running mean that its state leaves out."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.mean: Tensor
        self.register_buffer("mean", torch.zeros(()), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        if self.training:
            self.mean = self.mean + 1
        return super().forward(x + self.mean)


class Lucky(Functional):
    """Draws from Python's own generator."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return super().forward(x) * (random.random() if self.training else 1)


def social(shape: Shape, classes: int) -> nn.Module:
    """Normalises by the batch in evaluation too."""
    return nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64, track_running_stats=False), nn.Linear(64, classes))


def nervous(shape: Shape, classes: int) -> nn.Module:
    """Cannot take a batch of its last size."""
    net = plain(shape, classes)

    def check(layer: nn.Module, given: tuple[Tensor]) -> None:
        if layer.training and len(given[0]) != 9:
            raise ValueError("batches of 9\nalone")

    net.register_forward_pre_hook(check)
    return net


def untrained(shape: Shape, classes: int) -> nn.Module:
    """Has nothing to train."""
    return plain(shape, classes).requires_grad_(False)


def classless(shape: Shape) -> nn.Module:
    """Takes no number of classes."""
    return plain(shape, 10)
