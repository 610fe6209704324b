"""What anybody would write: a plain PyTorch loop, to hold a run of the harness against.

The seeds of weights, order and draws are those that the harness documents; everything else is the usual five lines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from memorization_claims.data.dataset import Dataset, prepare
from memorization_claims.seed import stream, torch_generator
from memorization_claims.spec.run import RunSpec
from memorization_claims.tests.training_samples import DIGITS

Factory = Callable[[tuple[int, int, int], int], nn.Module]
Steps = Callable[[Any], torch.optim.Optimizer]


def losses(
    spec: RunSpec, factory: Factory, steps: Steps | None = None, schedule: float = 1.0, *, closure: bool = False
) -> list[float]:
    """The loss on the training set before each epoch and after the last, and last of all the validation accuracy.

    Args:
        spec: of the run; its recipe's epochs, batch, rate, momentum and weight decay count.
        factory: makes the net.
        steps: makes the optimizer of its parameters; SGD with the recipe's rate where there is none.
        schedule: factor on the rates after each epoch.
        closure: whether the optimizer asks for the loss itself.
    """
    data, recipe = prepare(spec, DIGITS), spec.recipe
    channels, height, width = data.inputs.shape[1:]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream(spec.seed, "init", 0))
        net = factory((channels, height, width), data.classes)
        net.eval()(data.inputs[:2])  # what is lazy gets its shape
        made = (
            steps(net.parameters()) if steps else torch.optim.SGD(net.parameters(), recipe.rate_at(0), recipe.momentum)
        )
        rates = torch.optim.lr_scheduler.ExponentialLR(made, schedule)
        order = torch_generator(spec.seed, "order", 0)
        torch.manual_seed(stream(spec.seed, "noise", 0, "global"))
        found = [_loss(net, made, data)]
        for _ in range(recipe.epochs):
            for batch in torch.split(torch.randperm(len(data.labels), generator=order), recipe.batch):
                _step(net, made, data.inputs[batch], data.labels[batch], closure)
            rates.step()
            found.append(_loss(net, made, data))
        right = net(data.validation_inputs).argmax(1) == data.validation_labels
    return [*found, float(right.double().mean())]


def _step(net: nn.Module, optimizer: Any, inputs: Tensor, labels: Tensor, asked: bool) -> None:
    net.train()
    if hasattr(optimizer, "train"):
        optimizer.train()

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = cross_entropy(net(inputs), labels)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    if asked:
        optimizer.step(closure)
    else:
        closure()
        optimizer.step()


@torch.no_grad()
def _loss(net: nn.Module, optimizer: Any, data: Dataset) -> float:
    net.eval()
    if hasattr(optimizer, "eval"):
        optimizer.eval()
    return float(cross_entropy(net(data.inputs).float(), data.labels))


def same(found: dict[str, np.ndarray], expected: list[float], tolerance: float = 1e-4) -> None:
    """Check a run's arrays against what a plain loop gave: every loss, and the validation accuracy."""
    np.testing.assert_allclose(found["trace/loss"][0], expected[:-1], rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(found["trace/validation_accuracy"][0, -1], expected[-1], atol=1.5 / 41)
