"""Random crops and flips, against padding and slicing in NumPy, one image at a time."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from memorization_claims.data.augmentation import augment, whitened
from memorization_claims.seed import torch_generator

SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 5), st.integers(1, 5))


def _images(shape: tuple[int, ...]) -> torch.Tensor:
    """Images in which no two values are equal and none is zero."""
    return torch.arange(1.0, 1 + int(np.prod(shape))).reshape(shape)


def _augment(images: torch.Tensor, crop: int, flip: bool, seed: int = 0) -> torch.Tensor:
    return augment(images, torch_generator(seed, "augmentation"), crop=crop, flip=flip)


def _windows(image: NDArray[np.float32], crop: int, flip: bool) -> dict[tuple[int, int, bool], NDArray[np.float32]]:
    """Every window of the padded image and, where it may be mirrored, its mirror image."""
    _, height, width = image.shape
    padded = np.pad(image, ((0, 0), (crop, crop), (crop, crop)))
    cut = {
        (top, left): padded[:, top : top + height, left : left + width]
        for top in range(2 * crop + 1)
        for left in range(2 * crop + 1)
    }
    plain = {(top, left, False): window for (top, left), window in cut.items()}
    return plain | ({(top, left, True): window[:, :, ::-1] for (top, left), window in cut.items()} if flip else {})


@given(shape=SHAPES, seed=st.integers(0, 2**40))
def test_without_crop_and_flip_nothing_happens(shape: tuple[int, ...], seed: int) -> None:
    """crop=0 and flip=False is the identity."""
    images = _images(shape)
    assert torch.equal(_augment(images, 0, False, seed), images)


@given(shape=SHAPES, crop=st.integers(0, 3), flip=st.booleans(), seed=st.integers(0, 2**40))
def test_every_output_is_a_window(shape: tuple[int, ...], crop: int, flip: bool, seed: int) -> None:
    """Each image comes out as a window of its own padded self, mirrored only where it may be; the input stays."""
    images = _images(shape)
    out = _augment(images, crop, flip, seed)
    assert (out.shape, out.dtype) == (images.shape, images.dtype)
    for image, result in zip(images.numpy(), out.numpy(), strict=True):
        assert any(np.array_equal(result, window) for window in _windows(image, crop, flip).values())
    assert torch.equal(images, _images(shape))


@given(shape=SHAPES, crop=st.integers(0, 3), flip=st.booleans(), seed=st.integers(0, 2**40))
def test_the_draws_decide(shape: tuple[int, ...], crop: int, flip: bool, seed: int) -> None:
    """The windows are those of the stream's offsets and coins, in the order rows, columns, coins."""
    images, generator = _images(shape), torch_generator(seed, "augmentation")
    rows, columns = torch.randint(0, 2 * crop + 1, (2, shape[0]), generator=generator).tolist()
    coins = (torch.rand(shape[0], generator=generator) < 0.5).tolist()
    for index, result in enumerate(_augment(images, crop, flip, seed).numpy()):
        windows = _windows(images[index].numpy(), crop, flip)
        np.testing.assert_array_equal(result, windows[rows[index], columns[index], coins[index] and flip])


@given(shape=SHAPES, crop=st.integers(0, 3), flip=st.booleans(), seed=st.integers(0, 2**40))
def test_the_same_draws_for_any_content(shape: tuple[int, ...], crop: int, flip: bool, seed: int) -> None:
    """Arms that share a seed see the same windows of different images, and leave the generator at the same place."""
    images = _images(shape)
    generators = [torch_generator(seed, "augmentation") for _ in range(3)]
    one, again, doubled = (
        augment(content, generator, crop=crop, flip=flip)
        for content, generator in zip((images, images, 2 * images), generators, strict=True)
    )
    assert torch.equal(one, again)
    assert torch.equal(2 * one, doubled)
    assert len({tuple(generator.get_state().tolist()) for generator in generators}) == 1


def test_batches_differ() -> None:
    """A second call on the same generator draws anew."""
    images, generator = _images((50, 1, 6, 6)), torch_generator(0, "augmentation")
    first, second = (augment(images, generator, crop=2, flip=True) for _ in range(2))
    assert not torch.equal(first, second)


def test_all_windows_are_equally_likely() -> None:
    """Of 5000 copies each of the 25 windows and their mirrors makes its share (chi-square, seed fixed)."""
    image = _images((1, 2, 4, 3))
    out = _augment(image.expand(5000, -1, -1, -1), 2, True)
    found = {window.tobytes(): 0 for window in _windows(image[0].numpy(), 2, True).values()}
    assert len(found) == 50
    for result in out.numpy():
        found[result.tobytes()] += 1
    assert stats.chisquare(list(found.values())).pvalue > 0.001


@given(shape=SHAPES, crop=st.integers(0, 3), flip=st.booleans(), seed=st.integers(0, 2**40))
def test_images_with_a_border_are_cropped_as_padded_ones(
    shape: tuple[int, ...], crop: int, flip: bool, seed: int
) -> None:
    """Padding by hand, and telling so, gives what padding gives."""
    images = _images(shape)
    padded = torch.nn.functional.pad(images, (crop, crop, crop, crop))
    found = augment(padded, torch_generator(seed, "augmentation"), crop=crop, flip=flip, bordered=True)
    assert torch.equal(found, _augment(images, crop, flip, seed))


def test_whitened_images_have_no_mean_and_one_deviation() -> None:
    """Each by itself; one that is all alike stays so, at zero."""
    images = torch.cat([_images((3, 2, 4, 5)), torch.full((1, 2, 4, 5), 7.0)])
    found = whitened(images).flatten(1)
    torch.testing.assert_close(found.mean(1), torch.zeros(4), atol=1e-6, rtol=0)
    torch.testing.assert_close(found.std(1, correction=0), torch.tensor([1.0, 1.0, 1.0, 0.0]))
