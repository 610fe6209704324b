"""In which unit the pixels of a run are, and which of them are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.data.source import Source, load
from memorization_claims.errors import UnfitDataError
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.recipe import Recipe
from memorization_claims.tests.dataset_samples import KINDS, RANDOM, WITH, numbers_of, prepared, raw_bytes

CROPPED = Recipe(rate=0.1, batch=10, epochs=1, crop=1)


@pytest.mark.parametrize("crop", [None, 3])
def test_standardised_data_have_mean_0_and_deviation_1(crop: int | None) -> None:
    """Over all training images of the source, cropped as the run's are."""
    inputs = prepared(WITH, crop=crop).inputs.double()
    assert inputs.mean().item() == pytest.approx(0, abs=1e-6)
    assert inputs.std(correction=0).item() == pytest.approx(1, abs=1e-6)


def test_a_subset_is_standardised_by_the_whole() -> None:
    """Mean and deviation are the source's, so that an example has the same inputs in every subset and seed."""
    whole = prepared(WITH).inputs
    part = prepared(WITH, subset=10, seed=2).inputs
    assert torch.equal(part, whole[numbers_of(part, WITH)])


def test_validation_is_standardised_by_the_training_images() -> None:
    """Validation pixels are in the same unit as the training pixels."""
    assert WITH.test_images is not None
    np.testing.assert_array_equal(raw_bytes(prepared(WITH).validation_inputs, WITH), WITH.test_images)


def test_whitening_is_per_image() -> None:
    """Every image, training or validation, has mean 0 and deviation 1 of its own over all pixels and channels."""
    data = prepared(WITH, preprocessing="whiten")
    for images in (data.inputs.double(), data.validation_inputs.double()):
        np.testing.assert_allclose(images.mean(dim=(1, 2, 3)), 0, atol=1e-6)
        np.testing.assert_allclose(images.std(dim=(1, 2, 3), correction=0), 1, atol=1e-6)
    image = WITH.images[3].astype(float)
    np.testing.assert_allclose(data.inputs[3], (image - image.mean()) / image.std(), atol=1e-5)


def test_whitening_has_a_floor() -> None:
    """In [0, 1] no image is divided by less than one over the root of its number of values; a constant becomes 0."""
    images = np.full((2, 1, 4, 4), 0.5, dtype=np.float32)
    images[1, 0, 0, 0] += 0.16  # a deviation of 0.16 sqrt(15) / 16, about 0.04, below 1 / 4
    faint = Source("faint", images, np.array([0, 1]), images, np.array([0, 1]), (0.0, 1.0))
    inputs = prepared(faint, preprocessing="whiten").inputs
    assert not inputs[0].any()
    np.testing.assert_allclose(inputs[1], (images[1] - 0.51) * 4, atol=1e-6)


@pytest.mark.parametrize("height", [9, 10])
def test_crops_keep_the_centre(height: int) -> None:
    """A side of 4 out of 9 leaves 2 before and 3 behind, out of 10 three on each side."""
    images = RANDOM.integers(0, 256, (2, 1, height, 9), dtype=np.uint8)
    source = Source("some", images, np.array([0, 1]), images, np.array([0, 1]), (0.0, 255.0))
    inputs = prepared(source, crop=4).inputs.double().numpy()
    top = (height - 4) // 2
    kept = images[:, :, top : top + 4, 2:6]
    np.testing.assert_allclose(inputs, (kept - kept.mean()) / kept.std(), atol=1e-5)


@pytest.mark.parametrize("subset", [None, 30])
def test_shrinking_averages_squares_of_pixels(subset: int | None) -> None:
    """Cropped first, then averaged; the moments are those of what is left, in training and validation sets alike."""
    data = prepared(WITH, crop=4, shrink=2, subset=subset, validation=None)
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


@given(
    low=st.sampled_from([0.0, -1.0, 100.0]),
    width=st.sampled_from([1.0, 16.0, 255.0]),
    crop=st.sampled_from([None, 3]),
    seed=st.integers(0, 99),
)
def test_the_span_is_the_range_of_the_raw_pixels(low: float, width: float, crop: int | None, seed: int) -> None:
    """Two images that differ by a tenth of the range everywhere have inputs that differ by a tenth of `span`."""
    images = (low + np.random.default_rng(seed).uniform(0, width, (6, 1, 4, 4))).astype(np.float32)
    images[1] = images[0] + np.float32(width / 10)
    labels = np.arange(6) % 2
    data = prepared(Source("some", images, labels, images, labels, (low, low + width)), crop=crop)
    assert data.span is not None
    np.testing.assert_allclose(data.inputs[1] - data.inputs[0], data.span / 10, rtol=1e-2 if low else 1e-4)


@given(low=st.sampled_from([-1.0, -7.0, 3.0]), width=st.sampled_from([1.0, 2.0, 16.0]), seed=st.integers(0, 99))
def test_where_the_range_begins_does_not_matter(low: float, width: float, seed: int) -> None:
    """Pixels that are shifted and stretched with their range are the same inputs, raw ones in [0, 1]."""
    images = np.random.default_rng(seed).integers(0, 17, (6, 1, 4, 4)).astype(np.float32) / 16
    labels = np.arange(6) % 2
    for preprocessing in ("standardize", "whiten"):
        plain, moved = (
            prepared(Source("some", pixels, labels, pixels, labels, found), preprocessing=preprocessing)
            for pixels, found in ((images, (0.0, 1.0)), (low + width * images, (low, low + width)))
        )
        np.testing.assert_allclose(plain.inputs, moved.inputs, atol=1e-5)
        np.testing.assert_allclose(plain.validation_inputs, moved.validation_inputs, atol=1e-5)
        assert (plain.span is None) == (moved.span is None)
        assert plain.span is None or plain.span == pytest.approx(moved.span)


def test_the_span_of_digits(tmp_path: Path) -> None:
    """Digits have a deviation of 6.0167 of their 16 grey levels, so that the range is 2.659 of the inputs' unit."""
    data = prepared(load("digits", tmp_path), subset=1000)
    assert data.span == pytest.approx(16 / 6.01673, rel=1e-5)


def test_whitened_images_have_no_common_range() -> None:
    """The same step means another thing in each whitened image."""
    assert prepared(WITH, preprocessing="whiten").span is None


def test_constant_images_stay_finite() -> None:
    """Without any spread the deviation counts as 1 and the inputs are 0."""
    images = np.full((4, 1, 2, 2), 9, dtype=np.uint8)
    data = prepared(Source("flat", images, np.arange(4) % 2, images, np.arange(4) % 2, (0.0, 255.0)))
    assert not data.inputs.any()


def test_types_and_device() -> None:
    """Inputs are float32, labels int64, on the CPU, ready to be indexed."""
    for kind in ("none", *KINDS):
        data = prepared(WITH, corruption=Corruption(kind=kind), subset=20)
        assert {data.inputs.dtype, data.validation_inputs.dtype} == {torch.float32}
        assert {data.labels.dtype, data.validation_labels.dtype} == {torch.int64}
        assert data.changed.dtype == torch.bool
        assert data.inputs.is_contiguous()
        assert {data.inputs.device, data.labels.device} == {torch.device("cpu")}


@pytest.mark.parametrize("subset", [None, 20])
def test_a_border_surrounds_the_crop(subset: int | None) -> None:
    """What random crops reach into: the same training images in the same unit, a pixel wider on each side."""
    plain = prepared(WITH, crop=2, subset=subset)
    data = prepared(WITH, crop=2, border=1, subset=subset, recipe=CROPPED)
    assert plain.bordered is None
    assert data.bordered is not None
    assert data.bordered.shape[2:] == (4, 4)
    assert torch.equal(data.bordered[:, :, 1:-1, 1:-1], plain.inputs)
    assert torch.equal(data.inputs, plain.inputs)
    assert data.bordered[:, :, 0].abs().sum() > 0


def test_a_border_of_corrupted_images_is_refused() -> None:
    """Nobody has said what surrounds noise."""
    with pytest.raises(UnfitDataError, match="border of 1 pixels and are gaussian-inputs"):
        prepared(WITH, crop=4, border=1, recipe=CROPPED, corruption=Corruption(kind="gaussian-inputs"))
