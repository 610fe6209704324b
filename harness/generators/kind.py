"""What every kind of generator is: how it is learned, and how it makes images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from torch import Tensor

from memorization_claims.spec.generator import GeneratorSpec

Images = Callable[[Tensor], Tensor]
"""Maps latent values (n, latent), float32, to images (n, *shape), float32, one by one; it is differentiable."""


class Kind(NamedTuple):
    """A kind of generator. A user's own, in any module, is named as `package.module:NAME`."""

    train: Callable[[GeneratorSpec, Tensor], dict[str, np.ndarray]]
    """Learns from the spec and the training images, (n, *shape), float32, on the device to train on; returns the arrays
    that are kept. Every draw comes from `memorization_claims.seed` by the spec's seed. Raises SettingError for images
    that it cannot make, UndecidableError if it has failed to learn."""
    images: Callable[[GeneratorSpec, Mapping[str, Tensor]], Images]
    """Returns what makes images, from the spec and these arrays as tensors on the device to make them on."""
