"""How training on each example moved the loss: the courses of runs repeated, and gradients taken back through them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from memorization_claims.data.dataset import Dataset
from memorization_claims.errors import SettingError
from memorization_claims.lab.kept import Arrays, in_portions, kept
from memorization_claims.lab.trained import Trained
from memorization_claims.measures.loss_sensitivity import direct, norms, unrolled
from memorization_claims.models.build import build
from memorization_claims.seed import torch_generator
from memorization_claims.spec.run import RunSpec
from memorization_claims.store import fingerprint
from memorization_claims.store.key import keys
from memorization_claims.training.cohort import cohort_of
from memorization_claims.training.pool import Pool

Part = Literal["l1", "l2", "linf", "classes", "others", "total-l1", "total-l2", "total-linf", "total-classes"]


def sensitivities(runs: Trained, specs: Sequence[RunSpec], *, by_class: bool) -> list[Arrays]:
    """How much each training example of a run moved its loss, at every evaluation but the first.

    A run's initial weights and order follow from its seed, so its course is repeated by the trainer's own steps. Values
    are kept in the store, by the run and the code.

    Args:
        runs: those of a plan.
        specs: some of them.
        by_class: take the losses on the classes apart, which costs as many times as much.

    Returns:
        For each run, by class, `classes`, (nets, evaluations - 1, classes, classes), and `others`, (nets, evaluations -
        1, n), of the loss on all classes but the example's; else `l1`, `l2` and `linf`, each (nets, evaluations - 1,
        n). Under `total-` and these names the same of the total derivative, which for `others` is no other.

    Raises:
        SettingError: for runs that may stop before their budget ends, and as
            `memorization_claims.measures.loss_sensitivity.unrolled.through_updates`.
    """
    code = fingerprint.of_code(__name__)
    values = kept(
        runs,
        "loss-sensitivity",
        keys({spec: {"run": runs.keys[spec]} for spec in specs}, by_class=by_class, code=code, patched=runs.patched),
        lambda missing: _portions(runs, missing, by_class),
        lambda some: _measure(runs, some, by_class),
    )
    return [values[spec] for spec in specs]


def batches_of(specs: Sequence[RunSpec], examples: int) -> list[Tensor]:
    """The examples of every update, for runs of one recipe: (nets of all runs, batch) an update."""
    recipe, batches = specs[0].recipe, []
    generators = [torch_generator(spec.seed, "order", net) for spec in specs for net in range(spec.nets)]
    for _ in range(recipe.epochs):
        epoch = torch.stack([torch.randperm(examples, generator=generator) for generator in generators])
        batches += list(torch.split(epoch, recipe.batch, dim=1))
    return batches


def _measure(runs: Trained, specs: Sequence[RunSpec], by_class: bool) -> list[Arrays]:
    datasets = [runs.dataset(spec) for spec in specs]
    data, lanes = datasets[0], [run for run, spec in enumerate(specs) for _ in range(spec.nets)]
    channels, height, width = data.inputs.shape[1:]
    inputs, labels = Pool(datasets, runs.device).training(torch.tensor(lanes, device=runs.device))
    models = [build(spec, (channels, height, width), data.classes, net) for spec in specs for net in range(spec.nets)]
    batches = [batch.to(runs.device) for batch in batches_of(specs, len(data.labels))]
    course = (models, inputs, labels, batches, specs[0].recipe)
    at, terms = _updates(runs, specs[0]), _terms(data, labels, by_class)
    gradients, recorded = unrolled.through_updates(*course, at=at, terms=terms)
    own = direct.directly(models[0], recorded, inputs, labels).to(gradients)
    weights = terms.to(gradients).view(len(terms), 1, *terms.shape[1:], *[1] * (inputs.ndim - 2))
    measured = []
    # One recorded loss after the other: all at once would be copied, which takes longer than the sums.
    for some, of_own in zip(torch.split(gradients, 1, dim=1), torch.split(own, 1, dim=1), strict=True):
        total = _sizes(some.addcmul(weights, of_own[:, :, None]), labels, by_class)
        measured.append(_sizes(some, labels, by_class) | {f"total-{name}": array for name, array in total.items()})
    joined = {name: torch.cat([each[name] for each in measured], dim=1) for name in measured[0]}
    arrays = {name: array.cpu().numpy().reshape(len(specs), -1, *array.shape[1:]) for name, array in joined.items()}
    return [{name: array[run] for name, array in arrays.items()} for run in range(len(specs))]


def _sizes(gradients: Tensor, labels: Tensor, by_class: bool) -> dict[str, Tensor]:
    if not by_class:
        return norms.norms(gradients)
    return {"classes": norms.between_classes(gradients, labels), "others": norms.of_others(gradients, labels)}


def _updates(runs: Trained, spec: RunSpec) -> list[int]:
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


def _portions(runs: Trained, specs: Sequence[RunSpec], by_class: bool) -> Iterator[Sequence[RunSpec]]:
    """Runs of one cohort, as many as their gradients have room for."""
    if specs:
        runs.announce(f"going back through {specs[0].recipe.epochs} epochs of {len(specs)} runs for loss-sensitivity")
    groups: dict[object, list[RunSpec]] = {}
    for spec in specs:
        groups.setdefault(cohort_of(spec), []).append(spec)
    for group in groups.values():
        data = runs.dataset(group[0])
        terms = data.classes if by_class else 1
        values = group[0].nets * len(_updates(runs, group[0])) * terms * data.inputs.numel()
        size = max(1, (2**29 if runs.device.type == "cuda" else 2**26) // values)
        yield from in_portions(group, size)
