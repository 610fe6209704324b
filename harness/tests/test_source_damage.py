"""Damaged and wrong .npz files: each is refused with the file's name and what is wrong with it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memorization_claims.data.source import Source, load
from memorization_claims.data.spellings import LEGAL
from memorization_claims.errors import DataError

RANDOM = np.random.default_rng(0)
BYTES = RANDOM.integers(0, 256, (6, 5, 4), dtype=np.uint8)
COLOURS = RANDOM.integers(0, 256, (10, 32, 32, 3), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 2, 1, 0])
GOOD: dict[str, Any] = {"x_train": BYTES, "y_train": LABELS}


def _npz(tmp_path: Path, **arrays: Any) -> Path:
    file = tmp_path / "some.npz"
    np.savez(file, **arrays)
    return file


def _load(file: Path) -> Source:
    return load(str(file), file.parent)


def _refusal(file: Path) -> str:
    with pytest.raises(DataError) as refused:
        _load(file)
    return str(refused.value)


CLASSES = "legal are integers from 0 on without gaps, one-hot rows, or strings"
SHAPES = "legal are (n, values), (n, height, width), (n, height, width, channels), (n, channels, height, width)"
DAMAGE: list[tuple[dict[str, Any], str]] = [
    ({"y_train": LABELS[:5]}, "y_train in {file} has shape (5,); legal is one label for each of the 6 examples"),
    ({"y_train": np.array(3)}, "y_train in {file} has shape (); legal is one label for each of the 6 examples"),
    (
        {"y_train": np.eye(3)[LABELS[:5]]},
        "y_train in {file} has shape (5, 3); legal is one label for each of the 6 examples",
    ),
    ({"y_train": LABELS * 0}, "y_train in {file} has 1 class; a classifier needs at least 2"),
    ({"x_train": BYTES[0, 0]}, "x_train in {file} has shape (4,); " + SHAPES),
    ({"x_train": np.uint8(3)}, "x_train in {file} has shape (); " + SHAPES),
    (
        {"x_train": BYTES[:, None, None, None]},
        "x_train in {file} has shape (6, 1, 1, 1, 5, 4); " + SHAPES + ": reshape volumes or films to (n, values)",
    ),
    ({"x_train": BYTES[:0], "y_train": LABELS[:0, None]}, "x_train in {file} has shape (0, 5, 4); " + SHAPES),
    (
        {"x_train": np.where(BYTES == BYTES[2, 1, 1], np.nan, 1.0)},
        "x_train in {file} has values that are not finite as float32; replace or scale them",
    ),
    (
        {"x_train": BYTES * 1e300},
        "x_train in {file} has values that are not finite as float32; replace or scale them",
    ),
    (
        {"x_train": BYTES.astype(np.int64) + 2**24},
        "x_train in {file} has integers from 16777216 to 16777464, which float32 does not hold exactly; legal are "
        "-16777216 to 16777216: scale them",
    ),
    ({"x_train": BYTES * 1j}, "x_train in {file} has type complex128; legal are bool, integers and floats"),
    (
        {"x_train": BYTES.astype("datetime64[s]")},
        "x_train in {file} has type datetime64[s]; legal are bool, integers and floats",
    ),
    ({"x_train": BYTES * 0 + 7}, "all pixels in {file} are 7; legal are images that differ"),
    ({"x_test": BYTES}, "{file} has only one of x_test and y_test; give both or neither"),
    ({"y_test": LABELS}, "{file} has only one of x_test and y_test; give both or neither"),
    ({"x_test": BYTES[:0], "y_test": LABELS[:0]}, "x_test in {file} has shape (0, 5, 4); " + SHAPES),
    (
        {"x_test": BYTES, "y_test": LABELS[:2]},
        "y_test in {file} has shape (2,); legal is one label for each of the 6 examples",
    ),
    (
        {"x_test": BYTES, "y_test": LABELS + 1},
        "y_test in {file} has label 3, which y_train has not; leave such examples out of the test set",
    ),
    (
        {"x_test": BYTES, "y_test": np.eye(3)[LABELS]},
        "y_train in {file} has integers and y_test one-hot rows of 3; give both in the same form",
    ),
    (
        {"x_test": BYTES[:, 1:], "y_test": LABELS},
        "x_test in {file} has images of shape (1, 4, 4), x_train of (1, 5, 4)",
    ),
    (
        {"x_test": BYTES / 255, "y_test": LABELS},
        "x_train in {file} goes from 0 to 248 and x_test from 0 to 0.972549; scale both alike, or give "
        "--claims-pixel-range LOW,HIGH where they are in one unit",
    ),
    (
        {"x_train": BYTES / 255, "x_test": BYTES / 127.5 - 1, "y_test": LABELS},
        "x_train in {file} goes from 0 to 0.972549 and x_test from -1 to 0.945098; scale both alike, or give "
        "--claims-pixel-range LOW,HIGH where they are in one unit",
    ),
    (
        {"x_train": np.array([[1, "a"]] * 6, dtype=object)},
        "{file} cannot be read as .npz (Object arrays cannot be loaded when allow_pickle=False); "
        "replace it with a whole copy that holds plain arrays",
    ),
]
UNCERTAIN: list[tuple[np.ndarray, str]] = [
    (
        LABELS - 1,
        f"goes down to -1; {CLASSES}: leave unlabelled examples out, or number the classes with "
        "np.unique(y, return_inverse=True)[1]",
    ),
    (
        LABELS * 2,
        f"has no example of class 1; {CLASSES}: np.unique(y, return_inverse=True)[1] numbers them so",
    ),
    (LABELS + 2, f"has no example of class 0; {CLASSES}: np.unique(y, return_inverse=True)[1] numbers them so"),
    (LABELS * 2 + 1, f"has no example of class 2; {CLASSES}: np.unique(y, return_inverse=True)[1] numbers them so"),
    (
        np.eye(4)[LABELS + 1],
        f"has no example of class 0; {CLASSES}: np.unique(y, return_inverse=True)[1] numbers them so",
    ),
    (
        np.arange(6),
        "has 6 different labels on 6 examples; legal are classes of two examples or more each, on average: divide "
        "targets of a regression into classes",
    ),
    (LABELS / 2, f"has 0.5, which is no class; {CLASSES}: divide targets of a regression into classes"),
    (np.where(LABELS, LABELS, np.nan), "has values that are not finite; leave unlabelled examples out"),
    (np.array([*"abcab", ""]), "has '' among its labels; leave unlabelled examples out"),
    (np.array(["cat", "dog", "nan"] * 2), "has 'nan' among its labels; leave unlabelled examples out"),
    (
        LABELS.astype("datetime64[D]"),
        f"has type datetime64[D]; {CLASSES}: y.astype(str) or y.astype(int) of such a column",
    ),
    (
        np.full((6, 3), 1 / 3),
        "has shape (6, 3) and rows that are not one-hot; legal is one label for each example: y.argmax(axis=1) of soft "
        "labels or scores, one column of several labels",
    ),
    (
        np.eye(3)[LABELS] + np.eye(3)[np.roll(LABELS, 1)] > 0,
        "has shape (6, 3) and rows that are not one-hot; legal is one label for each example: y.argmax(axis=1) of soft "
        "labels or scores, one column of several labels",
    ),
    (np.array([1, 2**63] * 3, dtype=np.uint64), f"goes up to 9223372036854775808; {CLASSES}"),
]


@pytest.mark.parametrize(("change", "message"), DAMAGE)
def test_wrong_arrays_are_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """Whatever is wrong with an array, the message names the file, the array and what is wrong."""
    file = _npz(tmp_path, **GOOD | change)
    assert _refusal(file) == message.format(file=file)


@pytest.mark.parametrize(("labels", "message"), UNCERTAIN)
def test_labels_of_uncertain_meaning_are_refused(tmp_path: Path, labels: np.ndarray, message: str) -> None:
    """Each with what is legal and how to come there."""
    file = _npz(tmp_path, x_train=BYTES, y_train=labels)
    assert _refusal(file) == f"y_train in {file} {message}"


def test_missing_arrays_are_named(tmp_path: Path) -> None:
    """The message tells which arrays are missing and which are there."""
    file = _npz(tmp_path, pictures=BYTES, y_train=LABELS)
    assert _refusal(file) == f"{file} lacks x_train; it has pictures, y_train; {LEGAL}"


def test_an_empty_archive(tmp_path: Path) -> None:
    """An archive without arrays lacks both."""
    file = _npz(tmp_path)
    assert _refusal(file) == f"{file} lacks x_train, y_train; it has nothing; {LEGAL}"


def test_several_arrays_of_one_meaning_are_refused(tmp_path: Path) -> None:
    """Unless one has our own name."""
    file = _npz(tmp_path, train_data=BYTES, train_x=BYTES, y_train=LABELS)
    assert _refusal(file) == f"{file} has train_data and train_x, each of which may be x_train; legal is one of them"
    file = _npz(tmp_path, train_data=BYTES[::-1], x_train=BYTES, y_train=LABELS)
    np.testing.assert_array_equal(load(str(file), tmp_path, True).images, BYTES[:, None])


def test_unreadable_layouts_name_the_option(tmp_path: Path) -> None:
    """Where neither square sides nor few channels tell, or they say different things."""
    for shape in ((6, 8, 8, 8), (6, 5, 6, 7), (6, 3, 3, 20), (6, 2, 3, 4), (6, 5, 6, 5)):
        file = _npz(tmp_path, x_train=np.resize(BYTES, shape), y_train=LABELS)
        load.cache_clear()
        assert _refusal(file) == (
            f"x_train in {file} has shape {shape}, which does not tell where its channels stand; say it with "
            "--claims-layout channels-first or --claims-layout channels-last"
        )


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    """A file cut anywhere, down to nothing, is refused with its name and the remedy."""
    whole = _npz(tmp_path, **GOOD).read_bytes()
    for length in [0, 1, 3, 4, *range(5, len(whole) - 1, 97)]:
        cut = tmp_path / f"cut{length}.npz"
        cut.write_bytes(whole[:length])
        message = _refusal(cut)
        assert message.startswith(f"{cut} cannot be read as .npz (")
        assert message.endswith("; replace it with a whole copy that holds plain arrays")


def test_no_flipped_bit_changes_the_data(tmp_path: Path) -> None:
    """A compressed file with one bit flipped is refused, or holds the same data still."""
    whole = tmp_path / "whole.npz"
    np.savez_compressed(whole, **GOOD)
    digest, content = _load(whole).digest, whole.read_bytes()
    refused = 0
    for place in range(0, len(content), 5):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8
        file = tmp_path / f"flipped{place}.npz"
        file.write_bytes(flipped)
        try:
            assert _load(file).digest == digest
        except DataError as error:
            assert str(file) in str(error)  # noqa: PT017 - either outcome is right
            refused += 1
    assert refused > 20


@pytest.mark.parametrize("content", [b"no archive", pickle.dumps([1, 2])])
def test_other_files_are_no_archives(tmp_path: Path, content: bytes) -> None:
    """Text and pickles that call themselves .npz are refused, and nothing in them is run."""
    file = tmp_path / "other.npz"
    file.write_bytes(content)
    assert _refusal(file).startswith(f"{file} cannot be read as .npz (")


def test_a_single_array_is_no_archive(tmp_path: Path) -> None:
    """A .npy file under the name of an archive is refused."""
    file = tmp_path / "one.npz"
    with file.open("wb") as stream:
        np.save(stream, BYTES)
    assert _refusal(file).startswith(f"{file} cannot be read as .npz (")


def test_a_folder_is_no_archive(tmp_path: Path) -> None:
    """A folder under the name of an archive is refused."""
    (tmp_path / "folder.npz").mkdir()
    assert _refusal(tmp_path / "folder.npz").startswith(f"{tmp_path / 'folder.npz'} cannot be read as .npz (")
