"""How training on each example moved the loss: the courses of runs repeated, and gradients taken back through them."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from torch import Tensor

from memorization_claims.data.dataset import Dataset
from memorization_claims.errors import SettingError
from memorization_claims.measures.loss_sensitivity import norms, unrolled
from memorization_claims.models.build import build
from memorization_claims.seed import torch_generator
from memorization_claims.spec.run import RunSpec
from memorization_claims.store import fingerprint
from memorization_claims.training.cohort import cohort_of
from memorization_claims.training.pool import Pool

if TYPE_CHECKING:
    from memorization_claims.lab.runs import Runs

Part = Literal["l1", "l2", "linf", "classes"]
Arrays = dict[str, np.ndarray]
CODE = (*(f"{unrolled.__package__}.{own}" for own in ("course", "norms", "second_order", "unrolled")), __name__)


def sensitivities(runs: Runs, specs: Sequence[RunSpec], *, by_class: bool) -> list[Arrays]:
    """What each run's loss, at its evaluations but the first, owes to each of its training examples.

    A run's initial weights and order follow from its seed, so its course is repeated by the trainer's own steps. Values
    are kept in the store, by the run and the code.

    Args:
        runs: those of a plan.
        specs: some of them.
        by_class: take the losses on the classes apart, which costs as many times as much.

    Returns:
        For each run, by class, `classes`, (nets, evaluations - 1, classes, classes); else `l1`, `l2` and `linf`, each
        (nets, evaluations - 1, n).

    Raises:
        SettingError: for runs that may stop before their budget ends, and as
            `memorization_claims.measures.loss_sensitivity.unrolled.through_updates`.
    """
    names = {spec: _name(runs, spec, by_class) for spec in specs}
    kept = {spec: runs.store.load_value(name) for spec, name in names.items()}
    for some in _portions(runs, [spec for spec, value in kept.items() if value is None], by_class):
        started = time.perf_counter()
        values = _measure(runs, some, by_class)
        share = (time.perf_counter() - started) / len(some)
        for spec, value in zip(some, values, strict=True):
            kept[spec] = value
            runs.store.save_value(names[spec], value, seconds=share)
    return [kept[spec] or {} for spec in specs]


def batches_of(specs: Sequence[RunSpec], examples: int) -> list[Tensor]:
    """For each update of runs of one recipe the examples that it was made on: (nets of all runs, batch)."""
    recipe, found = specs[0].recipe, []
    order = [torch_generator(spec.seed, "order", net) for spec in specs for net in range(spec.nets)]
    for _ in range(recipe.epochs):
        epoch = torch.stack([torch.randperm(examples, generator=own) for own in order])
        found += list(torch.split(epoch, recipe.batch, dim=1))
    return found


def _measure(runs: Runs, specs: Sequence[RunSpec], by_class: bool) -> list[Arrays]:
    datasets = [runs.dataset(spec) for spec in specs]
    data, lanes = datasets[0], [run for run, spec in enumerate(specs) for _ in range(spec.nets)]
    channels, height, width = data.inputs.shape[1:]
    inputs, labels = Pool(datasets, runs.device).training(torch.tensor(lanes, device=runs.device))
    gradients = unrolled.through_updates(
        [build(spec, (channels, height, width), data.classes, net) for spec in specs for net in range(spec.nets)],
        inputs,
        labels,
        [batch.to(runs.device) for batch in batches_of(specs, len(data.labels))],
        specs[0].recipe,
        at=_updates(runs, specs[0]),
        terms=_terms(data, labels, by_class),
    )
    found = {"classes": norms.between_classes(gradients, labels)} if by_class else norms.norms(gradients)
    arrays = {name: own.cpu().numpy().reshape(len(specs), -1, *own.shape[1:]) for name, own in found.items()}
    return [{name: own[run] for name, own in arrays.items()} for run in range(len(specs))]


def _updates(runs: Runs, spec: RunSpec) -> list[int]:
    """How many updates a run had made at each evaluation but the first."""
    if spec.recipe.stop_accuracy is not None:
        raise SettingError(f"stop_accuracy is {spec.recipe.stop_accuracy}; legal is None where a course is repeated")
    per_epoch = -(-len(runs.dataset(spec).labels) // spec.recipe.batch)
    epochs = runs.entries[runs.keys[spec]].arrays["epochs"]
    return [int(update) for update in np.rint(epochs * per_epoch) if update]


def _terms(data: Dataset, labels: Tensor, by_class: bool) -> Tensor:
    """The mean loss over the training set as a sum over classes, or whole: (nets, terms, n)."""
    members = torch.nn.functional.one_hot(labels, data.classes).mT if by_class else torch.ones_like(labels)[:, None]
    return members.double() / labels.shape[1]


def _name(runs: Runs, spec: RunSpec, by_class: bool) -> str:
    parts = [runs.keys[spec], by_class, [fingerprint.of_module(module) for module in CODE], runs.patched]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _portions(runs: Runs, specs: Sequence[RunSpec], by_class: bool) -> Iterator[Sequence[RunSpec]]:
    """Runs of one cohort, as many as their gradients have room for."""
    groups: dict[object, list[RunSpec]] = {}
    for spec in specs:
        groups.setdefault(cohort_of(spec), []).append(spec)
    for group in groups.values():
        data = runs.dataset(group[0])
        terms = data.classes if by_class else 1
        values = group[0].nets * len(_updates(runs, group[0])) * terms * data.inputs.numel()
        size = max(1, (2**29 if runs.device.type == "cuda" else 2**25) // values)
        yield from (group[start : start + size] for start in range(0, len(group), size))
