"""The one index of short names: what each stands for, as `package.module:name`; looking one up imports nothing.

A new file gets a short name by a line here, and works without one under its own `package.module:name`. Nothing else is
kept in this module: a run is keyed on the code that its names stand for, so that a new line trains nothing again.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from memorization_claims.spec import named

MODELS: dict[str, tuple[str, dict[str, int | bool]]] = {
    "mlp-{depth}x{width}": ("memorization_claims.models.mlp:mlp", {}),
    "cnn-{width}": ("memorization_claims.models.cnn:cnn", {}),
    "cnn-bn-{width}": ("memorization_claims.models.cnn:cnn", {"batch_norm": True}),
    "inception": ("memorization_claims.models.inception:inception", {}),
    "inception-{width}": ("memorization_claims.models.inception:inception", {}),
    "inception-nobn": ("memorization_claims.models.inception:inception", {"batch_norm": False}),
    "inception-nobn-{width}": ("memorization_claims.models.inception:inception", {"batch_norm": False}),
    "alexnet": ("memorization_claims.models.alexnet:alexnet", {}),
    "alexnet-{width}": ("memorization_claims.models.alexnet:alexnet", {}),
    "arpit-cnn": ("memorization_claims.models.arpit_cnn:arpit_cnn", {}),
    "arpit-cnn-{width}": ("memorization_claims.models.arpit_cnn:arpit_cnn", {}),
    "vgg11": ("memorization_claims.models.vgg:vgg11", {}),
    "vgg13": ("memorization_claims.models.vgg:vgg13", {}),
    "vgg3-{width}": ("memorization_claims.models.vgg:small_vgg", {"convolutions": 1}),
    "vgg6-{width}": ("memorization_claims.models.vgg:small_vgg", {"convolutions": 2}),
    "resnet32": ("memorization_claims.models.resnet:resnet", {"width": 16, "blocks": 5}),
    "resnet8-{width}": ("memorization_claims.models.resnet:resnet", {"blocks": 1}),
}
"""Factories of networks, with options for them; a word in braces is an option too, whose number the name tells."""

CORRUPTIONS = {
    "none": "memorization_claims.data.corruptions.none:none",
    "random-labels": "memorization_claims.data.corruptions.random_labels:random_labels",
    "permuted-labels": "memorization_claims.data.corruptions.permuted_labels:permuted_labels",
    "unique-labels": "memorization_claims.data.corruptions.unique_labels:unique_labels",
    "binary-labels": "memorization_claims.data.corruptions.binary_labels:binary_labels",
    "gaussian-inputs": "memorization_claims.data.corruptions.gaussian_inputs:gaussian_inputs",
    "unique-gaussian-inputs": "memorization_claims.data.corruptions.gaussian_inputs:unique_gaussian_inputs",
    "random-pixels": "memorization_claims.data.corruptions.pixels:random_pixels",
    "shuffled-pixels": "memorization_claims.data.corruptions.pixels:shuffled_pixels",
}
"""Functions that `memorization_claims.data.corruption` calls."""

DATASETS = {
    "digits": "memorization_claims.data.sources.digits:digits",
    "mnist": "memorization_claims.data.sources.torchvision:MNIST",
    "cifar10": "memorization_claims.data.sources.torchvision:CIFAR10",
}
"""What `memorization_claims.data.source` loads data sets with: functions or kinds."""
NPZ = "memorization_claims.data.sources.npz:NPZ"
"""The same for every path of an .npz file."""

GENERATORS = {
    "pca": "memorization_claims.generators.pca:PCA",
    "dcgan": "memorization_claims.generators.adversarial:DCGAN",
}
"""Kinds that `memorization_claims.generators.generator` trains."""


def model(name: str) -> tuple[str, dict[str, int | bool]]:
    """The place of a network's factory, and its options; a user's `package.module:factory` stays, without options.

    Raises:
        SettingError: for an unknown name, or one whose module cannot be found; the legal ones are listed.
    """
    for form, (place, options) in MODELS.items():
        if match := re.fullmatch(_pattern(form), name):
            return place, {**options, **{option: int(number) for option, number in match.groupdict().items()}}
    named.check("model", name, f"legal are {legal_models()}, or package.module:factory")
    return name, {}


def legal_models() -> str:
    """The short names of networks, as messages list them."""
    shown = [re.sub(r"\{(\w)\w*\}", lambda slot: slot[1].upper(), form) for form in MODELS]
    return f"{', '.join(shown)} (D layers of W units or channels)"


def corruption(kind: str) -> str:
    """The place of a corruption; a user's `package.module:function` stays as it is.

    Raises:
        SettingError: for an unknown name, or one whose module cannot be found; the legal ones are listed.
    """
    return _place("corruption", kind, CORRUPTIONS, "package.module:function")


def dataset(name: str) -> str:
    """The place of what loads a data set; a user's `package.module:function` stays as it is.

    Raises:
        SettingError: for an unknown name, or one whose module cannot be found; the legal ones are listed.
    """
    if name.endswith(".npz"):
        return NPZ
    return _place("dataset", name, DATASETS, "the path of an .npz file, or package.module:function", joined=", ")


def generator(kind: str) -> str:
    """The place of a kind of generator; a user's `package.module:NAME` stays as it is.

    Raises:
        SettingError: for an unknown name, or one whose module cannot be found; the legal ones are listed.
    """
    return _place("generator", kind, GENERATORS, "package.module:NAME")


def _place(what: str, name: str, table: Mapping[str, str], others: str, joined: str = ", or ") -> str:
    if name not in table:
        named.check(what, name, f"legal are {', '.join(table)}{joined}{others}")
    return table.get(name, name)


@functools.cache
def _pattern(form: str) -> str:
    """The names of one form, as a regular expression; only a depth may be 0."""
    numbers = {"depth": r"\d+"}
    return re.sub(r"\{(\w+)\}", lambda slot: f"(?P<{slot[1]}>{numbers.get(slot[1], '[1-9][0-9]*')})", form)
