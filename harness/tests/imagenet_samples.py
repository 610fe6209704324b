"""A small folder of images, a net that takes a moment, and records of trainings, for the tests of ImageNet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from PIL import Image
from torch import Tensor, nn

from memorization_claims.imagenet.net import Dropout
from memorization_claims.imagenet.record import key_of
from memorization_claims.spec.imagenet import ImagenetSpec
from memorization_claims.store import Entry, Store

CLASSES, TRAINING, VALIDATION = 3, 18, 9


def write_folder(root: Path) -> Path:
    """JPEGs of three classes, each of another colour and none square: 6 a class in `train`, 3 in `val`."""
    generator = np.random.default_rng(0)
    for part, images in (("train", TRAINING), ("val", VALIDATION)):
        for label in range(CLASSES):
            folder = root / part / f"class{label}"
            folder.mkdir(parents=True)
            for index in range(images // CLASSES):
                pixels = generator.integers(0, 256, (4, 5, 3), dtype=np.uint8)
                pixels[..., label] = 255
                Image.fromarray(pixels).resize((60 + 10 * index, 90)).save(folder / f"{index}.jpeg")
    return root


class Small(nn.Module):
    """A net of 8 features."""

    def __init__(self, spec: ImagenetSpec) -> None:
        super().__init__()
        self.features = nn.Conv2d(3, 8, 5, stride=4)
        self.norm = nn.BatchNorm2d(8)
        self.dropout = Dropout(spec.dropout)
        self.fc = nn.Linear(8, spec.classes)

    def forward(self, images: Tensor) -> Tensor:
        """Logits."""
        return self.fc(self.dropout(self.norm(self.features(images)).relu().mean((2, 3))))  # type: ignore[no-any-return]


def build_small(spec: ImagenetSpec, device: torch.device) -> Small:
    """The small net with the weights of the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(spec.seed)
        return Small(spec).to(device)


def put_record(store: Store, spec: ImagenetSpec, courses: Mapping[str, ArrayLike], **facts: str) -> None:
    """Keep a training that measured these values after every epoch, each a number for all or one for each."""
    arrays: dict[str, Any] = {f"trace/{name}": np.full((1, spec.epochs), values) for name, values in courses.items()}
    arrays |= {"epochs": np.arange(1.0, spec.epochs + 1), "diverged": np.array([-1])}
    store.save(key_of(spec), Entry(arrays, {"spec": spec.name, "seconds": 1.0, "images": "all", **facts}))
