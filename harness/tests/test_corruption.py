"""Corruptions: what each changes, what it leaves, and that lower fractions nest in higher ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from memorization_claims.data.corruption import Corrupted, corrupt, corrupt_held_out
from memorization_claims.seed import numpy_generator, stream
from memorization_claims.spec import names
from memorization_claims.spec.data import Corruption

IMAGES = np.random.default_rng(1).random((200, 3, 6, 5), dtype=np.float32)
LABELS = np.random.default_rng(2).integers(7, size=200)
PIXEL_KINDS = ("gaussian-inputs", "random-pixels", "shuffled-pixels")
KINDS = tuple(names.CORRUPTIONS)
PARTIAL = ("random-labels", "permuted-labels", *PIXEL_KINDS)


def _corrupt(kind: str, fraction: float = 1.0, seed: int = 0) -> Corrupted:
    return corrupt(IMAGES, LABELS, 7, Corruption(kind=kind, fraction=fraction), seed)


def _differs(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which examples differ anywhere."""
    differs: NDArray[np.bool_] = (one != other).reshape(len(one), -1).any(axis=1)
    return differs


def test_no_corruption_changes_nothing() -> None:
    """Kind none is the identity whatever its fraction."""
    out = _corrupt("none")
    np.testing.assert_array_equal(out.images, IMAGES, strict=True)
    np.testing.assert_array_equal(out.labels, LABELS, strict=True)
    assert not out.changed.any()
    assert out.classes == 7


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_are_left_alone(kind: str) -> None:
    """The images and labels handed in are those of before, even where they cannot be written."""
    images, labels = IMAGES.copy(), LABELS.copy()
    images.flags.writeable = labels.flags.writeable = False
    out = corrupt(images, labels, 7, Corruption(kind=kind), 0)
    np.testing.assert_array_equal(images, IMAGES)
    np.testing.assert_array_equal(labels, LABELS)
    assert (out.images.dtype, out.labels.dtype, out.changed.dtype) == (images.dtype, labels.dtype, np.dtype(bool))


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_decides_everything(kind: str) -> None:
    """One seed gives one corruption, bit for bit."""
    one, other = _corrupt(kind, seed=5), _corrupt(kind, seed=5)
    np.testing.assert_array_equal(one.images, other.images)
    np.testing.assert_array_equal(one.labels, other.labels)
    np.testing.assert_array_equal(one.changed, other.changed)


@pytest.mark.parametrize("kind", PARTIAL)
def test_seeds_differ(kind: str) -> None:
    """Another seed touches other examples and puts other things in them."""
    one, other = _corrupt(kind, 0.5, seed=5), _corrupt(kind, 0.5, seed=6)
    assert (one.changed != other.changed).any()
    one, other = _corrupt(kind, seed=5), _corrupt(kind, seed=6)
    differs = one.labels != other.labels if kind not in PIXEL_KINDS else _differs(one.images, other.images)
    assert differs.mean() > 0.7


@given(kind=st.sampled_from(PARTIAL), fraction=st.floats(0, 1), seed=st.integers(0, 2**40))
def test_the_fraction_is_exact(kind: str, fraction: float, seed: int) -> None:
    """As many examples are touched as the fraction says, to the nearest; the others stay as they are."""
    out = _corrupt(kind, fraction, seed)
    assert abs(out.changed.sum() - 200 * fraction) <= 0.5
    np.testing.assert_array_equal(out.images[~out.changed], IMAGES[~out.changed])
    np.testing.assert_array_equal(out.labels[~out.changed], LABELS[~out.changed])


@given(
    kind=st.sampled_from(PARTIAL),
    fractions=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted),
    seed=st.integers(0, 2**40),
)
def test_lower_fractions_nest_in_higher_ones(kind: str, fractions: list[float], seed: int) -> None:
    """What a lower fraction touches a higher one touches too and, but for exchanged labels, puts the same there."""
    low, high = (_corrupt(kind, fraction, seed) for fraction in fractions)
    assert not (low.changed & ~high.changed).any()
    np.testing.assert_array_equal(low.images[low.changed], high.images[low.changed])
    if kind != "permuted-labels":
        np.testing.assert_array_equal(low.labels[low.changed], high.labels[low.changed])


# Labels


def test_random_labels_agree_with_a_loop() -> None:
    """One example at a time: the order of choice comes first from the stream, then one label for every example."""
    generator = numpy_generator(3, "labels")
    order = generator.permutation(200).tolist()
    drawn = generator.integers(7, size=200).tolist()
    expected = LABELS.tolist()
    for index in order[:50]:
        expected[index] = drawn[index]
    out = _corrupt("random-labels", 0.25, seed=3)
    assert out.labels.tolist() == expected
    assert np.flatnonzero(out.changed).tolist() == sorted(order[:50])


def test_random_labels_leave_the_inputs() -> None:
    """The images are those handed in, and every class remains possible."""
    out = _corrupt("random-labels")
    assert out.images is IMAGES
    assert out.classes == 7
    assert set(out.labels.tolist()) == set(range(7))


def test_redrawn_labels_are_uniform_whatever_the_old_one() -> None:
    """Chi-square over old and new class: a redrawn label may equal the old one, as often as any other (seeds fixed)."""
    table = np.zeros((7, 7))
    for seed in range(100):
        out = _corrupt("random-labels", 0.5, seed)
        np.add.at(table, (LABELS[out.changed], out.labels[out.changed]), 1)
    for row in table:
        assert stats.chisquare(row).pvalue > 0.001
    assert table.trace() / table.sum() == pytest.approx(1 / 7, abs=4 * float(np.sqrt(6 / 49 / 10_000)))


def test_redrawn_labels_do_not_follow_the_choice() -> None:
    """Over seeds every example is touched equally often (chi-square, seeds fixed)."""
    touched = np.sum([_corrupt("random-labels", 0.5, seed).changed for seed in range(400)], axis=0)
    # Each count is binomial(400, 1/2), and they sum to a constant: 199 degrees of freedom.
    statistic = float(((touched - 200) ** 2 / 100).sum())
    assert 0.001 < stats.chi2.sf(statistic * 199 / 200, 199) < 0.999


@given(fraction=st.floats(0, 1), seed=st.integers(0, 2**40))
def test_permuted_labels_keep_every_class_at_its_size(fraction: float, seed: int) -> None:
    """The examples touched have the same labels among them as before, whatever the fraction; the images stay."""
    out = _corrupt("permuted-labels", fraction, seed)
    assert sorted(out.labels[out.changed].tolist()) == sorted(LABELS[out.changed].tolist())
    assert out.images is IMAGES
    assert out.classes == 7


def test_permuted_labels_agree_with_a_loop() -> None:
    """One example at a time: the order of choice comes first from the stream, then who gives its label to whom."""
    generator = numpy_generator(3, "labels")
    chosen = generator.permutation(200)[:50]
    expected = LABELS.tolist()
    for taker, giver in zip(chosen.tolist(), generator.permutation(chosen).tolist(), strict=True):
        expected[taker] = int(LABELS[giver])
    assert _corrupt("permuted-labels", 0.25, seed=3).labels.tolist() == expected


def test_permuted_labels_forget_the_old_ones() -> None:
    """Over seeds an example keeps its label as often as two examples drawn at random share theirs (seeds fixed)."""
    kept = np.mean([_corrupt("permuted-labels", seed=seed).labels == LABELS for seed in range(200)])
    chance = float(((np.bincount(LABELS) / 200) ** 2).sum())
    assert kept == pytest.approx(chance, abs=4 * float(np.sqrt(chance * (1 - chance) / 40_000)))


def test_unique_labels() -> None:
    """Every example becomes a class of its own, in order; the images stay."""
    out = _corrupt("unique-labels")
    assert out.labels.tolist() == list(range(200))
    assert out.classes == 200
    assert out.changed.all()
    assert out.images is IMAGES


def test_unique_gaussian_inputs() -> None:
    """The images of gaussian-inputs at the same seed, each a class of its own."""
    out = _corrupt("unique-gaussian-inputs", seed=3)
    np.testing.assert_array_equal(out.images, _corrupt("gaussian-inputs", seed=3).images)
    assert (out.labels.tolist(), out.classes) == (list(range(200)), 200)
    assert out.changed.all()


@given(seed=st.integers(0, 2**40))
def test_binary_labels(seed: int) -> None:
    """Each of two classes comes half of the time, whatever the true label, and images stay."""
    out = _corrupt("binary-labels", seed=seed)
    assert out.classes == 2
    assert out.changed.all()
    np.testing.assert_array_equal(out.images, IMAGES)
    assert set(out.labels.tolist()) == {0, 1}
    assert stats.binomtest(int(out.labels.sum()), len(LABELS)).pvalue > 1e-9
    assert (
        stats.chi2_contingency(np.stack([np.bincount(LABELS[out.labels == k], minlength=7) for k in (0, 1)]))[1] > 1e-9
    )


# Pixels


@pytest.mark.parametrize("kind", PIXEL_KINDS)
def test_pixel_corruptions_leave_the_labels(kind: str) -> None:
    """Labels and classes stay, and every image is another."""
    out = _corrupt(kind)
    np.testing.assert_array_equal(out.labels, LABELS)
    assert out.classes == 7
    assert out.changed.all()
    assert _differs(out.images, IMAGES).all()
    assert out.images.shape == IMAGES.shape


def test_gaussian_inputs_have_the_moments_of_the_data() -> None:
    """Mean and variance of all pixels agree with the data's within four standard errors, and they are normal."""
    values, truth = _corrupt("gaussian-inputs").images.ravel().astype(float), IMAGES.astype(float)
    count = len(values)
    assert values.mean() == pytest.approx(truth.mean(), abs=4 * truth.std() / np.sqrt(count))
    assert values.var() == pytest.approx(truth.var(), rel=4 * np.sqrt(2 / count))
    assert stats.kstest((values - truth.mean()) / truth.std(), "norm").pvalue > 0.001


def test_gaussian_inputs_match_the_whole_data_at_any_fraction() -> None:
    """The moments are those of all images, not of the few that are replaced."""
    images = IMAGES.copy()
    bright = np.flatnonzero(_corrupt("gaussian-inputs", 0.1).changed)
    images[bright] += 100
    out = corrupt(images, LABELS, 7, Corruption(kind="gaussian-inputs", fraction=0.1), 0)
    drawn = out.images[bright].astype(float)
    error = images.std(dtype=float) / np.sqrt(drawn.size)
    assert drawn.mean() == pytest.approx(images.mean(dtype=float), abs=4 * error)


def test_gaussian_pixels_are_independent() -> None:
    """No two images are equal and no pixel follows its neighbour or its other channels."""
    out = _corrupt("gaussian-inputs").images.astype(float)
    assert len({image.tobytes() for image in out}) == 200
    for one, other in ((out[..., 1:], out[..., :-1]), (out[:, 1:], out[:, :-1]), (out[1:], out[:-1])):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 / np.sqrt(one.size)


def _order(image: NDArray[np.float32], original: NDArray[np.float32]) -> list[int]:
    """The order that makes one image of another, found pixel by pixel by comparing all channels."""
    pixels = {pixel: index for index, pixel in enumerate(zip(*original.reshape(3, 30).tolist(), strict=True))}
    return [pixels[pixel] for pixel in zip(*image.reshape(3, 30).tolist(), strict=True)]


def test_random_pixels_permute_each_image_on_its_own() -> None:
    """Each image is a permutation of its own pixels, channels together, and no two orders are the same."""
    out = _corrupt("random-pixels")
    orders = [_order(image, original) for image, original in zip(out.images, IMAGES, strict=True)]
    assert all(sorted(order) == list(range(30)) for order in orders)
    assert len(set(map(tuple, orders))) == 200


def test_random_pixels_go_everywhere() -> None:
    """Every position is filled from every other equally often (chi-square over all images, seed fixed)."""
    table = np.zeros((30, 30))
    for image, original in zip(_corrupt("random-pixels").images, IMAGES, strict=True):
        table[np.arange(30), _order(image, original)] += 1
    statistic = float(((table - 200 / 30) ** 2 / (200 / 30)).sum())
    assert 0.001 < stats.chi2.sf(statistic, 29 * 29) < 0.999


def test_shuffled_pixels_share_one_order() -> None:
    """Every image has the same order, and no pixel is lost."""
    out = _corrupt("shuffled-pixels")
    orders = {tuple(_order(image, original)) for image, original in zip(out.images, IMAGES, strict=True)}
    assert len(orders) == 1
    assert sorted(orders.pop()) == list(range(30))


def test_the_shuffle_does_not_depend_on_the_fraction() -> None:
    """A lower fraction shuffles fewer images by the same order."""
    few, all_ = _corrupt("shuffled-pixels", 0.1), _corrupt("shuffled-pixels")
    np.testing.assert_array_equal(few.images[few.changed], all_.images[few.changed])


@given(
    kind=st.sampled_from(("random-pixels", "shuffled-pixels")),
    shape=st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 4), st.integers(1, 4)),
    seed=st.integers(0, 2**40),
)
def test_pixels_are_only_moved(kind: str, shape: tuple[int, int, int, int], seed: int) -> None:
    """Whatever the shape, each image keeps its multiset of pixels, all channels of a pixel together."""
    images = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    out = corrupt(images, np.zeros(shape[0], dtype=np.int64), 2, Corruption(kind=kind), seed)
    for image, original in zip(out.images, images, strict=True):
        pixels, truth = (each.reshape(shape[1], -1).T.tolist() for each in (image, original))
        assert sorted(pixels) == sorted(truth)


# Held-out images


OTHERS = np.random.default_rng(5).random((40, 3, 6, 5), dtype=np.float32)


def _held_out(kind: str, fraction: float = 1.0, seed: int = 0) -> Corrupted:
    corruption = Corruption(kind=kind, fraction=fraction)
    return corrupt_held_out(OTHERS, LABELS[:40], 7, corruption, seed=seed, examples=200)


@pytest.mark.parametrize("fraction", [0.1, 0.5, 1.0])
def test_held_out_images_are_shuffled_as_the_training_images_are(fraction: float) -> None:
    """The order of the pixels is that of training, whatever the fraction and however many images there are."""
    held_out, trained_on = _held_out("shuffled-pixels", fraction, 3), _corrupt("shuffled-pixels", 1.0, 3)
    order = _order(trained_on.images[0], IMAGES[0])
    for image, original in zip(held_out.images[held_out.changed], OTHERS[held_out.changed], strict=True):
        assert _order(image, original) == order
    assert held_out.changed.sum() == round(40 * fraction)
    np.testing.assert_array_equal(held_out.images[~held_out.changed], OTHERS[~held_out.changed])


@pytest.mark.parametrize("kind", ["gaussian-inputs", "random-pixels"])
def test_held_out_images_get_draws_of_their_own(kind: str) -> None:
    """What is drawn for each image is drawn afresh: as for a training set with the seed of that stream."""
    fresh = stream(3, "measure", "held-out")
    expected = corrupt(OTHERS, LABELS[:40], 7, Corruption(kind=kind, fraction=0.5), fresh)
    held_out = _held_out(kind, 0.5, 3)
    np.testing.assert_array_equal(held_out.images, expected.images)
    assert (held_out.images != corrupt(OTHERS, LABELS[:40], 7, Corruption(kind=kind, fraction=0.5), 3).images).any()


@pytest.mark.parametrize("kind", ["none", "random-labels", "permuted-labels", "unique-labels", "binary-labels"])
def test_held_out_images_stay_where_only_labels_are_corrupted(kind: str) -> None:
    """The images are those handed in."""
    assert _held_out(kind).images is OTHERS
