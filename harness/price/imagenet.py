"""What a training on ImageNet costs, from one part of a batch whose operations are counted."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from memorization_claims.imagenet.evaluation import PORTION
from memorization_claims.imagenet.net import build, loss_of, optimizer_of
from memorization_claims.price.net import KINDS, META
from memorization_claims.price.run import TRACE_BYTES, Price
from memorization_claims.price.work import Work, work
from memorization_claims.spec.imagenet import ImagenetSpec

if TYPE_CHECKING:
    from torchvision.models import Inception3

TRACES = 8
MOMENTS = 2
"""That RMSProp keeps of each parameter, beside its gradient."""


def price(spec: ImagenetSpec) -> Price:
    """Count a training, over all its processes.

    Args:
        spec: what is trained.

    Returns:
        Its price: passes for `training`, forward and backward, `evaluation` and `validation`, forward. How images are
        read and gradients exchanged is not in it; the peak is that of one process.
    """
    parameters, part, update, portion = _counted(spec.side, spec.part, spec.classes)
    training, evaluation = spec.steps * spec.batch, spec.measured_images + spec.validation_images
    total = part * (training / spec.part) + update * spec.steps + portion * (evaluation / PORTION)
    state = 4 * parameters * (2 + MOMENTS)
    epochs = total * spec.epochs
    done = Work(epochs.flops, epochs.moved, epochs.launches, state + epochs.peak)
    return Price(
        work=dict.fromkeys(KINDS, done),
        kept=TRACE_BYTES * TRACES * spec.epochs,
        parameters=parameters,
        passes={
            "training": spec.epochs * training,
            "evaluation": spec.epochs * spec.measured_images,
            "validation": spec.epochs * spec.validation_images,
        },
    )


@cache
def _counted(side: int, part: int, classes: int) -> tuple[int, Work, Work, Work]:
    """The parameters, and the work of a part of a batch, forward and backward, of an update and of a portion evaluated.

    Weight decay and dropout, which are counted with it, are next to nothing of it.
    """
    spec = ImagenetSpec(side=side, part=part, batch=part, classes=classes, weight_decay=1.0, dropout=0.5)
    net = build(spec, META)
    optimizer = optimizer_of(spec, net)

    def step() -> None:
        loss_of(net, *_batch(spec, part)).backward()  # type: ignore[no-untyped-call]

    parameters, stepped = sum(each.numel() for each in net.parameters()), work(step)
    optimizer.step()  # it makes its state at its first step
    return parameters, stepped, work(optimizer.step), work(lambda: _logits(net, _batch(spec, PORTION)[0]))


def _batch(spec: ImagenetSpec, images: int) -> tuple[Tensor, Tensor]:
    labels = torch.zeros(images, dtype=torch.int64, device=META)
    return torch.zeros(images, 3, spec.side, spec.side, device=META), labels


@torch.no_grad()
def _logits(net: Inception3, images: Tensor) -> None:
    net.eval()(images)
