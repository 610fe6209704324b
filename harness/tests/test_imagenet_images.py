"""Which images of a folder a training sees, cut how, in which order and with which labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from memorization_claims.errors import DataError, SettingError
from memorization_claims.imagenet.images import Folder, Images, measured, middle, open_folder, order, part, scaled
from memorization_claims.seed import torch_generator
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.imagenet import ImagenetSpec
from memorization_claims.tests.imagenet_samples import CLASSES, TRAINING, VALIDATION, write_folder

RANDOM = Corruption(kind="random-labels")
MANY = ImagenetSpec(training_images=1000, validation_images=100, classes=10, batch=64, part=16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A small one."""
    return open_folder(write_folder(tmp_path_factory.mktemp("images")))


def small(folder: Folder, **fields: object) -> ImagenetSpec:
    """A spec for it."""
    return folder.fit(side=24, batch=8, part=4, **fields)


def test_the_numbers_of_a_folder(folder: Folder) -> None:
    """A spec has them, so that a training on part of the images is never taken for one on all."""
    spec = small(folder)
    assert (spec.training_images, spec.validation_images, spec.classes) == (TRAINING, VALIDATION, CLASSES)
    assert ImagenetSpec().training_images == 1_281_167


def test_random_labels_stay_for_all_epochs(folder: Folder) -> None:
    """They are drawn by the seed alone, uniformly over the classes; true ones are those of the folders."""
    spec = small(folder, corruption=RANDOM, seed=3)
    labels, true = folder.labels(spec), folder.labels(small(folder, seed=3))
    assert np.array_equal(true, np.repeat(np.arange(CLASSES), TRAINING // CLASSES))
    assert not np.array_equal(labels, true)
    assert np.array_equal(labels, folder.labels(small(folder, corruption=RANDOM, seed=3, epochs=7, augmentation=True)))
    assert not np.array_equal(labels, folder.labels(small(folder, corruption=RANDOM, seed=4)))
    for epoch in (None, 0, 5):
        seen = Images(folder.training, labels, spec, epoch)
        assert [seen[place][1] for place in (0, 7, 17)] == labels[[0, 7, 17]].tolist()
    many = Folder([("x", 0)] * 30_000, [("x", 0)], 10).labels(ImagenetSpec(corruption=RANDOM, classes=10))
    assert np.abs(np.bincount(many, minlength=10) / 3000 - 1).max() < 0.1


def test_an_image_is_seen_alike_or_cut_anew(folder: Folder) -> None:
    """Without augmentation in every epoch, with it in each another part, whoever reads it."""
    spec = small(folder, seed=5)
    labels = folder.labels(spec)
    plain = [Images(folder.training, labels, spec)[7][0] for _ in range(2)]
    assert torch.equal(*plain)
    assert plain[0].shape == (3, 24, 24)
    assert plain[0].dtype == torch.uint8
    epochs = [Images(folder.training, labels, spec, epoch)[7][0] for epoch in (0, 1, 0)]
    assert torch.equal(epochs[0], epochs[2])
    assert not torch.equal(epochs[0], epochs[1])
    other = Images(folder.training, labels, small(folder, seed=6), 0)[7][0]
    assert not torch.equal(epochs[0], other)
    assert scaled(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1, 1]


def test_parts_are_mirrored_half_of_the_time(tmp_path: Path) -> None:
    """An image that grows brighter to the right."""
    ramp = np.broadcast_to(np.arange(100, dtype=np.uint8)[None, :, None], (100, 100, 3))
    Image.fromarray(np.ascontiguousarray(ramp)).save(tmp_path / "ramp.png")
    images = [Images([(str(tmp_path / "ramp.png"), 0)], [0], ImagenetSpec(side=8), epoch)[0][0] for epoch in range(60)]
    rising = [bool(image[0, :, -1].float().mean() > image[0, :, 0].float().mean()) for image in images]
    assert 18 <= sum(rising) <= 42


def test_parts_lie_within_the_image() -> None:
    """Their areas are 5 % to all of it and their shapes 3:4 to 4:3; of an image too narrow for any, the whole."""
    generator = torch_generator(0, "augmentation")
    boxes = np.array([part(300, 400, generator) for _ in range(2000)])
    top, left, height, width = boxes.T
    assert top.min() == left.min() == 0
    assert (top + height).max() == 300
    assert (left + width).max() == 400
    area, ratio = height * width / 120_000, width / height
    assert 0.048 < area.min() < 0.06
    assert 0.9 < area.max() <= 1
    assert 0.72 < ratio.min() < 0.78
    assert 1.28 < ratio.max() < 1.36
    assert part(1, 1000, generator) == (0, 0, 1, 1000)
    assert middle(80, 160) == (5, 10, 70, 140)


def test_each_epoch_has_an_order_of_its_own() -> None:
    """No image twice; processes share a batch's parts; the rest of an epoch is left out, and is not the same rest."""
    first, second = order(MANY, 0), order(MANY, 1)
    assert first.shape == (15, 4, 16)
    assert len(np.unique(first)) == 15 * 64
    assert np.array_equal(first, order(MANY, 0))
    assert set(first.ravel()) != set(second.ravel())
    shared = [first[:, rank::2] for rank in range(2)]
    assert np.array_equal(np.sort(np.concatenate(shared, axis=1), axis=None), np.sort(first, axis=None))


def test_measured_images_stay() -> None:
    """As many of the training images as there are for validation, each once."""
    chosen = measured(MANY)
    assert len(np.unique(chosen)) == 100
    assert np.array_equal(chosen, measured(MANY))


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    """One line says what is wrong and what is legal."""
    with pytest.raises(DataError, match=r"is no ImageNet .*; legal is a folder with train/CLASS/IMAGE"):
        open_folder(tmp_path)
    root = write_folder(tmp_path / "images")
    (root / "val/class2").rename(root / "val/class9")
    with pytest.raises(DataError, match="has other classes in train than in val"):
        open_folder(root)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"subset": 10}, "subset is 10; ImageNet is taken whole: legal is None"),
        ({"crop": 28}, "crop is 28; ImageNet is taken whole"),
        ({"corruption": Corruption(kind="gaussian-inputs")}, "legal on ImageNet are none and random-labels of all"),
        (
            {"corruption": Corruption(kind="random-labels", fraction=0.5)},
            "legal on ImageNet are none and random-labels",
        ),
        ({"batch": 100}, "batch is 100; legal are multiples of the part, 32, up to"),
        ({"dropout": 1.0}, "dropout is 1.0; legal is 0.0 to 0.99"),
        ({"epochs": 0}, "epochs is 0; legal is 1 or more"),
        ({"rate": -1.0}, "rate is -1.0; legal is 0 or more"),
        ({"classes": 1}, "classes is 1; legal is 2 or more"),
    ],
)
def test_specs_that_are_none(fields: dict[str, object], message: str) -> None:
    """Nothing is silently something else."""
    with pytest.raises(SettingError, match=message):
        ImagenetSpec(**fields)  # type: ignore[arg-type]


def test_the_rate_falls_in_steps() -> None:
    """By 0.94 every second epoch."""
    rates = [ImagenetSpec().rate_at(epoch) for epoch in range(5)]
    assert rates == pytest.approx([0.045, 0.045, 0.0423, 0.0423, 0.039762])
