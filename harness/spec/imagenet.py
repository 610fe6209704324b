"""One training of Inception v3 on ImageNet, whose images are too many to hold."""

from __future__ import annotations

from dataclasses import dataclass, fields

from memorization_claims.errors import SettingError
from memorization_claims.spec.checks import within
from memorization_claims.spec.data import Corruption, DataSpec


@dataclass(frozen=True, kw_only=True)
class ImagenetSpec(DataSpec):
    """All that decides the numbers of one training; `memorization_claims.imagenet.training` has the order of draws.

    It has the recipe of TensorFlow's package for Inception v3: RMSProp and a rate that falls in steps. Nothing
    regularises unless it says so.
    """

    data: str = "imagenet"
    augmentation: bool = False
    """Train on random parts of images, half of them mirrored, instead of their middles."""
    dropout: float = 0.0
    """Probability of dropping each of the 2048 values before the last layer."""
    weight_decay: float = 0.0
    """Coefficient of the L2 penalty on the weights of convolutions and linear layers; its gradient is added to the
    loss's."""
    rate: float = 0.045
    """Learning rate at the first epoch."""
    decay: float = 0.94
    """Factor on the rate every `decay_every` epochs."""
    decay_every: int = 2
    """Epochs between two decays."""
    batch: int = 256
    """Images a step, over all processes; what is left at the end of an epoch is not trained on in it."""
    part: int = 32
    """Images of a batch that pass through the net together, and so share their batch norm."""
    epochs: int = 100
    """The budget."""
    side: int = 299
    """Pixels of the square that images are resized to."""
    training_images: int = 1_281_167
    validation_images: int = 50_000
    classes: int = 1000

    def __post_init__(self) -> None:
        super().__post_init__()
        for each in fields(DataSpec):
            if each.name not in ("data", "corruption", "seed") and getattr(self, each.name) != each.default:
                raise SettingError(
                    f"{each.name} is {getattr(self, each.name)!r}; ImageNet is taken whole: legal is {each.default!r}"
                )
        if self.corruption not in (Corruption(), Corruption(kind="random-labels")):
            raise SettingError(
                f"the corruption is {self.corruption}; legal on ImageNet are none and random-labels of all"
            )
        within("dropout", self.dropout, 0.0, 0.99)
        for name in ("rate", "decay", "weight_decay"):
            if getattr(self, name) < 0:
                raise SettingError(f"{name} is {getattr(self, name)}; legal is 0 or more")
        for name in ("decay_every", "part", "epochs", "side", "training_images", "validation_images"):
            if getattr(self, name) < 1:
                raise SettingError(f"{name} is {getattr(self, name)}; legal is 1 or more")
        if self.classes < 2:
            raise SettingError(f"classes is {self.classes}; legal is 2 or more")
        if not self.part <= self.batch <= self.training_images or self.batch % self.part:
            raise SettingError(
                f"batch is {self.batch}; legal are multiples of the part, {self.part}, up to the number of training "
                f"images, {self.training_images}"
            )

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return self.training_images // self.batch

    @property
    def measured_images(self) -> int:
        """Training images on which accuracy is measured after every epoch, drawn once: as many as for validation."""
        return min(self.training_images, self.validation_images)

    def rate_at(self, epoch: int) -> float:
        """The learning rate during an epoch, counted from 0."""
        return float(self.rate * self.decay ** (epoch // self.decay_every))
