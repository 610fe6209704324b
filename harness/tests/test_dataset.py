"""A run's tensors: who is in them, what is corrupted, and in which unit the pixels are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from harness.data.corruption import corrupt
from harness.data.dataset import Dataset, prepare
from harness.data.source import Source, load
from harness.errors import SettingError
from harness.spec import Corruption, CorruptionKind, Recipe, RunSpec

RANDOM = np.random.default_rng(7)
SPEC = RunSpec(data="some", model="mlp-1x512", recipe=Recipe(rate=0.1, batch=8, epochs=1))
PIXEL_KINDS: tuple[CorruptionKind, ...] = ("gaussian-inputs", "random-pixels", "shuffled-pixels")
KINDS: tuple[CorruptionKind, ...] = ("random-labels", "permuted-labels", "unique-labels", *PIXEL_KINDS)


def _numbered(count: int, first: int = 0) -> np.ndarray:
    """Images of 2 x 4 x 6 bytes; the numbers of the image are its first row, so that each can be told."""
    images = RANDOM.integers(0, 256, (count, 2, 4, 6), dtype=np.uint8)
    images[:, 0, 0, 0], images[:, 0, 0, 1] = np.divmod(np.arange(first, first + count), 256)
    return images


WITHOUT = Source("without", _numbered(100), np.arange(100) % 5, None, None, 255.0)
"""A source without a test set."""
WITH = replace(WITHOUT, name="with", test_images=_numbered(40, 100), test_labels=np.arange(40) % 5)
"""A source with one."""


def _bytes(inputs: torch.Tensor, source: Source) -> np.ndarray:
    """The stored pixels, from standardised inputs."""
    raw = inputs.double() * float(source.images.std()) + float(source.images.mean())
    return raw.round().long().numpy()


def _numbers(inputs: torch.Tensor, source: Source) -> list[int]:
    pixels = _bytes(inputs, source)
    numbers: list[int] = (256 * pixels[:, 0, 0, 0] + pixels[:, 0, 0, 1]).tolist()
    return numbers


def _spec(**changes: Any) -> RunSpec:
    return replace(SPEC, **changes)


def _prepare(source: Source, **changes: Any) -> Dataset:
    return prepare(_spec(**changes), source)


# Who is in them


@given(subset=st.integers(1, 99), seed=st.integers(0, 2**40), part=st.integers(1, 99))
def test_training_and_validation_are_disjoint(subset: int, seed: int, part: int) -> None:
    """Without a test set the validation examples are drawn from those that the subset leaves, each at most once."""
    validation = None if part > 100 - subset else part
    data = _prepare(WITHOUT, subset=subset, validation=validation, seed=seed)
    train, held_out = _numbers(data.inputs, WITHOUT), _numbers(data.validation_inputs, WITHOUT)
    assert len(set(train)) == subset
    assert len(set(held_out)) == (validation or 100 - subset)
    assert not set(train) & set(held_out)
    assert data.labels.tolist() == [number % 5 for number in train]
    assert data.validation_labels.tolist() == [number % 5 for number in held_out]


@given(subset=st.none() | st.integers(1, 100), validation=st.none() | st.integers(1, 40), seed=st.integers(0, 2**40))
def test_validation_comes_from_the_test_set(subset: int | None, validation: int | None, seed: int) -> None:
    """Where there is a test set, training examples come from the training set and validation from the test set."""
    data = _prepare(WITH, subset=subset, validation=validation, seed=seed)
    train, held_out = _numbers(data.inputs, WITH), _numbers(data.validation_inputs, WITH)
    assert (len(set(train)), len(set(held_out))) == (subset or 100, validation or 40)
    assert max(train) < 100 <= min(held_out)
    assert data.validation_labels.tolist() == [(number - 100) % 5 for number in held_out]


def test_whole_sets_keep_their_order() -> None:
    """Without a subset the examples are those of the source in their order."""
    data = _prepare(WITH, seed=3)
    assert _numbers(data.inputs, WITH) == list(range(100))
    assert _numbers(data.validation_inputs, WITH) == list(range(100, 140))
    assert (data.classes, data.pixel_order) == (5, None)
    assert not data.changed.any()


@pytest.mark.parametrize("source", [WITH, WITHOUT])
def test_seeds_draw_other_examples(source: Source) -> None:
    """Seeds differ in subset and validation; one seed always draws the same."""
    one, same, other = (_prepare(source, subset=30, validation=20, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one.inputs, same.inputs)
    assert torch.equal(one.validation_inputs, same.validation_inputs)
    assert _numbers(one.inputs, source) != _numbers(other.inputs, source)
    assert _numbers(one.validation_inputs, source) != _numbers(other.validation_inputs, source)


@pytest.mark.parametrize("source", [WITH, WITHOUT])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("preprocessing", ["standardize", "whiten"])
def test_arms_share_everything_but_the_corruption(source: Source, kind: CorruptionKind, preprocessing: str) -> None:
    """Whatever the corruption, the subset is the same, and validation has the real images and labels bit for bit."""
    real, arm = (
        _prepare(source, subset=50, validation=20, seed=4, corruption=corruption, preprocessing=preprocessing)
        for corruption in (Corruption(), Corruption(kind=kind))
    )
    assert torch.equal(real.validation_inputs, arm.validation_inputs)
    assert torch.equal(real.validation_labels, arm.validation_labels)
    assert torch.equal(real.inputs, arm.inputs) == (kind not in PIXEL_KINDS)
    assert torch.equal(real.labels, arm.labels) == (kind in PIXEL_KINDS)
    assert arm.changed.all()


@pytest.mark.parametrize("source", [WITH, WITHOUT])
@pytest.mark.parametrize("kind", [*KINDS, "binary-labels"])
def test_validation_is_never_corrupted(source: Source, kind: CorruptionKind) -> None:
    """Whatever happens to the training set, nets are judged on real images and their true labels."""
    real, arm = (
        _prepare(source, subset=30, validation=20, seed=4, corruption=each)
        for each in (Corruption(), Corruption(kind=kind))
    )
    assert torch.equal(arm.validation_inputs, real.validation_inputs)
    assert torch.equal(arm.validation_labels, real.validation_labels)


@pytest.mark.parametrize("source", [WITH, WITHOUT])
def test_arms_of_other_sizes_nest_and_share_validation(source: Source) -> None:
    """A smaller subset is the beginning of a larger one, and both are judged on the same validation examples."""
    small, large = (_prepare(source, subset=subset, validation=20, seed=4) for subset in (30, 80))
    assert torch.equal(small.inputs, large.inputs[:30])
    assert torch.equal(small.validation_inputs, large.validation_inputs)


def test_the_whole_set_shares_validation_with_its_subsets() -> None:
    """With a test set, the validation examples of a seed are the same whether or not there is a subset."""
    part, whole = (_prepare(WITH, subset=subset, validation=20, seed=4) for subset in (30, None))
    assert torch.equal(part.validation_inputs, whole.validation_inputs)
    assert torch.equal(part.validation_labels, whole.validation_labels)


@pytest.mark.parametrize("kind", ["none", "random-labels", "permuted-labels", "unique-labels"])
def test_whole_sets_are_one_tensor(kind: CorruptionKind) -> None:
    """Runs of all seeds on whole images share memory, for training and for validation."""
    one, other = (_prepare(WITH, corruption=Corruption(kind=kind), seed=seed) for seed in (1, 2))
    assert one.inputs is other.inputs
    assert one.validation_inputs is other.validation_inputs
    assert one.labels is not other.labels


def test_other_pixels_are_another_tensor() -> None:
    """Neither a pixel corruption nor another crop or preprocessing writes into the shared tensor."""
    real = _prepare(WITH)
    before = real.inputs.clone()
    for kind in PIXEL_KINDS:
        assert not torch.equal(_prepare(WITH, corruption=Corruption(kind=kind)).inputs, before)
    assert _prepare(WITH).inputs is real.inputs
    assert _prepare(WITH, crop=2).inputs.shape == (100, 2, 2, 2)
    assert not torch.equal(_prepare(WITH, preprocessing="whiten").inputs, before)
    assert torch.equal(real.inputs, before)


@pytest.mark.parametrize("kind", ["none", *KINDS])
def test_the_source_is_left_alone(kind: CorruptionKind) -> None:
    """No run writes into the source's arrays."""
    digest = replace(WITH).digest
    _prepare(WITH, corruption=Corruption(kind=kind), subset=50).labels.zero_()
    data = _prepare(WITH, corruption=Corruption(kind=kind))
    data.labels.zero_()
    data.validation_labels.zero_()
    assert replace(WITH).digest == digest


@pytest.mark.parametrize(
    ("source", "changes", "message"),
    [
        (WITH, {"subset": 101}, "a subset of 101 was asked of with, which has 100 training examples"),
        (
            WITH,
            {"validation": 41},
            "with leaves 40 examples for validation, and 41 or more were asked for: give x_test more examples",
        ),
        (
            WITHOUT,
            {"subset": 70, "validation": 31},
            "without leaves 30 examples for validation, and 31 or more were asked for: give an x_test, or "
            "more examples",
        ),
        (
            WITHOUT,
            {"subset": 100},
            "without leaves 0 examples for validation, and 1 or more were asked for: give an x_test, or more examples",
        ),
        (
            WITHOUT,
            {},
            "without leaves 0 examples for validation, and 1 or more were asked for: give an x_test, or more examples",
        ),
        (WITH, {"crop": 5}, "a crop of 5 pixels was asked of images of 4 x 6"),
        (WITH, {"crop": 5, "subset": 9}, "a crop of 5 pixels was asked of images of 4 x 6"),
        (WITH, {"shrink": 4}, "shrink is 4 for images of 4 x 6; legal is a divisor of both sides"),
        (WITH, {"shrink": 2, "crop": 3}, "shrink is 2 for images of 3 x 3; legal is a divisor of both sides"),
    ],
)
def test_what_the_data_do_not_allow(source: Source, changes: dict[str, Any], message: str) -> None:
    """Too large a subset, validation set or crop is refused with what the data have."""
    with pytest.raises(SettingError) as refused:
        _prepare(source, **changes)
    assert str(refused.value) == message


def test_all_that_the_data_allow() -> None:
    """The largest subset, validation set and crop are legal."""
    assert len(_prepare(WITH, subset=100, validation=40, crop=4).inputs) == 100
    assert len(_prepare(WITHOUT, subset=99).validation_inputs) == 1


# Corruption


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("subset", [None, 30])
def test_corruption_is_that_of_the_subset(kind: CorruptionKind, subset: int | None) -> None:
    """Training images and labels are those that `corrupt` makes of the run's own raw images, in [0, 1]."""
    corruption = Corruption(kind=kind)
    real, arm = (
        _prepare(WITH, subset=subset, seed=6, corruption=corruption) for corruption in (Corruption(), corruption)
    )
    raw = (_bytes(real.inputs, WITH) / 255).astype(np.float32)
    expected = corrupt(raw, real.labels.numpy(), 5, corruption, 6)
    mean, deviation = WITH.images.mean() / 255, WITH.images.std() / 255
    np.testing.assert_allclose(arm.inputs.numpy(), (expected.images - mean) / deviation, atol=1e-5)
    assert arm.labels.tolist() == expected.labels.tolist()
    assert arm.classes == expected.classes
    assert arm.changed.tolist() == expected.changed.tolist()


def test_the_pixel_order_shuffles_other_images_alike() -> None:
    """The told order, applied to the real inputs, gives the inputs trained on, after a crop too."""
    shuffled = Corruption(kind="shuffled-pixels")
    real, arm = (_prepare(WITH, crop=3, seed=6, corruption=corruption) for corruption in (Corruption(), shuffled))
    assert arm.pixel_order is not None
    assert torch.equal(real.inputs.flatten(2)[:, :, arm.pixel_order].view_as(real.inputs), arm.inputs)


# Pixels


@pytest.mark.parametrize("crop", [None, 3])
def test_standardised_data_have_mean_0_and_deviation_1(crop: int | None) -> None:
    """Over all training images of the source, cropped as the run's are."""
    inputs = _prepare(WITH, crop=crop).inputs.double()
    assert inputs.mean().item() == pytest.approx(0, abs=1e-6)
    assert inputs.std(correction=0).item() == pytest.approx(1, abs=1e-6)


def test_a_subset_is_standardised_by_the_whole() -> None:
    """Mean and deviation are the source's, so that an example has the same inputs in every subset and seed."""
    whole = _prepare(WITH).inputs
    part = _prepare(WITH, subset=10, seed=2).inputs
    assert torch.equal(part, whole[_numbers(part, WITH)])


def test_validation_is_standardised_by_the_training_images() -> None:
    """Validation pixels are in the same unit as the training pixels."""
    assert WITH.test_images is not None
    np.testing.assert_array_equal(_bytes(_prepare(WITH).validation_inputs, WITH), WITH.test_images)


def test_whitening_is_per_image() -> None:
    """Every image, training or validation, has mean 0 and deviation 1 of its own over all pixels and channels."""
    data = _prepare(WITH, preprocessing="whiten")
    for images in (data.inputs.double(), data.validation_inputs.double()):
        np.testing.assert_allclose(images.mean(dim=(1, 2, 3)), 0, atol=1e-6)
        np.testing.assert_allclose(images.std(dim=(1, 2, 3), correction=0), 1, atol=1e-6)
    image = WITH.images[3].astype(float)
    np.testing.assert_allclose(data.inputs[3], (image - image.mean()) / image.std(), atol=1e-5)


def test_whitening_has_a_floor() -> None:
    """In [0, 1] no image is divided by less than one over the root of its number of values; a constant becomes 0."""
    images = np.full((2, 1, 4, 4), 0.5, dtype=np.float32)
    images[1, 0, 0, 0] += 0.16  # a deviation of 0.16 sqrt(15) / 16, about 0.04, below 1 / 4
    faint = Source("faint", images, np.array([0, 1]), images, np.array([0, 1]), 1.0)
    inputs = _prepare(faint, preprocessing="whiten").inputs
    assert not inputs[0].any()
    np.testing.assert_allclose(inputs[1], (images[1] - 0.51) * 4, atol=1e-6)


@pytest.mark.parametrize("height", [9, 10])
def test_crops_keep_the_centre(height: int) -> None:
    """A side of 4 out of 9 leaves 2 before and 3 behind, out of 10 three on each side."""
    images = RANDOM.integers(0, 256, (2, 1, height, 9), dtype=np.uint8)
    source = Source("some", images, np.array([0, 1]), images, np.array([0, 1]), 255.0)
    inputs = _prepare(source, crop=4).inputs.double().numpy()
    top = (height - 4) // 2
    kept = images[:, :, top : top + 4, 2:6]
    np.testing.assert_allclose(inputs, (kept - kept.mean()) / kept.std(), atol=1e-5)


@pytest.mark.parametrize("subset", [None, 30])
def test_shrinking_averages_squares_of_pixels(subset: int | None) -> None:
    """Cropped first, then averaged; the moments are those of what is left, in training and validation sets alike."""
    data = _prepare(WITH, crop=4, shrink=2, subset=subset, validation=None)
    for inputs, images in ((data.inputs, WITH.images), (data.validation_inputs, WITH.test_images)):
        assert images is not None
        kept = images[:, :, :, 1:5].astype(np.float64)
        left = np.stack([kept[:, :, y : y + 2, x : x + 2].mean(axis=(2, 3)) for y in (0, 2) for x in (0, 2)], axis=-1)
        left = left.reshape(*left.shape[:2], 2, 2)
        if images is WITH.images:
            mean, deviation = left.mean(), left.std()
        if subset is None or images is WITH.test_images:
            np.testing.assert_allclose(inputs, (left - mean) / deviation, atol=1e-5)
    assert data.inputs.shape[2:] == (2, 2)


@given(top=st.sampled_from([1.0, 16.0, 255.0]), crop=st.sampled_from([None, 3]), seed=st.integers(0, 99))
def test_a_grey_level_is_one_step_of_the_raw_pixels(top: float, crop: int | None, seed: int) -> None:
    """Two images that differ by one grey level everywhere have inputs that differ by `grey_level` everywhere."""
    images = np.random.default_rng(seed).uniform(0, top, (6, 1, 4, 4)).astype(np.float32)
    images[1] = images[0] + 1
    labels = np.arange(6) % 2
    data = _prepare(Source("some", images, labels, images, labels, top), crop=crop)
    assert data.grey_level is not None
    np.testing.assert_allclose(data.inputs[1] - data.inputs[0], data.grey_level, rtol=1e-4)


def test_the_grey_level_of_digits(tmp_path: Path) -> None:
    """Digits have a deviation of 6.0167 of their 16 grey levels, so that one is 0.1662 of the inputs' unit."""
    data = _prepare(load("digits", tmp_path), subset=1000)
    assert data.grey_level == pytest.approx(1 / 6.01673, rel=1e-5)


def test_whitened_images_have_no_common_grey_level() -> None:
    """One step means another thing in each whitened image."""
    assert _prepare(WITH, preprocessing="whiten").grey_level is None


def test_constant_images_stay_finite() -> None:
    """Without any spread the deviation counts as 1 and the inputs are 0."""
    images = np.full((4, 1, 2, 2), 9, dtype=np.uint8)
    data = _prepare(Source("flat", images, np.arange(4) % 2, images, np.arange(4) % 2, 255.0))
    assert not data.inputs.any()


def test_types_and_device() -> None:
    """Inputs are float32, labels int64, on the CPU, ready to be indexed."""
    for kind in ("none", *KINDS):
        data = _prepare(WITH, corruption=Corruption(kind=kind), subset=20)
        assert {data.inputs.dtype, data.validation_inputs.dtype} == {torch.float32}
        assert {data.labels.dtype, data.validation_labels.dtype} == {torch.int64}
        assert data.changed.dtype == torch.bool
        assert data.inputs.is_contiguous()
        assert {data.inputs.device, data.labels.device} == {torch.device("cpu")}
