"""What is written down during training: loss and accuracies at every evaluation, and the probes asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from harness.errors import SettingError
from harness.spec import Record
from harness.training.engine import Engine
from harness.training.pool import Pool

Probe = Callable[[Callable[[Tensor], Tensor], Tensor, Tensor], Tensor]
MEASURES = ("loss", "train_accuracy", "clean_accuracy", "corrupted_accuracy", "validation_accuracy")
FOLDS = ("validation_accuracy_even", "validation_accuracy_odd")


def probe(name: str) -> Probe:
    """The function of a probe named `package.module:function`."""
    module, _, function = name.partition(":")
    try:
        found = getattr(import_module(module), function, None) if function else None
    except ModuleNotFoundError as error:
        raise SettingError(f"unknown probe {name!r} ({error}); legal is package.module:function") from error
    if not callable(found):
        raise SettingError(f"unknown probe {name!r}; legal is package.module:function")
    return found  # type: ignore[no-any-return]


class Trace:
    """Arrays (lanes, evaluations), NaN where a lane had stopped."""

    def __init__(self, record: Record, budget: int, lanes: int) -> None:
        self.epochs = sorted({*range(0, budget, record.every), budget})
        self._column = {epoch: column for column, epoch in enumerate(self.epochs)}
        self._values = {
            name: np.full((lanes, len(self.epochs)), np.nan) for name in (*MEASURES, *FOLDS, *record.probes)
        }
        self.stopped = np.full(lanes, -1)
        """Epoch of each lane's last evaluation."""
        self.diverged = np.full(lanes, -1)
        """Epoch at which a lane's loss was no longer finite, or -1."""

    def put(self, name: str, epoch: int, lanes: Sequence[int], values: Tensor) -> None:
        """Write one value for each of the lanes."""
        self._values[name][lanes, self._column[epoch]] = values.double().cpu().numpy()

    def at(self, name: str, epoch: int) -> np.ndarray:
        """(lanes,) at one epoch."""
        return self._values[name][:, self._column[epoch]]

    @torch.no_grad()
    def evaluate(self, epoch: int, lanes: Sequence[int], engine: Engine, pool: Pool, runs: Tensor) -> Tensor:
        """Loss on the training set and accuracies on it, on its clean and corrupted parts, and on the validation set.

        Returns:
            (lanes, n), bool: which training examples are classified as trained.
        """
        losses, rights = zip(
            *(_judge(engine.logits(x), y) for x, y in pool.portions(runs, validation=False)), strict=True
        )
        right, changed = torch.cat(rights, 1), pool.changed[runs]
        held_out = torch.cat(
            [engine.logits(x).argmax(-1) == y for x, y in pool.portions(runs, validation=True)], 1
        ).double()
        self.put("loss", epoch, lanes, torch.cat(losses, 1).double().mean(1))
        # Sums before quotients: a mean multiplies by 1/n on some devices, and misses 1 where all are right.
        self.put("train_accuracy", epoch, lanes, right.double().sum(1) / right.shape[1])
        self.put("clean_accuracy", epoch, lanes, (right & ~changed).double().sum(1) / (~changed).sum(1))
        self.put("corrupted_accuracy", epoch, lanes, (right & changed).double().sum(1) / changed.sum(1))
        self.put("validation_accuracy", epoch, lanes, held_out.sum(1) / held_out.shape[1])
        for fold, name in enumerate(FOLDS):
            self.put(name, epoch, lanes, held_out[:, fold::2].mean(1))
        return right

    def arrays(self, lanes: Sequence[int]) -> dict[str, np.ndarray]:
        """The traces of some lanes, ready to store."""
        traces = {f"trace/{name}": values[lanes] for name, values in self._values.items()}
        return traces | {
            "epochs": np.array(self.epochs),
            "stopped": self.stopped[lanes],
            "diverged": self.diverged[lanes],
        }


def _judge(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    # With the classes in the second dimension, as here, PyTorch vectorises: ten times faster on a CPU.
    return cross_entropy(logits.transpose(1, 2), labels, reduction="none"), logits.argmax(-1) == labels
