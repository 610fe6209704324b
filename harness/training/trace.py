"""What is written down during training: loss and accuracies at every evaluation, and the probes asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from memorization_claims.errors import SettingError
from memorization_claims.spec.run import Record
from memorization_claims.training.engine import Engine
from memorization_claims.training.pool import Pool

MEASURES = ("loss", "train_accuracy", "clean_accuracy", "corrupted_accuracy", "validation_accuracy")
FOLDS = ("validation_accuracy_even", "validation_accuracy_odd")


def probe(name: str) -> Callable[..., Tensor]:
    """The function of a probe named `package.module:function`."""
    module, _, function = name.partition(":")
    try:
        value = getattr(import_module(module), function, None) if function else None
    except ModuleNotFoundError as error:
        raise SettingError(f"unknown probe {name!r} ({error}); legal is package.module:function") from error
    if not callable(value):
        raise SettingError(f"unknown probe {name!r}; legal is package.module:function")
    return value  # type: ignore[no-any-return]


class Trace:
    """Arrays (lanes, evaluations), NaN where a lane had stopped."""

    def __init__(self, record: Record, budget: int, per_epoch: int, lanes: int) -> None:
        """Make room for `lanes` nets that train for a budget of epochs of `per_epoch` updates each."""
        whole = {epoch * per_epoch for epoch in (*range(0, budget, record.every), budget)}
        early = {
            epoch * per_epoch + update
            for epoch in range(min(record.early_epochs, budget))
            for update in range(record.early_updates, per_epoch, record.early_updates)
        }
        self.updates = sorted(whole | early)
        """Updates made before each evaluation."""
        self._per_epoch = per_epoch
        self._column = {update: column for column, update in enumerate(self.updates)}
        names = (*MEASURES, *FOLDS, *record.probes, *record.gradient_probes)
        self._values = {name: np.full((lanes, len(self.updates)), np.nan) for name in names}
        self.stopped = np.full(lanes, -1)
        """Epoch of each lane's last evaluation."""
        self.diverged = np.full(lanes, -1)
        """Epoch at which a lane's loss was no longer finite, or -1."""

    def __contains__(self, update: int) -> bool:
        """Whether there is an evaluation after so many updates."""
        return update in self._column

    def put(self, name: str, update: int, lanes: Sequence[int], values: Tensor) -> None:
        """Write one value for each of the lanes."""
        self._values[name][lanes, self._column[update]] = values.double().cpu().numpy()

    def at(self, name: str, update: int) -> np.ndarray:
        """The values of all lanes after so many updates, (lanes,)."""
        return self._values[name][:, self._column[update]]

    @torch.no_grad()
    def evaluate(self, update: int, lanes: Sequence[int], engine: Engine, pool: Pool, runs: Tensor) -> Tensor:
        """Loss on the training set and accuracies on it and on its clean and corrupted parts.

        Returns:
            (lanes, n), bool: which training examples are classified as trained.
        """
        losses, rights = zip(
            *(_judge(engine.logits(x), y) for x, y in pool.portions(runs, validation=False)), strict=True
        )
        right, changed = torch.cat(rights, 1), pool.changed[runs]
        self.put("loss", update, lanes, torch.cat(losses, 1).double().mean(1))
        # Sums before quotients: a mean multiplies by 1/n on some devices, and misses 1 where all are right.
        self.put("train_accuracy", update, lanes, right.double().sum(1) / right.shape[1])
        self.put("clean_accuracy", update, lanes, (right & ~changed).double().sum(1) / (~changed).sum(1))
        self.put("corrupted_accuracy", update, lanes, (right & changed).double().sum(1) / changed.sum(1))
        return right

    @torch.no_grad()
    def validate(
        self, update: int, lanes: Sequence[int], engine: Engine, pool: Pool, runs: Tensor, rows: np.ndarray
    ) -> None:
        """Accuracies on the validation set and its halves, of the lanes in some rows of those in training."""
        rights = [engine.logits(x).argmax(-1) == y for x, y in pool.portions(runs, validation=True)]
        held_out, chosen = torch.cat(rights, 1)[torch.from_numpy(rows)].double(), [lanes[row] for row in rows]
        self.put("validation_accuracy", update, chosen, held_out.sum(1) / held_out.shape[1])
        for fold, name in enumerate(FOLDS):
            self.put(name, update, chosen, held_out[:, fold::2].mean(1))

    def resume(self, lanes: Sequence[int], arrays: Mapping[str, np.ndarray]) -> None:
        """Go on from the traces of some lanes, as `arrays` gave them."""
        for name, values in self._values.items():
            values[lanes] = arrays[f"trace/{name}"]
        self.stopped[lanes], self.diverged[lanes] = arrays["stopped"], arrays["diverged"]

    def arrays(self, lanes: Sequence[int]) -> dict[str, np.ndarray]:
        """The traces of some lanes, ready to store."""
        traces = {f"trace/{name}": values[lanes] for name, values in self._values.items()}
        return traces | {
            "epochs": np.array(self.updates) / self._per_epoch,
            "stopped": self.stopped[lanes],
            "diverged": self.diverged[lanes],
        }


def _judge(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    # With the classes in the second dimension, as here, PyTorch vectorises: ten times faster on a CPU.
    return cross_entropy(logits.transpose(1, 2), labels, reduction="none"), logits.argmax(-1) == labels
