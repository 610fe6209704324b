"""A folder of images by class, read while a net trains: `train/CLASS/IMAGE` and `val/CLASS/IMAGE`."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from memorization_claims.data.corruption import corrupt
from memorization_claims.errors import DataError
from memorization_claims.seed import numpy_generator, torch_generator
from memorization_claims.spec.imagenet import ImagenetSpec

if TYPE_CHECKING:
    from PIL.Image import Image

MIDDLE = 0.875
"""The share of either side that the middle of an image has. Source: as all here, TensorFlow's package for Inception."""
LEAST_AREA = 0.05
"""The least share of an image's area that a random part has."""
RATIOS = (3 / 4, 4 / 3)
"""The least and the greatest width of a random part, over its height."""
ATTEMPTS = 100
"""How often a random part that does not fit is drawn again, before the whole image is taken."""
Files = list[tuple[str, int]]
"""Each file with its class, by class and name."""


@dataclass(frozen=True, eq=False)
class Folder:
    """The images of a folder; none is read yet."""

    training: Files
    validation: Files
    classes: int

    @property
    def digest(self) -> str:
        """SHA-256 of names and classes: which images they are, as far as their names tell."""
        named = [f"{Path(file).name} {label}" for file, label in (*self.training, *self.validation)]
        return hashlib.sha256("\n".join(named).encode()).hexdigest()

    def fit(self, **fields: Any) -> ImagenetSpec:
        """A spec of these fields for as many images and classes as there are."""
        fields |= {"training_images": len(self.training), "validation_images": len(self.validation)}
        return ImagenetSpec(classes=self.classes, **fields)

    def labels(self, spec: ImagenetSpec) -> np.ndarray:
        """What the training images are labelled for this training, the same in every epoch and process: (n,), int64."""
        true = np.array([label for _, label in self.training])
        nothing = np.empty((0, 3, 1, 1), np.float32)
        return corrupt(nothing, true, self.classes, spec.corruption, spec.seed).labels


def open_folder(root: Path) -> Folder:
    """List a folder's images.

    Raises:
        DataError: where it has no `train` and `val` with images of the same classes.
    """
    from torchvision.datasets import ImageFolder

    try:
        train, val = (ImageFolder(str(root / part)) for part in ("train", "val"))
    except OSError as error:
        raise DataError(
            f"{root} is no ImageNet ({error}); legal is a folder with train/CLASS/IMAGE and val/CLASS/IMAGE"
        ) from error
    if train.classes != val.classes or len(train.classes) < 2:
        raise DataError(
            f"{root} has other classes in train than in val, or fewer than two; legal are the same two or more"
        )
    return Folder(train.samples, val.samples, len(train.classes))


class Images(Dataset[tuple[Tensor, int, int]]):
    """Images of some files as tensors, (3, side, side), uint8, each with its label and its place among the files.

    Args:
        files: which.
        labels: of each.
        spec: names the seed and the size.
        epoch: draw random parts of images for this epoch; None takes their middles.
    """

    def __init__(
        self, files: Files, labels: Sequence[int] | np.ndarray, spec: ImagenetSpec, epoch: int | None = None
    ) -> None:
        self.files, self.labels, self.spec, self.epoch = files, labels, spec, epoch

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, place: int) -> tuple[Tensor, int, int]:
        """One image; what is drawn for it depends on no other."""
        from torchvision.datasets.folder import pil_loader
        from torchvision.transforms.functional import pil_to_tensor

        image: Image = pil_loader(self.files[place][0])
        drawn = None if self.epoch is None else torch_generator(self.spec.seed, "augmentation", self.epoch, place)
        box = middle(image.height, image.width) if drawn is None else part(image.height, image.width, drawn)
        cut = _cut(image, box, self.spec.side)
        mirrored = drawn is not None and bool(torch.rand((), generator=drawn) < 0.5)
        return pil_to_tensor(cut).flip(2) if mirrored else pil_to_tensor(cut), int(self.labels[place]), place


Box = tuple[int, int, int, int]
"""Top, left, height and width, in pixels."""


def middle(height: int, width: int) -> Box:
    """The middle of an image."""
    high, wide = max(1, round(height * MIDDLE)), max(1, round(width * MIDDLE))
    return (height - high) // 2, (width - wide) // 2, high, wide


def part(height: int, width: int, generator: torch.Generator) -> Box:
    """A random part of an image: its area and its shape uniform, anywhere that it fits; the whole where none does."""
    low, high = RATIOS
    for _ in range(ATTEMPTS):
        area, ratio, down, right = torch.rand(4, generator=generator, dtype=torch.float64).tolist()
        area, ratio = height * width * (LEAST_AREA + (1 - LEAST_AREA) * area), low + (high - low) * ratio
        tall, wide = round(math.sqrt(area / ratio)), round(math.sqrt(area * ratio))
        if 0 < tall <= height and 0 < wide <= width:
            return int(down * (height - tall + 1)), int(right * (width - wide + 1)), tall, wide
    return 0, 0, height, width


def _cut(image: Image, box: Box, side: int) -> Image:
    from PIL.Image import Resampling

    top, left, height, width = box
    return image.resize((side, side), Resampling.BILINEAR, box=(left, top, left + width, top + height))


def order(spec: ImagenetSpec, epoch: int) -> np.ndarray:
    """The training images of an epoch, (steps, parts, part): another order for each, of which the rest is left out."""
    drawn = numpy_generator(spec.seed, "order", epoch).permutation(spec.training_images)
    return drawn[: spec.steps * spec.batch].reshape(spec.steps, -1, spec.part)


def measured(spec: ImagenetSpec) -> np.ndarray:
    """The training images that are evaluated, (n,), rising."""
    drawn = numpy_generator(spec.seed, "subset").permutation(spec.training_images)
    return np.sort(drawn[: spec.measured_images])


def loader(images: Images, batches: Sequence[Sequence[int]], workers: int) -> DataLoader[Any]:
    """Reads batches of images in this order, by so many processes, or by this one with 0."""
    return DataLoader(images, batch_sampler=batches, num_workers=workers, pin_memory=torch.cuda.is_available())  # type: ignore[arg-type]


def scaled(images: Tensor) -> Tensor:
    """Bytes as the net takes them: from -1 to 1, float32."""
    return images.float() / 127.5 - 1
