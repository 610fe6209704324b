"""Damaged and wrong .npz files: each is refused with the file's name and what is wrong with it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memorization_claims.data.source import Source, load
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


DAMAGE: list[tuple[dict[str, Any], str]] = [
    ({"y_train": LABELS[:5]}, "y_train in {file} has shape (5,); legal is one label for each of the 6 examples"),
    (
        {"y_train": np.eye(3)[LABELS]},
        "y_train in {file} has shape (6, 3); legal is one label for each of the 6 examples",
    ),
    ({"y_train": np.array(3)}, "y_train in {file} has shape (); legal is one label for each of the 6 examples"),
    ({"y_train": LABELS.astype(float)}, "y_train in {file} has type float64; legal are integer types"),
    ({"y_train": LABELS > 0}, "y_train in {file} has type bool; legal are integer types"),
    ({"y_train": np.array(list("abcabc"))}, "y_train in {file} has type <U1; legal are integer types"),
    ({"y_train": LABELS - 1}, "y_train in {file} goes down to -1; legal are integers from 0"),
    ({"y_train": LABELS * 0}, "y_train in {file} has 1 class; a classifier needs at least 2"),
    ({"y_train": LABELS * 2}, "y_train in {file} has no example of class 1; legal are classes from 0 on, no gaps"),
    ({"x_train": BYTES.astype(np.int64)}, "x_train in {file} has type int64; legal are uint8 and floating types"),
    ({"x_train": BYTES > 9}, "x_train in {file} has type bool; legal are uint8 and floating types"),
    (
        {"x_train": BYTES[0, 0]},
        "x_train in {file} has shape (4,); legal are (n, values), (n, height, width), (n, height, width, channels)",
    ),
    (
        {"x_train": np.uint8(3)},
        "x_train in {file} has shape (); legal are (n, values), (n, height, width), (n, height, width, channels)",
    ),
    (
        {"x_train": BYTES[:0], "y_train": LABELS[:0, None]},
        "x_train in {file} has shape (0, 5, 4); legal are (n, values), ",
    ),
    (
        {"x_train": COLOURS[:6].transpose(0, 3, 1, 2)},
        "x_train in {file} has shape (6, 3, 32, 32), channels first; legal is (n, height, width, channels): "
        "transpose it",
    ),
    ({"x_train": np.where(BYTES == BYTES[2, 1, 1], np.nan, 1.0)}, "x_train in {file} has values that are not finite"),
    ({"x_train": BYTES * 1e300}, "x_train in {file} has values that are not finite as float32"),
    ({"x_test": BYTES}, "{file} has only one of x_test and y_test; give both or neither"),
    ({"y_test": LABELS}, "{file} has only one of x_test and y_test; give both or neither"),
    (
        {"x_test": BYTES, "y_test": LABELS[:2]},
        "y_test in {file} has shape (2,); legal is one label for each of the 6 examples",
    ),
    ({"x_test": BYTES, "y_test": LABELS + 1}, "y_test in {file} goes up to 3, y_train only to 2"),
    (
        {"x_test": BYTES[:, 1:], "y_test": LABELS},
        "x_test in {file} has images of shape (1, 4, 4) and type uint8, x_train of (1, 5, 4) and uint8",
    ),
    (
        {"x_test": BYTES / 255, "y_test": LABELS},
        "x_test in {file} has images of shape (1, 5, 4) and type float32, x_train of (1, 5, 4) and uint8",
    ),
    (
        {"x_train": np.array([[1, "a"]] * 6, dtype=object)},
        "{file} cannot be read as .npz (Object arrays cannot be loaded when allow_pickle=False); "
        "replace it with a whole copy that holds plain arrays",
    ),
]


@pytest.mark.parametrize(("change", "message"), DAMAGE)
def test_wrong_arrays_are_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """Whatever is wrong with an array, the message names the file, the array and what is wrong."""
    file = _npz(tmp_path, **GOOD | change)
    assert _refusal(file).startswith(message.format(file=file))


def test_missing_arrays_are_named(tmp_path: Path) -> None:
    """The message tells which arrays are missing and which are there."""
    file = _npz(tmp_path, images=BYTES, y_train=LABELS)
    assert _refusal(file) == f"{file} lacks x_train; it has images, y_train"


def test_an_empty_archive(tmp_path: Path) -> None:
    """An archive without arrays lacks both."""
    file = _npz(tmp_path)
    assert _refusal(file) == f"{file} lacks x_train, y_train; it has nothing"


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
