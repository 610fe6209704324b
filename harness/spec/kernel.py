"""One fit of a Gaussian kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from memorization_claims.errors import SettingError
from memorization_claims.spec.checks import legal
from memorization_claims.spec.data import DataSpec

Features = Literal["pixels", "gabor", "convolutional"]


ExtraPoints = Literal["none", "true", "random"]


Centres = Literal["data", "random"]


@dataclass(frozen=True, kw_only=True)
class KernelSpec(DataSpec):
    """One fit of a Gaussian kernel to a training set, with one-hot targets and nothing taken off them."""

    features: Features = "pixels"
    """Features to compare: pixels, magnitudes of Gabor wavelets, or a convolutional net with random filters."""
    filters: int = 200
    """Random filters of the convolutional net, drawn by seed; nothing else looks at it."""
    bandwidth: float | None = None
    """Bandwidth in median distances between two training examples. None chooses among fixed ones that with the least
    error on a held-out fifth of the training set, and the larger one in a tie."""
    ridge: float | None = 0.0
    """Added to the diagonal of the kernel matrix; 0 interpolates, None chooses one above 0 as with bandwidths."""
    extra: ExtraPoints = "none"
    """Whether the first half of the validation set is fitted too, with its true labels or with random ones; the test
    error is then that on the other half, and bandwidths are chosen and measured without it."""
    centres: Centres = "data"
    """Where the basis functions stand: on the points that are fitted, or on as many images of normal noise with the
    training images' mean and variance."""

    def __post_init__(self) -> None:
        super().__post_init__()
        legal("features", self.features, Features)
        legal("extra", self.extra, ExtraPoints)
        legal("centres", self.centres, Centres)
        if self.filters < 1:
            raise SettingError(f"filters is {self.filters}; legal is 1 or more")
        if self.bandwidth is not None and self.bandwidth <= 0:
            raise SettingError(f"bandwidth is {self.bandwidth}; legal is above 0, or None for a choice by validation")
        if self.ridge is not None and self.ridge < 0:
            raise SettingError(f"ridge is {self.ridge}; legal is 0 or more, or None for a choice by validation")
        if self.centres == "random" and self.ridge != 0:
            raise SettingError(f"ridge is {self.ridge} with random centres; legal is 0.0")
