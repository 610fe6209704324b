"""Mutants of kernel fits: fields of a fit that are not those that a claim asks for, and shuffled images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from memorization_claims.controls.mutant import Mutant
from memorization_claims.measures.kernels.features import feature_blocks
from memorization_claims.measures.kernels.selection import RIDGES, choose_ridge
from memorization_claims.plan.plan import Plan, Setting
from memorization_claims.seed import torch_generator
from memorization_claims.spec.kernel import KernelSpec

Fields = Mapping[str, Any]
Features = Callable[[KernelSpec, Tensor, slice], Iterator[Tensor]]


def narrow(setting: Setting) -> Setting:
    """A bandwidth at which the kernel matrix is all but the identity, whatever was asked for."""
    return _of_fits(setting, lambda fields: {**fields, "bandwidth": 0.01})


def on_the_data(setting: Setting) -> Setting:
    """Basis functions on the points that are fitted."""
    return _of_fits(setting, lambda fields: {**fields, "centres": "data"} if "centres" in fields else fields)


def _of_fits(setting: Setting, change: Callable[[Fields], Fields]) -> Setting:
    """Change the fields that each condition replaces, where kernels are fitted."""
    if not (isinstance(setting, Plan) and isinstance(setting.base, KernelSpec)):
        return setting
    return replace(setting, conditions={name: change(fields) for name, fields in setting.conditions.items()})


def transforms(setting: Setting) -> bool:
    """Whether it asks for fits on anything but pixels."""
    if not (isinstance(setting, Plan) and isinstance(setting.base, KernelSpec)):
        return False
    return any(specs[0].features != "pixels" for specs in setting.specs().values())


def shuffled(whole: Features) -> Features:
    """Features, other than pixels, of images whose neighbouring pixels are neighbours no more."""

    def broken(spec: KernelSpec, images: Tensor, training: slice) -> Iterator[Tensor]:
        if spec.features != "pixels":
            order = torch.randperm(images[0, 0].numel(), generator=torch_generator(spec.seed, "pixels"))
            images = images.flatten(2)[..., order.to(images.device)].reshape(images.shape)
        return whole(spec, images, training)

    return broken


def largest(whole: Callable[..., float]) -> Callable[..., float]:
    """A choice of the ridge that takes the largest, whatever the examples held out say."""
    return lambda squared, labels, classes, bandwidth: max(RIDGES)


def chooses_ridges(setting: Setting) -> bool:
    """Whether a ridge is to be chosen."""
    if not (isinstance(setting, Plan) and isinstance(setting.base, KernelSpec)):
        return False
    return any(specs[0].ridge is None for specs in setting.specs().values())


MUTANTS = (
    Mutant(
        "kernel-bandwidth-too-small",
        "the Gaussian kernel's bandwidth is a hundredth of the median distance, so that points know nothing of each "
        "other",
        setting=narrow,
    ),
    Mutant(
        "kernel-centres-on-the-data",
        "basis functions stand on the data, not at random points",
        setting=on_the_data,
    ),
    Mutant(
        "kernel-pixels-shuffled",
        "before wavelets or filters, all images' pixels are put into one other order",
        target=feature_blocks,
        replacement=shuffled,
        within=transforms,
    ),
    Mutant(
        "kernel-ridge-not-chosen",
        "the largest ridge is taken, whatever does best on examples held out",
        target=choose_ridge,
        replacement=largest,
        within=chooses_ridges,
    ),
)
