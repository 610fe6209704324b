"""Data sources: every layout that is read, where data are looked for, and what tells them apart."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from memorization_claims.data import source
from memorization_claims.data.source import Source, load
from memorization_claims.errors import DataError, SettingError

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


# The legal layouts


def test_digits_need_no_file(tmp_path: Path) -> None:
    """The default data come with scikit-learn: 1797 images of 8 x 8 in grey levels 0 to 16."""
    digits = load("digits", tmp_path / "nowhere")
    assert (digits.images.shape, str(digits.images.dtype)) == ((1797, 1, 8, 8), "float32")
    assert (str(digits.labels.dtype), digits.classes, digits.range) == ("int64", 10, (0, 16))
    assert np.bincount(digits.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (digits.images.min(), digits.images.max()) == (0, 16)
    assert (digits.test_images, digits.notes) == (None, ())
    theirs = load_digits()
    np.testing.assert_array_equal(digits.images[:, 0], theirs.images)
    np.testing.assert_array_equal(digits.labels, theirs.target)


def test_grey_bytes(tmp_path: Path) -> None:
    """(n, height, width) of bytes, as Keras keeps MNIST, gets one channel and keeps its bytes."""
    data = _load(_npz(tmp_path, **GOOD, x_test=BYTES[:2], y_test=LABELS[:2].astype(np.uint8)))
    np.testing.assert_array_equal(data.images, BYTES[:, None], strict=True)
    np.testing.assert_array_equal(data.labels, LABELS, strict=True)
    assert data.test_images is not None
    np.testing.assert_array_equal(data.test_images, BYTES[:2, None], strict=True)
    np.testing.assert_array_equal(data.test_labels, LABELS[:2], strict=True)
    assert (data.range, data.classes, data.notes) == ((0, 255), 3, ())


def test_colour_bytes_and_labels_in_a_column(tmp_path: Path) -> None:
    """(n, height, width, channels) with labels (n, 1), as Keras keeps CIFAR-10, gets its channels first."""
    data = _load(_npz(tmp_path, x_train=COLOURS[:6], y_train=LABELS[:, None].astype(np.uint8)))
    assert data.images.shape == (6, 3, 32, 32)
    assert data.images.flags.c_contiguous
    assert data.images[4, 2, 30, 7] == COLOURS[4, 30, 7, 2]
    np.testing.assert_array_equal(data.labels, LABELS, strict=True)


def test_flat_values(tmp_path: Path) -> None:
    """(n, values) becomes images of one row."""
    data = _load(_npz(tmp_path, x_train=BYTES.reshape(6, 20), y_train=LABELS))
    np.testing.assert_array_equal(data.images, BYTES.reshape(6, 1, 1, 20), strict=True)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_floats(tmp_path: Path, kind: type[np.floating[Any]]) -> None:
    """Floating images become float32."""
    images = np.linspace(0, 1, 120).reshape(6, 5, 4).astype(kind)
    data = _load(_npz(tmp_path, x_train=images, y_train=LABELS))
    np.testing.assert_array_equal(data.images, images[:, None].astype(np.float32), strict=True)
    assert data.range == (0, 1)


def test_other_arrays_do_not_matter(tmp_path: Path) -> None:
    """What a file holds besides the four arrays is not even read."""
    names = np.array(["zero", None], dtype=object)
    np.testing.assert_array_equal(_load(_npz(tmp_path, **GOOD, names=names)).labels, LABELS)


def test_a_npz_in_the_data_root_goes_before_torchvision(tmp_path: Path) -> None:
    """mnist.npz in the data root is read as any other file."""
    np.savez(tmp_path / "mnist.npz", **GOOD)
    assert source.available("mnist", tmp_path)
    assert load("mnist", tmp_path).name == "mnist"


# Names and places


@pytest.mark.parametrize("name", ["", "MNIST", "cifar100", "data.npy", "digits "])
def test_unknown_names(name: str, tmp_path: Path) -> None:
    """An unknown data set is refused with the list of those that are known."""
    with pytest.raises(SettingError) as refused:
        load(name, tmp_path)
    legal = "legal are digits, mnist, cifar10, the path of an .npz file, or package.module:function"
    assert str(refused.value) == f"unknown dataset {name!r}; {legal}"


def test_a_missing_npz_names_the_remedy(tmp_path: Path) -> None:
    """The message names the path and what belongs there."""
    file = tmp_path / "missing.npz"
    assert not source.available(str(file), tmp_path)
    with pytest.raises(DataError) as refused:
        _load(file)
    assert str(refused.value) == (
        f"there is no file {file}; give --claims-dataset the path of an .npz file with x_train and y_train"
    )


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
@pytest.mark.parametrize("made", [(), ("MNIST/raw", "cifar-10-batches-py")])
def test_missing_data_name_the_remedy(name: str, made: tuple[str, ...], tmp_path: Path) -> None:
    """Without files, be the folders there or not, the message names the root and the three ways to fill it."""
    for folder in made:
        (tmp_path / folder).mkdir(parents=True)
    assert not source.available(name, tmp_path)
    with pytest.raises(DataError) as refused:
        load(name, tmp_path)
    assert str(refused.value) == source.remedy(name, tmp_path)
    assert str(refused.value) == (
        f"{name} is not in {tmp_path}: put {name}.npz there (arrays x_train, y_train, x_test, y_test), name another "
        "folder with --claims-data-root or MEMORIZATION_CLAIMS_DATA, or let torchvision fetch it with --claims-download"
    )


def test_the_environment_names_the_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The variable wins over the folder in the user's cache, unless it is empty."""
    monkeypatch.setenv("MEMORIZATION_CLAIMS_DATA", str(tmp_path))
    assert source.default_root() == tmp_path
    monkeypatch.setenv("MEMORIZATION_CLAIMS_DATA", "")
    assert source.default_root() == Path.home() / ".cache" / "memorization-claims" / "data"


# What the data are


def test_the_digest_does_not_know_the_place(tmp_path: Path) -> None:
    """The same arrays under two paths, compressed or not, have one digest."""
    np.savez_compressed(tmp_path / "other.npz", **GOOD)
    one, other = _load(_npz(tmp_path, **GOOD)), _load(tmp_path / "other.npz")
    assert one is not other
    assert one.digest == other.digest == "bf9111f8580e41dd8195acac4778499bcc82992be67188d75c4863c8124b5130"


def test_the_digest_knows_all_else() -> None:
    """One byte, one label, a shape, a type, the range, or a test set: each changes the digest."""
    whole = Source("some", BYTES[:, None], LABELS, None, None, (0.0, 255.0))
    byte, label = BYTES[:, None].copy(), LABELS.copy()
    byte[5, 0, 4, 3] ^= 1
    label[0] = 1
    others = [
        replace(whole, images=byte),
        replace(whole, labels=label),
        replace(whole, images=BYTES.reshape(6, 1, 4, 5)),
        replace(whole, images=BYTES[:, None].view(np.int8)),
        replace(whole, labels=LABELS.view(np.uint64)),
        replace(whole, range=(0.0, 16.0)),
        replace(whole, range=(-1.0, 255.0)),
        replace(whole, test_images=BYTES[:, None], test_labels=LABELS),
        replace(whole, test_images=byte, test_labels=LABELS),
        replace(whole, test_images=BYTES[:, None], test_labels=label),
    ]
    assert len({each.digest for each in [whole, *others]}) == 1 + len(others)
    assert replace(whole, name="other", notes=("said",)).digest == whole.digest


def test_neither_digits_nor_npz_import_torch(tmp_path: Path) -> None:
    """Who asks for neither torchvision's files nor tensors does not wait for either library, nor for scikit-learn."""
    file = _npz(tmp_path, **GOOD)
    code = (
        "import sys; from pathlib import Path; from memorization_claims.data.source import load\n"
        f"load('digits', Path('.')).digest, load({str(file)!r}, Path('.')).digest\n"
        "print(sorted({'torch', 'torchvision', 'sklearn'} & set(sys.modules)))"
    )
    root = Path(source.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
