"""One generator, from its spec to its arrays and from these to the images that it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from memorization_claims.data.dataset import Dataset
from memorization_claims.generators import adversarial, dcgan, pca
from memorization_claims.spec.generator import GeneratorSpec

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Generator:
    """A differentiable function from latent values to images; what it draws from is a standard normal distribution."""

    latent: int
    """Number of latent values."""
    images: Callable[[Tensor], Tensor]
    """From (n, latent), float32, to (n, *shape), float32, in the unit of the training inputs; each on its own."""


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
        SettingError: for images that the kind cannot make, or more latent values than they allow.
        UndecidableError: where a loss of the DCGAN was no longer finite.
    """
    if spec.kind == "pca":
        return pca.fit(spec, data.inputs.to(device))
    return adversarial.train(spec, data.inputs.to(device))


def restore(spec: GeneratorSpec, arrays: Mapping[str, np.ndarray], device: torch.device) -> Generator:
    """The generator that `train` learned, on a device, its weights fixed."""
    tensors = {name: torch.as_tensor(array).to(device) for name, array in arrays.items()}
    images = pca.images(tensors) if spec.kind == "pca" else dcgan.images(spec, tensors)
    return Generator(spec.latent, images)
