"""People's arrays, layout by layout: one set of pictures trains to the same numbers in all of them, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from memorization_claims.data.dataset import prepare
from memorization_claims.data.reading import Reading
from memorization_claims.data.source import Source, load
from memorization_claims.errors import DataError
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.cohort import train

Arrays = dict[str, np.ndarray]
RANDOM = np.random.default_rng(3)
CLASSES = np.array([0, 1, 2, 2, 1, 0, 1, 2, 0, 0] * 8)
EXAMPLES, TESTS = 60, 20
STEPS = RANDOM.integers(0, 17, (EXAMPLES + TESTS, 3, 6, 5))
STEPS[:, :, 0] += 5 * CLASSES[:, None, None]
STEPS = np.minimum(STEPS, 16)
"""Pictures (n, channels, height, width) in steps of 0 to 16, the top rows brighter from class to class."""
STEPS[0, 0, 0, :2] = STEPS[EXAMPLES, 0, 0, :2] = 0, 16
RAW = STEPS / 16
"""The same in [0, 1], whose values every floating type holds exactly."""
CHANNELS = RANDOM.integers(0, 17, (EXAMPLES + TESTS, 13, 6, 6))
CHANNELS[0, 0, 0, :2] = CHANNELS[EXAMPLES, 0, 0, :2] = 0, 16


def last(images: np.ndarray) -> np.ndarray:
    """Channels behind height and width."""
    return images.transpose(0, 2, 3, 1)


def arrays(images: np.ndarray, labels: np.ndarray = CLASSES) -> Arrays:
    """A training set and a test set."""
    return {
        "x_train": images[:EXAMPLES],
        "y_train": labels[:EXAMPLES],
        "x_test": images[EXAMPLES:],
        "y_test": labels[EXAMPLES:],
    }


def renamed(*names: str, labels: np.ndarray = CLASSES) -> Arrays:
    """The arrays under other names, in the order of our own."""
    return dict(zip(names, arrays(last(RAW), labels).values(), strict=True))


def own_range(high: str) -> str:
    """What is said of a range that is that of the values."""
    return (
        f"pixels are taken to go from 0 to {high}, the lowest and the highest value in own.npz; "
        "--claims-pixel-range LOW,HIGH gives another"
    )


@dataclass(frozen=True)
class Layout:
    """Arrays, and what they have to come to."""

    given: Arrays
    raw: np.ndarray = field(default_factory=lambda: RAW)
    """The images, (n, channels, height, width), in [0, 1]."""
    notes: tuple[str, ...] = ()
    reading: Reading = field(default_factory=Reading)


NAMED = {
    "MedMNIST": ("train_images", "train_labels", "test_images", "test_labels"),
    "capital": ("X_train", "Y_train", "X_test", "Y_test"),
    "train first": ("train_x", "train_y", "test_x", "test_y"),
    "in one word": ("trainImages", "trainLabels", "testImages", "testLabels"),
    "data and target": ("data", "target", "test_data", "test_target"),
    "validation": ("x_train", "y_train", "x_val", "y_val"),
}
ROWS = STEPS.reshape(EXAMPLES + TESTS, 1, 1, -1) / 16
GREY = STEPS[:, :1] / 16
LABELS: dict[str, tuple[np.ndarray, str]] = {
    "in a column": (CLASSES[:, None], ""),
    "big-endian": (CLASSES.astype(">i2"), ""),
    "whole floats": (CLASSES.astype(np.float32), ""),
    "one-hot": (np.eye(3, dtype=np.uint8)[CLASSES], "one-hot labels of own.npz became classes 0 to 2"),
    "one-hot floats": (np.eye(3)[CLASSES], "one-hot labels of own.npz became classes 0 to 2"),
    "from 1": (CLASSES + 1, "labels 1 to 3 of own.npz became classes 0 to 2"),
    "strings": (
        np.array(["cat", "dog", "emu"])[CLASSES],
        "labels 'cat' to 'emu' of own.npz became classes 0 to 2, in alphabetical order",
    ),
    "byte strings": (
        np.array([b"cat", b"dog", b"emu"])[CLASSES],
        "labels 'cat' to 'emu' of own.npz became classes 0 to 2, in alphabetical order",
    ),
}
TABLE: dict[str, Layout] = {
    "floats": Layout(arrays(last(RAW).astype(np.float32))),
    "float64": Layout(arrays(last(RAW))),
    "float16": Layout(arrays(last(RAW).astype(np.float16))),
    "big-endian floats": Layout(arrays(last(RAW).astype(">f4"))),
    "Fortran order": Layout(arrays(np.asfortranarray(last(RAW)))),
    "not contiguous": Layout(arrays(np.repeat(last(RAW), 2, axis=0)[::2])),
    "-1 to 1": Layout(arrays(last(RAW) * 2 - 1)),
    "bytes": Layout(arrays(last(STEPS * 15).astype(np.uint8)), raw=STEPS * 15 / 255),
    "dark bytes": Layout(arrays(last(STEPS * 5).astype(np.uint8)), notes=(own_range("80"),)),
    "0 to 16": Layout(arrays(last(STEPS).astype(np.float32)), notes=(own_range("16"),)),
    "integers 0 to 16": Layout(arrays(last(STEPS)), notes=(own_range("16"),)),
    "uint16": Layout(arrays(last(STEPS * 4000).astype(np.uint16)), notes=(own_range("64000"),)),
    "big-endian uint16": Layout(arrays(last(STEPS * 4000).astype(">u2")), notes=(own_range("64000"),)),
    "int8 below 0": Layout(
        arrays(last(STEPS - 8).astype(np.int8)),
        notes=(own_range("8").replace("from 0", "from -8"),),
    ),
    "bool": Layout(arrays(last(STEPS > 8)), raw=(STEPS > 8) / 1),
    "a range that is given": Layout(
        arrays(last(STEPS)),
        raw=(STEPS + 16) / 48,
        notes=("pixels are taken to go from -16 to 32, as --claims-pixel-range says",),
        reading=Reading(range=(-16.0, 32.0)),
    ),
    "channels first": Layout(arrays(RAW)),
    "channels first, one": Layout(arrays(GREY), raw=GREY),
    "channels last, one": Layout(arrays(last(GREY)), raw=GREY),
    "no channels": Layout(arrays(GREY[:, 0]), raw=GREY),
    "no channels, one for tests": Layout(
        {**arrays(GREY[:, 0]), "x_test": last(GREY[EXAMPLES:])},
        raw=GREY,
    ),
    "values": Layout(arrays(RAW.reshape(EXAMPLES + TESTS, -1)), raw=ROWS),
    "13 channels first": Layout(arrays(CHANNELS / 16), raw=CHANNELS / 16),
    "13 channels last": Layout(arrays(last(CHANNELS / 16)), raw=CHANNELS / 16),
    "layout that is given": Layout(
        arrays(np.tile(RAW, (1, 2, 1, 1))[:, :5]),
        raw=np.tile(RAW, (1, 2, 1, 1))[:, :5],
        reading=Reading(layout="channels-first"),
    ),
    **{
        f"labels {name}": Layout(arrays(last(RAW), labels), notes=(note,) if note else ())
        for name, (labels, note) in LABELS.items()
    },
    **{
        f"names: {kind}": Layout(
            renamed(*names),
            notes=(
                f"arrays {', '.join(name for name in names if not name.endswith('_train') or name[0].isupper())} of own"
                f".npz are read as {'x_test, y_test' if kind == 'validation' else 'x_train, y_train, x_test, y_test'}",
            ),
        )
        for kind, names in NAMED.items()
    },
    "names: MedMNIST, whole": Layout(
        {
            **renamed(*NAMED["MedMNIST"], labels=CLASSES[:, None]),
            **{"val_images": last(RAW)[:5], "val_labels": CLASSES[:5, None]},
        },
        notes=(
            "arrays train_images, train_labels, test_images, test_labels of own.npz are read as x_train, y_train, "
            "x_test, y_test",
            "val_images and val_labels of own.npz are not used",
        ),
    ),
}


def loaded(folder: Path, given: Arrays, reading: Reading | None = None) -> Source:
    """What an .npz file of these arrays is read as."""
    np.savez(folder / "own.npz", **given)  # type: ignore[arg-type]
    load.cache_clear()
    return load(str(folder / "own.npz"), folder, reading=reading or Reading())


def spec(data: str = "own") -> RunSpec:
    """Three epochs of a small net on all the training images."""
    return RunSpec(data=data, model="mlp-1x8", recipe=Recipe(rate=0.1, batch=10, epochs=3), seed=1)


def traces(source: Source) -> dict[str, np.ndarray]:
    """Everything that is recorded on the way."""
    run = spec()
    ((_, found, _),) = train([run], [prepare(run, source)], torch.device("cpu"))
    return {name: array for name, array in found.items() if name.startswith("trace/")}


@cache
def plain(raw: bytes, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """The traces of plain floats in [0, 1] with channels first, and of labels that are classes."""
    images = np.frombuffer(raw).reshape(shape).astype(np.float32)
    tests, labels = images[EXAMPLES:], CLASSES[EXAMPLES:]
    return traces(Source("own", images[:EXAMPLES], CLASSES[:EXAMPLES], tests, labels, (0.0, 1.0)))


@pytest.mark.parametrize("layout", TABLE.values(), ids=TABLE)
def test_a_layout_is_read_for_what_it_is(layout: Layout, tmp_path: Path) -> None:
    """Images, labels and range are as computed plainly, what was made of them is said, and training sees no other."""
    source = loaded(tmp_path, layout.given, layout.reading)
    low, high = source.range
    assert source.test_images is not None
    images = (np.concatenate([source.images, source.test_images]).astype(np.float64) - low) / (high - low)
    np.testing.assert_allclose(images, layout.raw, rtol=0, atol=1e-7)
    assert source.images.dtype in (np.uint8, np.float32)
    assert source.test_labels is not None
    np.testing.assert_array_equal(np.concatenate([source.labels, source.test_labels]), CLASSES)
    assert source.labels.dtype == np.int64
    assert source.notes == layout.notes
    expected = plain(np.ascontiguousarray(layout.raw, dtype=np.float64).tobytes(), layout.raw.shape)
    for name, trace in traces(source).items():
        np.testing.assert_allclose(trace, expected[name], rtol=0, atol=1e-4, err_msg=name)


@pytest.mark.parametrize(
    ("labels", "note"),
    [(CLASSES > 0, ""), (2 * (CLASSES > 0) - 1, "labels -1 and 1 of own.npz became classes 0 and 1")],
    ids=["bool", "-1 and 1"],
)
def test_labels_of_two_classes(labels: np.ndarray, note: str, tmp_path: Path) -> None:
    """Bools and signs are classes 0 and 1."""
    source = loaded(tmp_path, arrays(last(RAW), labels))
    np.testing.assert_array_equal(source.labels, (CLASSES > 0)[:EXAMPLES])
    assert source.notes == ((note,) if note else ())


FIRST = "x_train in {file} has shape (60, "
TELL = "which does not tell where its channels stand; say it with --claims-layout channels-first or --claims-layout "
REFUSED: dict[str, tuple[Callable[[], Arrays], str]] = {
    "cubes": (lambda: arrays(np.ones((80, 6, 6, 6))), FIRST + "6, 6, 6), " + TELL + "channels-last"),
    "no square, no few channels": (
        lambda: arrays(np.ones((80, 5, 6, 7))),
        FIRST + "5, 6, 7), " + TELL + "channels-last",
    ),
    "rules that disagree": (lambda: arrays(np.ones((80, 3, 3, 9))), FIRST + "3, 3, 9), " + TELL + "channels-last"),
    "volumes": (
        lambda: arrays(np.ones((80, 4, 4, 4, 1))),
        FIRST + "4, 4, 4, 1); legal are (n, values), (n, height, width), (n, height, width, channels), (n, channels, "
        "height, width): reshape volumes or films to (n, values)",
    ),
    "complex": (
        lambda: arrays(last(RAW) + 0j),
        "x_train in {file} has type complex128; legal are bool, integers and floats",
    ),
    "tests in another layout": (
        lambda: {**arrays(RAW), "x_test": last(RAW)[EXAMPLES:]},
        "x_test in {file} has images of shape (6, 5, 3), x_train of (3, 6, 5)",
    ),
    "tests in another unit": (
        lambda: {**arrays(last(RAW) * 255), "x_test": last(RAW)[EXAMPLES:]},
        "x_train in {file} goes from 0 to 255 and x_test from 0 to 1; scale both alike, or give --claims-pixel-range "
        "LOW,HIGH where they are in one unit",
    ),
    "test labels without training": (
        lambda: arrays(last(RAW), np.where(np.arange(80) < 60, CLASSES % 2, CLASSES)),
        "y_test in {file} has label 2, which y_train has not; leave such examples out of the test set",
    ),
    "gaps": (
        lambda: arrays(last(RAW), CLASSES * 3),
        "y_train in {file} has no example of class 1; legal are integers from 0 on without gaps, one-hot rows, or "
        "strings: np.unique(y, return_inverse=True)[1] numbers them so",
    ),
    "numbered arrays": (
        lambda: {f"arr_{at}": array for at, array in enumerate(arrays(RAW).values())},
        "{file} lacks x_train, y_train; it has arr_0, arr_1, arr_2, arr_3; legal are x_train, y_train, x_test, y_test, "
        "or as others call them, such as train_images, train_labels",
    ),
}


@pytest.mark.parametrize(("made", "message"), REFUSED.values(), ids=REFUSED)
def test_a_layout_that_does_not_tell_is_refused(made: Callable[[], Arrays], message: str, tmp_path: Path) -> None:
    """In a line that names the array, what is legal and the remedy."""
    with pytest.raises(DataError) as refused:
        loaded(tmp_path, made())
    assert str(refused.value) == message.format(file=tmp_path / "own.npz")


@pytest.mark.parametrize(
    ("reading", "shape", "message"),
    [
        (
            Reading(layout="channels-first"),
            (80, 6, 5),
            "x_train in {file} has shape (60, 6, 5), in which there are no channels; leave out --claims-layout",
        ),
        (
            Reading(range=(0.0, 1.0)),
            (80, 6, 5),
            "pixels in {file} go from 0 to 16, beyond the range 0 to 1 that is given for them; give a range that holds "
            "them all",
        ),
    ],
)
def test_what_is_said_has_to_be_true(reading: Reading, shape: tuple[int, ...], message: str, tmp_path: Path) -> None:
    """A layout of arrays without channels, or a range that does not hold the values, is refused."""
    with pytest.raises(DataError) as refused:
        loaded(tmp_path, arrays(np.resize(np.arange(17), shape)), reading)
    assert str(refused.value) == message.format(file=tmp_path / "own.npz")


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        *((low, high, (0, 1)) for low, high in ((0, 1), (0, 0.51), (0.4, 1))),
        *((low, high, (-1, 1)) for low, high in ((-1, 1), (-0.1, 0.95), (-1, 0.2))),
        *((low, high, (0, 255)) for low, high in ((0, 255), (0, 128), (100, 230))),
        *((low, high, None) for low, high in ((0, 0.5), (-0.1, 0.8), (0, 16), (0, 127), (-0.4, 2.8), (0, 65535))),
    ],
)
def test_a_range_is_the_narrowest_conventional_one(
    low: float, high: float, found: tuple[float, float] | None, tmp_path: Path
) -> None:
    """That holds all values, if they span more than half of it, and that of the values otherwise, which is said."""
    images = np.resize(np.array([low, (low + high) / 2, high], dtype=np.float32), (80, 6, 5))
    source = loaded(tmp_path, arrays(images))
    assert source.range == (found or (np.float32(low), np.float32(high)))
    assert bool(source.notes) == (found is None)
