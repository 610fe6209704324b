"""One generator of images."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from memorization_claims.errors import SettingError
from memorization_claims.spec import names
from memorization_claims.spec.data import Corruption, DataSpec


@dataclass(frozen=True, kw_only=True)
class GeneratorSpec(DataSpec):
    """One generator of images, learned from those of a training set and from no label."""

    kind: str = "pca"
    """pca: the mean image and the principal components. dcgan: a deep convolutional GAN (Radford et al. 2015). Or
    `package.module:NAME` of a user's own `memorization_claims.generators.kind.Kind`, which sees all that follows."""
    latent: int = 100
    """Latent values, which are standard normal."""
    width: int = 128
    """Channels next to the image in both nets of a DCGAN."""
    epochs: int = 30
    """Epochs of a DCGAN."""
    batch: int = 128
    """Examples a step of a DCGAN."""
    rate: float = 0.0002
    """Learning rate of both nets of a DCGAN."""
    learned: bool = True
    """False learns nothing of the images, as a control: initial weights, random directions."""

    def __post_init__(self) -> None:
        super().__post_init__()
        names.generator(self.kind)
        for name in ("latent", "width", "epochs", "batch"):
            if getattr(self, name) < 1:
                raise SettingError(f"{name} is {getattr(self, name)}; legal is 1 or more")
        if self.rate < 0:
            raise SettingError(f"the learning rate is {self.rate}; legal is 0 or more")

    @classmethod
    def of(cls, run: DataSpec, **replaced: Any) -> GeneratorSpec:
        """The generator of a run's training images, whatever was done to these or their labels."""
        shared = {each.name: getattr(run, each.name) for each in fields(DataSpec)}
        return cls(**{**shared, "corruption": Corruption(), **replaced})
