"""Trains one net on many devices at once: DistributedDataParallel over the processes that torchrun has started.

What is drawn depends on the seed, the epoch and the image or the part of a batch, never on a process. So the number of
processes changes rounding, and which images the running means of batch norm are of: those of the first process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import cast

import numpy as np
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from memorization_claims.errors import SettingError
from memorization_claims.imagenet import checkpoint, images
from memorization_claims.imagenet.evaluation import Evaluation
from memorization_claims.imagenet.images import Folder, Images
from memorization_claims.imagenet.net import Dropout, build, loss_of, optimizer_of
from memorization_claims.seed import stream
from memorization_claims.spec.imagenet import ImagenetSpec


@dataclass(frozen=True)
class Place:
    """Where a process computes, and what it reads and writes."""

    device: torch.device
    workers: int
    """Processes that read images for this one; 0 reads in this one."""
    checkpoint: Path
    """Written by the first process after every epoch, and read by all; a training that finds one goes on from it."""
    say: Callable[[str], None] = lambda line: None
    """Told in one line how each epoch went."""


def train(spec: ImagenetSpec, folder: Folder, place: Place) -> tuple[dict[str, np.ndarray], float]:
    """Train to the end of the budget, or until the loss is no longer finite.

    Args:
        spec: what is trained; its numbers of images and classes are the folder's.
        folder: the images.
        place: of this process, in a process group that has been started.

    Returns:
        What is kept, named as by `training.trace`: `epochs`, (epochs,), from 1 on; `trace/...`, each (1, epochs): what
        `Evaluation` measures, and `relabelled`, the share of training labels that are not the true ones; `diverged`,
        (1,), the epoch or -1. Then the seconds that it took, over all its starts.

    Raises:
        SettingError: where the processes cannot share a batch, a checkpoint is of another training, or not all
            processes see it.
    """
    processes, parts = dist.get_world_size(), spec.batch // spec.part
    if parts % processes:
        raise SettingError(
            f"{processes} processes cannot share a batch of {parts} parts; legal are 1 to {parts} that divide it"
        )
    started, labels = time.perf_counter(), folder.labels(spec)
    net = build(spec, place.device)
    net.dropout.generator = torch.Generator(place.device)
    optimizer = optimizer_of(spec, net)
    state = checkpoint.load(place.checkpoint, spec, folder.digest, net, optimizer)
    _check_alike(state.epoch, place)
    replica = DistributedDataParallel(net, device_ids=[place.device] if place.device.type == "cuda" else None)
    evaluation = Evaluation(spec, folder, labels, place.device, place.workers)
    while state.epoch < spec.epochs and state.diverged < 0:
        given = Images(folder.training, labels, spec, state.epoch if spec.augmentation else None)
        _epoch(spec, state.epoch, given, replica, optimizer, place)
        for buffer in net.buffers():
            dist.broadcast(buffer, 0)
        state.add(evaluation(net))
        now = time.perf_counter()
        state.seconds, started = state.seconds + now - started, now
        if dist.get_rank() == 0:
            checkpoint.save(place.checkpoint, spec, folder.digest, net, optimizer, state)
        shown = (f"{name.replace('_', ' ')} {values[-1]:.4g}" for name, values in state.courses.items())
        place.say(f"epoch {state.epoch} of {spec.epochs}: {', '.join(shown)}")
    relabelled = float((labels != np.array([label for _, label in folder.training])).mean())
    courses = {**state.courses, "relabelled": [relabelled] * state.epoch}
    arrays = {f"trace/{name}": np.array([values], dtype=np.float64) for name, values in courses.items()}
    arrays |= {"epochs": np.arange(1.0, state.epoch + 1), "diverged": np.array([state.diverged])}
    return arrays, state.seconds


def _check_alike(epoch: int, place: Place) -> None:
    """Raise SettingError unless all processes go on from the same epoch: each reads the checkpoint for itself."""
    ends = torch.tensor([epoch, -epoch], device=place.device)
    dist.all_reduce(ends, dist.ReduceOp.MAX)
    last, first = int(ends[0]), -int(ends[1])
    if first != last:
        raise SettingError(
            f"processes go on from different epochs, {first} to {last}: {place.checkpoint} is not the same for all; "
            "legal is a store that all nodes share"
        )


def _epoch(
    spec: ImagenetSpec,
    epoch: int,
    given: Images,
    replica: DistributedDataParallel,
    optimizer: torch.optim.Optimizer,
    place: Place,
) -> None:
    """Train on every batch; each process takes its parts of a batch in turn, and the gradient is that of the batch."""
    for group in optimizer.param_groups:
        group["lr"] = spec.rate_at(epoch)
    rank, processes = dist.get_rank(), dist.get_world_size()
    mine, dropout = images.order(spec, epoch)[:, rank::processes], cast("Dropout", replica.module.dropout)
    assert dropout.generator is not None
    read = iter(images.loader(given, mine.reshape(-1, spec.part).tolist(), place.workers))
    for step in range(spec.steps):
        optimizer.zero_grad()
        parts = range(rank, spec.batch // spec.part, processes)
        for part, (inputs, labels, _) in zip(parts, islice(read, len(parts)), strict=True):
            dropout.generator.manual_seed(stream(spec.seed, "noise", epoch, step, part))
            inputs, labels = (each.to(place.device, non_blocking=True) for each in (inputs, labels))
            # Gradients are exchanged once a step, with those of the last part.
            with nullcontext() if part == parts[-1] else replica.no_sync():
                loss = loss_of(replica, images.scaled(inputs), labels) / len(parts)
                loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
