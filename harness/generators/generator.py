"""Learns a generator from its spec, as arrays, and makes images with these arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from memorization_claims.data.dataset import Dataset
from memorization_claims.errors import SettingError
from memorization_claims.generators.kind import Images, Kind
from memorization_claims.spec import named, names
from memorization_claims.spec.generator import GeneratorSpec

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Generator:
    """A differentiable function from latent values to images; what it draws from is a standard normal distribution."""

    latent: int
    """Number of latent values."""
    images: Images
    """Makes images in the unit of the training inputs."""


def train(spec: GeneratorSpec, data: Dataset, device: torch.device) -> Arrays:
    """Learn a generator from a training set.

    Args:
        spec: what is learned.
        data: its data; labels play no part.
        device: where to train.

    Returns:
        Arrays that `restore` makes a generator of; of a DCGAN also `trace/generator` and `trace/discriminator`,
        (epochs,), the mean losses of each epoch in nats.

    Raises:
        UnfitDataError: for images that the kind cannot make, or more latent values than they allow.
        UndecidableError: where a loss of the DCGAN was no longer finite.
    """
    return _kind(spec).train(spec, data.inputs.to(device))


def restore(spec: GeneratorSpec, arrays: Mapping[str, np.ndarray], device: torch.device) -> Generator:
    """The generator that `train` learned, on a device, its weights fixed."""
    tensors = {name: torch.tensor(array, device=device) for name, array in arrays.items()}
    return Generator(spec.latent, _kind(spec).images(spec, tensors))


def _kind(spec: GeneratorSpec) -> Kind:
    kind = named.look_up("generator", names.generator(spec.kind))
    if not isinstance(kind, Kind):
        raise SettingError(f"generator {spec.kind!r} is {kind!r}; legal is a memorization_claims.generators.kind.Kind")
    return kind
