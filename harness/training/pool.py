"""The data of a cohort on the device: one tensor, from which batches are index slices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from memorization_claims.data.dataset import Dataset

EVALUATION_EXAMPLES = 1000
"""Examples that a net is evaluated on at a time; fixed, since the shape of a product decides its rounding."""
CPU_EVALUATION_EXAMPLES = 100
"""The same on a CPU: few enough for the cache."""
KEPT_VALUES = 2**23
"""Input values, 32 MiB, up to which portions are gathered once for many evaluations of the same runs."""


class Pool:
    """Training and validation sets of several runs. Inputs that runs share are held once."""

    def __init__(self, datasets: Sequence[Dataset], device: torch.device) -> None:
        self.size = len(datasets[0].labels)
        self._inputs, self._place = _distinct([data.inputs for data in datasets], device)
        self._bordered, self._bordered_place = self._inputs, self._place
        if bordered := [data.bordered for data in datasets if data.bordered is not None]:
            self._bordered, self._bordered_place = _distinct(bordered, device)
        self._validation, self._validation_place = _distinct([data.validation_inputs for data in datasets], device)
        self._labels = torch.stack([data.labels for data in datasets]).to(device)
        self._validation_labels = torch.stack([data.validation_labels for data in datasets]).to(device)
        self._kept: dict[bool, tuple[list[int], list[tuple[Tensor, Tensor]]]] = {}
        """The portions that were last asked for and of which runs, unless they are many."""
        self.changed = torch.stack([data.changed for data in datasets]).to(device)
        """The corrupted training examples, (runs, n), bool."""

    def batch(self, runs: Tensor, indices: Tensor, *, bordered: bool = False) -> tuple[Tensor, Tensor]:
        """Training examples by index: runs (nets,), indices (nets, examples); inputs, maybe with border, and labels."""
        held, place = (self._bordered, self._bordered_place) if bordered else (self._inputs, self._place)
        rows = indices + place[runs, None] * self.size
        inputs = held.flatten(0, 1).index_select(0, rows.flatten())
        labels = self._labels.flatten().take(indices + runs[:, None] * self.size)
        return inputs.view(*indices.shape, *inputs.shape[1:]), labels

    def training(self, runs: Tensor) -> tuple[Tensor, Tensor]:
        """The whole training sets: inputs (nets, n, *shape), labels (nets, n)."""
        return self._inputs[self._place[runs]], self._labels[runs]

    def portions(self, runs: Tensor, *, validation: bool) -> Iterator[tuple[Tensor, Tensor]]:
        """Training or validation sets in portions of a fixed number of examples."""
        inputs, place = (self._validation, self._validation_place) if validation else (self._inputs, self._place)
        labels = (self._validation_labels if validation else self._labels)[runs]
        size = CPU_EVALUATION_EXAMPLES if labels.is_cpu else EVALUATION_EXAMPLES
        starts = range(0, labels.shape[1], size)
        portions = ((inputs[:, at : at + size][place[runs]], labels[:, at : at + size]) for at in starts)
        if len(runs) * inputs[0].numel() > KEPT_VALUES:
            return portions
        asked, kept = self._kept.get(validation, ([], []))
        if asked != runs.tolist():
            self._kept[validation] = runs.tolist(), (kept := list(portions))
        return iter(kept)


def _distinct(tensors: list[Tensor], device: torch.device) -> tuple[Tensor, Tensor]:
    """The distinct tensors stacked on the device, and for each given one its place among them."""
    places: dict[int, int] = {}
    for tensor in tensors:
        places.setdefault(id(tensor), len(places))
    distinct = {id(tensor): tensor for tensor in tensors}
    stacked = torch.stack([distinct[key] for key in places]).to(device)
    return stacked, torch.tensor([places[id(tensor)] for tensor in tensors], device=device)
