"""Mutants of the data: labels and inputs that are not what a claim asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch

from memorization_claims.controls.mutant import Mutant
from memorization_claims.data.corruption import corrupt
from memorization_claims.data.dataset import Dataset, prepare
from memorization_claims.data.source import Source
from memorization_claims.plan.plan import Cases, Plan, Setting
from memorization_claims.spec.data import Corruption, DataSpec
from memorization_claims.spec.facts import facts_of


def labels_not_corrupted(setting: Setting) -> Setting:
    """True labels wherever they were random."""
    if isinstance(setting, Cases):
        return setting
    clean = {name: _with_true_labels(changes) for name, changes in setting.conditions.items()}
    plan = replace(setting, conditions=clean)
    return plan.changed(corruption=_true_labels(setting.base.corruption))


def _with_true_labels(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    clean = dict(changes)
    if "corruption" in changes:
        clean["corruption"] = _true_labels(changes["corruption"])
    if changes.get("extra") == "random":
        clean["extra"] = "true"
    return clean


def _true_labels(corruption: Corruption) -> Corruption:
    own_classes = not facts_of(corruption.kind).new_classes
    return Corruption() if own_classes and _of_labels(corruption) else corruption


def _of_labels(corruption: Corruption) -> bool:
    """Whether it touches labels and nothing else."""
    facts = facts_of(corruption.kind)
    return facts.labels and not facts.inputs


def inputs_not_corrupted(setting: Setting) -> Setting:
    """Real images wherever they were noise."""
    if isinstance(setting, Cases):
        return setting
    clean = {
        name: {**changes, "corruption": _real_inputs(changes["corruption"])} if "corruption" in changes else changes
        for name, changes in setting.conditions.items()
    }
    return replace(setting, conditions=clean).changed(corruption=_real_inputs(setting.base.corruption))


def _real_inputs(corruption: Corruption) -> Corruption:
    if corruption.kind == "unique-gaussian-inputs":
        return Corruption(kind="unique-labels")
    return Corruption() if corruption.kind == "gaussian-inputs" else corruption


def all_labels_random(setting: Setting) -> Setting:
    """Random labels in a plan all of whose arms have the true ones."""
    return _random(setting, 1.0)


def half_the_labels_random(setting: Setting) -> Setting:
    """Half of the labels random in a plan with one arm, whose labels are the true ones."""
    return _random(setting, 0.5) if isinstance(setting, Plan) and len(setting.conditions) == 1 else setting


def _random(setting: Setting, fraction: float) -> Setting:
    if not isinstance(setting, Plan) or setting.base.corruption.kind != "none":
        return setting
    # Labels of ImageNet are random altogether or not at all.
    if not (setting.trains or (setting.streams and fraction == 1.0)):
        return setting
    if any("corruption" in changes for changes in setting.conditions.values()):
        return setting
    return setting.changed(corruption=Corruption(kind="random-labels", fraction=fraction))


def no_label_left_true(setting: Setting) -> Setting:
    """All labels random wherever some were."""
    if isinstance(setting, Cases):
        return setting
    whole = {
        name: {**changes, "corruption": _whole(changes["corruption"])} if "corruption" in changes else changes
        for name, changes in setting.conditions.items()
    }
    return replace(setting, conditions=whole).changed(corruption=_whole(setting.base.corruption))


def _whole(corruption: Corruption) -> Corruption:
    return replace(corruption, fraction=1.0) if corruption.kind == "random-labels" else corruption


def has_label_noise(setting: Setting) -> bool:
    """Whether some condition has labels that are not the true ones."""
    if isinstance(setting, Cases):
        return False
    return any(_of_labels(spec.corruption) for (spec,) in setting.specs().values())


def has_input_noise(setting: Setting) -> bool:
    """Whether some condition has inputs that are not the real ones."""
    if isinstance(setting, Cases):
        return False
    return any(facts_of(spec.corruption.kind).inputs for (spec,) in setting.specs().values())


def test_labels_too(whole: Callable[[DataSpec, Source], Dataset]) -> Callable[[DataSpec, Source], Dataset]:
    """Data sets whose validation labels are corrupted as the training labels are."""

    def broken(spec: DataSpec, source: Source) -> Dataset:
        data = whole(spec, source)
        labels = data.validation_labels
        if not _of_labels(spec.corruption):
            return data
        drawn = corrupt(labels.numpy(), labels.numpy(), source.classes, spec.corruption, spec.seed).labels
        return replace(data, validation_labels=labels.new_tensor(drawn))

    return broken


def prepares(setting: Setting) -> bool:
    """Whether it asks for examples and labels of a data set that is held in memory."""
    return isinstance(setting, Plan) and not setting.streams


def shifted(whole: Callable[[DataSpec, Source], Dataset]) -> Callable[[DataSpec, Source], Dataset]:
    """Data sets whose training examples have the label of the example before."""

    def broken(spec: DataSpec, source: Source) -> Dataset:
        data = whole(spec, source)
        return replace(data, labels=data.labels.roll(1), true_labels=data.true_labels.roll(1))

    return broken


def leaking(whole: Callable[[DataSpec, Source], Dataset]) -> Callable[[DataSpec, Source], Dataset]:
    """Data sets half of whose training examples are validation examples, or fewer where there are not so many.

    Images with a border, which validation images have not, stay as they are, and so do labels of fewer classes than
    validation images have, such as random signs.
    """

    def broken(spec: DataSpec, source: Source) -> Dataset:
        data = whole(spec, source)
        if data.bordered is not None or data.validation_labels.max() >= data.classes:
            return data
        kept = len(data.labels) - min(len(data.labels) // 2, len(data.validation_labels))
        leaked = slice(0, len(data.labels) - kept)
        return replace(
            data,
            inputs=torch.cat([data.inputs[:kept], data.validation_inputs[leaked]]),
            labels=torch.cat([data.labels[:kept], data.validation_labels[leaked]]),
            true_labels=torch.cat([data.true_labels[:kept], data.validation_labels[leaked]]),
            changed=torch.cat([data.changed[:kept], torch.zeros_like(data.changed[kept:])]),
        )

    return broken


MUTANTS = (
    Mutant("labels-not-corrupted", "random labels are the true ones", setting=labels_not_corrupted),
    Mutant("inputs-not-corrupted", "random inputs are the real ones", setting=inputs_not_corrupted),
    Mutant("training-labels-random", "labels are random where all should be true", setting=all_labels_random),
    Mutant(
        "training-labels-half-random",
        "half of the labels are random where a claim is about nets on true labels alone",
        setting=half_the_labels_random,
    ),
    Mutant("labels-all-corrupted", "labels of which some are random are random altogether", setting=no_label_left_true),
    Mutant(
        "test-labels-corrupted",
        "validation labels are corrupted as the training labels are",
        target=prepare,
        replacement=test_labels_too,
        within=has_label_noise,
        caught_by="harness/tests/test_dataset.py::test_validation_is_never_corrupted",
    ),
    Mutant(
        "labels-shifted",
        "each training example has the label of the one before",
        target=prepare,
        replacement=shifted,
        within=prepares,
        caught_by="harness/tests/test_dataset.py::test_whole_sets_keep_their_order",
    ),
    Mutant(
        "validation-set-leaks",
        "half of the training examples are those of the validation set",
        target=prepare,
        replacement=leaking,
        within=prepares,
        caught_by="harness/tests/test_dataset.py::test_whole_sets_keep_their_order",
    ),
)
