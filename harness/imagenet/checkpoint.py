"""Checkpoints of a training: written whole or not at all, so that one that is killed goes on where it was."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import torch
from torch import nn

from memorization_claims.errors import SettingError
from memorization_claims.spec.imagenet import ImagenetSpec


@dataclass
class State:
    """How far a training has come."""

    epoch: int = 0
    """Epochs that are done."""
    seconds: float = 0.0
    """What they took."""
    courses: dict[str, list[float]] = field(default_factory=dict)
    """What was measured after each of them, by name."""
    diverged: int = -1
    """The epoch after which the loss was no longer finite, or -1."""

    def add(self, values: Mapping[str, float]) -> None:
        """One more epoch is done: write down what was measured after it."""
        self.epoch += 1
        for name, value in values.items():
            self.courses.setdefault(name, []).append(value)
        if not math.isfinite(values["loss"]):
            self.diverged = self.epoch


NAMED = ("spec", "digest", "net", "optimizer")
"""What a checkpoint holds beside the state."""
FIELDS = {*NAMED, *(each.name for each in fields(State))}


def save(
    file: Path, spec: ImagenetSpec, digest: str, net: nn.Module, optimizer: torch.optim.Optimizer, state: State
) -> None:
    """Put a checkpoint in the place of the one before, at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    named = dict(zip(NAMED, (spec.name, digest, net.state_dict(), optimizer.state_dict()), strict=True))
    with draft.open("wb") as stream:
        torch.save({**named, **vars(state)}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)


def load(file: Path, spec: ImagenetSpec, digest: str, net: nn.Module, optimizer: torch.optim.Optimizer) -> State:
    """Bring net and optimizer to where a checkpoint left them; without one they stay at the start.

    Raises:
        SettingError: where it is of another training or of other images, or damaged; nothing in it is executed.
    """
    if not file.exists():
        return State()
    try:
        kept = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever its readers trip over
        raise SettingError(
            f"{file} cannot be read ({type(error).__name__}); remove it, and training starts anew"
        ) from error
    if not isinstance(kept, dict) or not FIELDS <= kept.keys():
        raise SettingError(f"{file} is no checkpoint of a training; remove it, and training starts anew")
    if (kept.pop("spec"), kept.pop("digest")) != (spec.name, digest):
        raise SettingError(f"{file} is of another training or of other images; legal is its own, or none")
    net.load_state_dict(kept.pop("net"))
    optimizer.load_state_dict(kept.pop("optimizer"))
    return State(**kept)
