"""Gabor and convolutional features: what they must answer to, and plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.errors import UnfitDataError
from memorization_claims.measures.kernels import convolution, gabor
from memorization_claims.measures.kernels.convolution import convolutional_features, random_filters
from memorization_claims.measures.kernels.features import feature_blocks
from memorization_claims.measures.kernels.gabor import gabor_features, gabor_filters
from memorization_claims.spec.kernel import KernelSpec


def seeded(seed: int) -> torch.Generator:
    """A generator on the CPU."""
    return torch.Generator().manual_seed(seed)


def images(seed: int, count: int = 4, channels: int = 1, side: int = 8) -> Tensor:
    """Images of noise."""
    return torch.randn(count, channels, side, side, generator=seeded(seed))


def test_wavelets_answer_to_waves_of_their_own() -> None:
    """Neither to an even grey, nor much to a wave at a right angle; the sine wave is odd, the cosine wave even."""
    cosine, sine = gabor_filters(7.0)
    assert cosine.shape == sine.shape == (8, 19, 19)
    assert cosine.sum(dim=(1, 2)).abs().max() < 1e-12
    torch.testing.assert_close(sine.flip(1, 2), -sine)
    torch.testing.assert_close(cosine.flip(1, 2), cosine)
    across = torch.arange(28.0).expand(28, 28) * (2 * math.pi / 7)
    answers = gabor_features(across.cos()[None, None]).reshape(2, 8, 7, 7)[0, :, 3, 3]
    assert answers.argmax() == 0
    assert answers[4] < 0.01 * answers[0]


@pytest.mark.parametrize(("side", "channels"), [(8, 1), (28, 1), (16, 3)])
def test_gabor_features_agree_with_a_plain_loop(side: int, channels: int) -> None:
    """One place of one image, wavelet by wavelet, in NumPy on the image with its edges continued."""
    batch = images(1, 2, channels, side)
    found = gabor_features(batch)
    assert found.shape == (2, channels * 2 * 8 * 49)
    stride = max(1, side // 14)
    for number, share in enumerate(gabor.LENGTHS):
        filters = gabor_filters(share * side).numpy()
        radius = filters.shape[-1] // 2
        around = np.pad(batch[1, -1].double().numpy(), radius, mode="edge")
        places = range(0, side, stride)
        cell = [place for place in places if place // stride < -(-len(places) // 7)]
        sums = [
            math.hypot(*((around[i : i + 2 * radius + 1, j : j + 2 * radius + 1] * wave[5]).sum() for wave in filters))
            for i in cell
            for j in cell
        ]
        value = found.reshape(2, channels, 2, 8, 7, 7)[1, -1, number, 5, 0, 0]
        assert float(value) == pytest.approx(np.mean(sums), rel=1e-4)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31), grey=st.floats(-3, 3), factor=st.floats(0.1, 5))
def test_gabor_features_ignore_grey_and_follow_contrast(seed: int, grey: float, factor: float) -> None:
    """An even grey that is added changes nothing; a factor multiplies them."""
    batch = images(seed, 1)
    torch.testing.assert_close(
        gabor_features(factor * batch + grey), factor * gabor_features(batch), rtol=1e-3, atol=1e-4
    )


def test_random_filters_whiten() -> None:
    """They sum to zero, and answer to patches of equal contrast with a variance of about one, smooth or not."""
    batch = images(0, 200, 3, 12).cumsum(dim=3) / 3
    filters = random_filters(batch, 50, seeded(1))
    assert filters.shape == (50, 3, 6, 6)
    assert filters.sum(dim=(1, 2, 3)).abs().max() < 1e-4
    patches = convolution._patches(batch, seeded(2)).double()
    patches -= patches.mean(dim=1, keepdim=True)
    patches /= (patches.var(dim=1, correction=0, keepdim=True) + convolution.CONTRAST).sqrt()
    variance = (patches @ filters.double().flatten(1).mT).var(dim=0)
    assert 0.3 < variance.min() < variance.mean() < 1.2


def test_convolutional_features_agree_with_a_plain_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patch by patch: contrast taken off, filter, threshold, mean over the quadrant, in blocks and portions."""
    monkeypatch.setattr(convolution, "FILTERS", 3)
    monkeypatch.setattr(convolution, "IMAGES", 2)
    batch = images(3, 5, 2, 9)
    filters = random_filters(batch, 4, seeded(4))
    blocks = list(convolutional_features(batch, filters))
    assert [block.shape for block in blocks] == [(5, 12), (5, 4)]
    x, w = batch[4].double().numpy(), filters[3].double().numpy()
    answers = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            patch = x[:, i : i + 6, j : j + 6]
            patch = (patch - patch.mean()) / math.sqrt(patch.var() + 0.01)
            answers[i, j] = max(0.0, (patch * w).sum() - 0.5)
    expected = answers.reshape(2, 2, 2, 2).mean(axis=(1, 3)).flatten()
    np.testing.assert_allclose(blocks[1][4].numpy(), expected, atol=1e-5)


def test_filters_learn_from_training_images_alone() -> None:
    """Other images may change, and the features of the training images stay; another seed has other filters."""
    spec, batch = KernelSpec(data="digits", features="convolutional", filters=5, seed=3), images(5, 6, 1, 8)
    other = torch.cat([batch[:4], images(6, 2)])
    (one,), (two,) = (list(feature_blocks(spec, some, slice(0, 4))) for some in (batch, other))
    assert torch.equal(one[:4], two[:4])
    (third,) = feature_blocks(
        KernelSpec(data="digits", features="convolutional", filters=5, seed=4), batch, slice(0, 4)
    )
    assert not torch.equal(one, third)


def test_pixels_are_taken_as_they_are() -> None:
    """One block, a row for each image."""
    (block,) = feature_blocks(KernelSpec(data="digits"), images(0), slice(0, 4))
    assert torch.equal(block, images(0).flatten(1))


def test_images_too_small_are_refused() -> None:
    """Each says how large they must be."""
    with pytest.raises(
        UnfitDataError, match=r"^Gabor features were asked of images of 7 x 7; legal is 8 pixels a side or more$"
    ):
        gabor_features(images(0, side=7))
    with pytest.raises(
        UnfitDataError, match=r"^9 random filters were asked of images of 6 x 6; legal is 1 or more, of 7 pix"
    ):
        random_filters(images(0, side=6), 9, seeded(0))
