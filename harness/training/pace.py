"""How much longer nets take that are trained one after another, measured on a few steps before they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import nn

from memorization_claims.data.dataset import Dataset
from memorization_claims.models.build import build
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.engine import choose, make

PLAIN = "mlp-2x128"
"""What is trained side by side."""
SIDE_BY_SIDE = 16


def pace(spec: RunSpec, data: Dataset, device: torch.device) -> str:
    """Say that a user's nets are trained one after another, and what that costs; empty for any other.

    Args:
        spec: of a run.
        data: the run's.
        device: where it is trained.
    """
    own = ":" in spec.recipe.optimizer
    model, shape = _built(spec, data), data.inputs.shape[1:]
    if not (own or ":" in spec.model) or choose(model, spec.recipe, shape) == "batched":
        return ""
    batched = replace(spec.recipe, optimizer="sgd", rate=0.0)
    same = choose(model, batched, shape) == "batched"
    plain = replace(spec, recipe=batched, model=spec.model if same else PLAIN)
    ratio = _seconds(spec, data, device, 1) / (_seconds(plain, data, device, SIDE_BY_SIDE) / SIDE_BY_SIDE)
    why = "for an optimizer of your own" if own else "for a net that is no plain MLP or CNN of small images"
    other = "sgd takes on nets" if same else f"{PLAIN} takes with nets"
    return f"one net after another {why}; a step takes {max(ratio, 1):.2g} times as long as {other} side by side"


def _built(spec: RunSpec, data: Dataset, net: int = 0) -> nn.Module:
    channels, height, width = data.inputs.shape[1:]
    return build(spec, (channels, height, width), data.classes, net)


def _seconds(spec: RunSpec, data: Dataset, device: torch.device, nets: int) -> float:
    """Of a step of so many nets."""
    quiet = replace(
        spec, recipe=replace(spec.recipe, dropout=0.0, hidden_noise=0.0, input_noise=0.0, input_dropout=0.0)
    )
    models = [_built(quiet, data, net) for net in range(nets)]
    shape = data.inputs.shape[1:]
    engine = make(choose(models[0], quiet.recipe, shape), models, quiet.recipe, device, shape, range(nets))
    size = min(spec.recipe.batch, len(data.labels))
    inputs = data.inputs[:size].to(device).expand(nets, *data.inputs[:size].shape)
    labels = data.labels[:size].to(device).expand(nets, size)
    return min(_timed(lambda: engine.step(inputs, labels, {}), device) for _ in range(4))


def _timed(step: Callable[[], None], device: torch.device) -> float:
    started = time.perf_counter()
    step()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - started
