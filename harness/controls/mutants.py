"""Mutants: the science broken in one named way, to see which claims notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from harness.errors import SettingError
from harness.plan import Cases, Plan, Setting
from harness.spec import Corruption, KernelSpec, RunSpec


@dataclass(frozen=True)
class Mutant:
    """One way of breaking the science."""

    name: str
    says: str
    """What is broken, in a few words."""
    setting: Callable[[Setting], Setting] = lambda setting: setting
    """What it does to what a claim asks for."""
    target: str = ""
    """`package.module:function` that it replaces, if any."""
    replacement: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function
    """From the function to what replaces it."""
    within: Callable[[Setting], bool] = lambda setting: True
    """Which claims the function has a part in, by what they ask for; the others are not judged again."""
    caught_by: str = ""
    """The test of the harness that catches it, for what no claim can notice."""

    def concerns(self, setting: Setting) -> bool:
        """Whether a claim that asks for this is judged on anything else than it would be."""
        return (bool(self.target) and self.within(setting)) or self.setting(setting) != setting

    def patched(self) -> tuple[object, str, Callable[..., Any]] | None:
        """The module, the name in it and the broken function to put there."""
        if not self.target:
            return None
        module_name, name = self.target.split(":")
        module = import_module(module_name)
        return module, name, self.replacement(getattr(module, name))


def _zero_learning_rate(setting: Setting) -> Setting:
    if isinstance(setting, Plan) and isinstance(setting.base, RunSpec):
        conditions = {
            name: {**changes, "recipe": replace(changes["recipe"], rate=0.0)} if "recipe" in changes else changes
            for name, changes in setting.conditions.items()
        }
        return replace(setting, conditions=conditions).changed(recipe=replace(setting.base.recipe, rate=0.0))
    if isinstance(setting, Cases) and "rate" in setting.options:
        return replace(setting, options={**setting.options, "rate": 0.0})
    return setting


def _labels_not_corrupted(setting: Setting) -> Setting:
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
    return Corruption() if corruption.kind in ("random-labels", "permuted-labels") else corruption


def _of_kernels(change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Callable[[Setting], Setting]:
    """Change the fields that each condition replaces, where kernels are fitted."""

    def changed(setting: Setting) -> Setting:
        if not (isinstance(setting, Plan) and isinstance(setting.base, KernelSpec)):
            return setting
        return replace(setting, conditions={name: change(changes) for name, changes in setting.conditions.items()})

    return changed


def _misplaced(interleave: Callable[..., Any]) -> Callable[..., Any]:
    """Biases above the projections that they belong to, so that every unit is silent on its own point."""
    return lambda projections: 2 * projections - interleave(projections)


def _from_one(sgd: Callable[..., Any]) -> Callable[..., Any]:
    """SGD that starts at ones: it interpolates, and keeps what of its start lies outside the span."""
    return lambda features, targets, **rest: sgd(features, targets, **{**rest, "start": 0 * features[0] + 1})


def _redrawn(pool: Callable[..., Any]) -> Callable[..., Any]:
    """Data whose corrupted examples have the label of their neighbour in the batch, another one in every epoch."""

    class Redrawn(pool):  # type: ignore[misc, valid-type]
        def batch(self, runs: Any, indices: Any) -> tuple[Any, Any]:
            inputs, labels = super().batch(runs, indices)
            changed = self.changed[runs].gather(1, indices)
            return inputs, labels.roll(1, 1).where(changed, labels)

    return Redrawn


def _test_labels_too(prepare: Callable[..., Any]) -> Callable[..., Any]:
    """Data sets whose validation labels are corrupted as the training labels are."""
    from harness.data.corruption import corrupt

    def prepared(spec: Any, source: Any) -> Any:
        data = prepare(spec, source)
        labels, kind = data.validation_labels, spec.corruption.kind
        if not kind.endswith("-labels"):
            return data
        drawn = corrupt(labels.numpy(), labels.numpy(), source.classes, spec.corruption, spec.seed).labels
        return replace(data, validation_labels=labels.new_tensor(drawn))

    return prepared


def _shuffled(feature_blocks: Callable[..., Any]) -> Callable[..., Any]:
    """Features, other than pixels, of images whose neighbouring pixels are neighbours no more."""

    def blocks(spec: Any, images: Any, training: slice) -> Any:
        import torch

        from harness.seed import torch_generator

        if spec.features != "pixels":
            order = torch.randperm(images[0, 0].numel(), generator=torch_generator(spec.seed, "pixels"))
            images = images.flatten(2)[..., order.to(images.device)].reshape(images.shape)
        return feature_blocks(spec, images, training)

    return blocks


def _has_wavelets_or_filters(setting: Setting) -> bool:
    if not (isinstance(setting, Plan) and isinstance(setting.base, KernelSpec)):
        return False
    return any(specs[0].features != "pixels" for specs in setting.specs(0).values())


def _theorem(setting: Setting) -> bool:
    return isinstance(setting, Cases)


def _has_label_noise(setting: Setting) -> bool:
    if isinstance(setting, Cases):
        return False
    return any(spec.corruption.kind.endswith("-labels") for specs in setting.specs(0).values() for spec in specs[:1])


MUTANTS = {
    mutant.name: mutant
    for mutant in (
        Mutant("zero-learning-rate", "nothing is learned", _zero_learning_rate),
        Mutant("labels-not-corrupted", "random labels are the true ones", _labels_not_corrupted),
        Mutant(
            "labels-redrawn",
            "corrupted examples have another label each time that they are seen",
            target="harness.training.cohort:Pool",
            replacement=_redrawn,
            within=_has_label_noise,
        ),
        Mutant(
            "test-labels-corrupted",
            "validation labels are corrupted as the training labels are",
            target="harness.laboratory:prepare",
            replacement=_test_labels_too,
            within=_has_label_noise,
            caught_by="harness/tests/test_dataset.py::test_validation_is_never_corrupted",
        ),
        Mutant(
            "misplaced-biases",
            "the biases of Theorem 1 do not interleave with the points",
            target="harness.measures.expressivity:interleave",
            replacement=_misplaced,
            within=_theorem,
        ),
        Mutant(
            "sgd-not-from-zero",
            "SGD on the linear model starts elsewhere than at zero",
            target="harness.measures.linear:sgd_least_squares",
            replacement=_from_one,
            within=_theorem,
        ),
        Mutant(
            "kernel-bandwidth-too-small",
            "the Gaussian kernel's bandwidth is a hundredth of the median distance, so that points know nothing of "
            "each other",
            _of_kernels(lambda changes: {**changes, "bandwidth": 0.01}),
        ),
        Mutant(
            "kernel-ridge-too-large",
            "where a ridge is added to the kernel, it is larger than anything in the matrix",
            _of_kernels(lambda changes: {**changes, "ridge": 1e3} if changes.get("ridge", 0.0) != 0.0 else changes),
        ),
        Mutant(
            "kernel-centres-on-the-data",
            "basis functions stand on the data, not at random points",
            _of_kernels(lambda changes: {**changes, "centres": "data"} if "centres" in changes else changes),
        ),
        Mutant(
            "kernel-pixels-shuffled",
            "before wavelets or filters, all images' pixels are put into one other order",
            target="harness.measures.kernels.fit:feature_blocks",
            replacement=_shuffled,
            within=_has_wavelets_or_filters,
        ),
    )
}


def find(name: str) -> Mutant:
    """A mutant by name.

    Raises:
        SettingError: for an unknown name.
    """
    if name not in MUTANTS:
        raise SettingError(f"unknown mutant {name!r}; legal are {', '.join(MUTANTS)}")
    return MUTANTS[name]
