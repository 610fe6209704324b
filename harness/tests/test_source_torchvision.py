"""torchvision's own files, read and fetched by torchvision itself from small contents."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import pickle
import tarfile
import time
import urllib.error
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.exceptions import VisibleDeprecationWarning

from memorization_claims.data import source
from memorization_claims.data.source import Source, load
from memorization_claims.data.sources import torchvision
from memorization_claims.errors import DataError

RANDOM = np.random.default_rng(0)
BYTES = RANDOM.integers(0, 256, (6, 5, 4), dtype=np.uint8)
COLOURS = RANDOM.integers(0, 256, (10, 32, 32, 3), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 2, 1, 0])


def _idx(array: np.ndarray) -> bytes:
    """The format of MNIST's files: two zeros, the code of bytes, the number of axes, the sizes, the bytes."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


MNIST_FILES = {
    "train-images-idx3-ubyte": _idx(BYTES),
    "train-labels-idx1-ubyte": _idx(LABELS),
    "t10k-images-idx3-ubyte": _idx(BYTES[:2]),
    "t10k-labels-idx1-ubyte": _idx(LABELS[:2]),
}


class _Warns:
    """Unpickles with the warning that NumPy 2.4.0 gave of arrays pickled by Python 2, as CIFAR-10's are."""

    def __reduce__(self) -> tuple[Any, ...]:
        return warnings.warn, ("dtype(): align should be passed as Python or NumPy boolean", VisibleDeprecationWarning)


def _cifar_files() -> dict[str, bytes]:
    """Five batches of two images and a test batch of three, pickled as CIFAR-10's are: rows of 3072 bytes, lists."""
    rows, labels = COLOURS.transpose(0, 3, 1, 2).reshape(10, 3072), [0, 1] * 5
    batches = {f"data_batch_{k + 1}": slice(2 * k, 2 * k + 2) for k in range(5)} | {"test_batch": slice(3, 6)}
    files: dict[str, Any] = {
        name: {"data": rows[part], "labels": labels[part], "other": _Warns()} for name, part in batches.items()
    }
    files["batches.meta"] = {"label_names": ["cat", "dog"]}
    return {name: pickle.dumps(content, protocol=2) for name, content in files.items()}


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture(autouse=True)
def _of_small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checksums of MNIST are those of the contents above."""
    small = {f"MNIST/raw/{name}": _md5(content) for name, content in MNIST_FILES.items()}
    monkeypatch.setitem(torchvision.UNPACKED, "MNIST", small)


@pytest.fixture
def cifar_files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Small batches, which torchvision is told to expect by their checksums."""
    from torchvision.datasets import CIFAR10

    files = _cifar_files()
    for listed in ("train_list", "test_list"):
        monkeypatch.setattr(CIFAR10, listed, [[name, _md5(files[name])] for name, _ in getattr(CIFAR10, listed)])
    monkeypatch.setattr(CIFAR10, "meta", CIFAR10.meta | {"md5": _md5(files["batches.meta"])})
    return files


def _write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _assert_is_mnist(data: Source) -> None:
    np.testing.assert_array_equal(data.images, BYTES[:, None], strict=True)
    np.testing.assert_array_equal(data.labels, LABELS, strict=True)
    np.testing.assert_array_equal(data.test_images, BYTES[:2, None], strict=True)
    np.testing.assert_array_equal(data.test_labels, LABELS[:2], strict=True)
    assert (data.name, data.range) == ("mnist", (0, 255))


def _assert_is_cifar10(data: Source) -> None:
    images = COLOURS.transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(data.images, images, strict=True)
    np.testing.assert_array_equal(data.labels, np.array([0, 1] * 5), strict=True)
    np.testing.assert_array_equal(data.test_images, images[3:6], strict=True)
    np.testing.assert_array_equal(data.test_labels, np.array([1, 0, 1]), strict=True)
    assert (data.name, data.range) == ("cifar10", (0, 255))


def test_mnist_in_its_own_format(tmp_path: Path) -> None:
    """Torchvision reads the idx files below the data root."""
    _write(tmp_path / "MNIST" / "raw", MNIST_FILES)
    assert source.available("mnist", tmp_path)
    _assert_is_mnist(load("mnist", tmp_path))


def test_cifar10_in_its_own_format(tmp_path: Path, cifar_files: dict[str, bytes]) -> None:
    """Torchvision reads the pickled batches below the data root, and NumPy's warning of their age stops nothing."""
    _write(tmp_path / "cifar-10-batches-py", cifar_files)
    assert source.available("cifar10", tmp_path)
    _assert_is_cifar10(load("cifar10", tmp_path))


def test_a_damaged_batch_is_refused(tmp_path: Path, cifar_files: dict[str, bytes]) -> None:
    """A batch that does not have its checksum is never unpickled; the message says what to remove."""
    _write(tmp_path / "cifar-10-batches-py", cifar_files | {"data_batch_3": cifar_files["data_batch_3"] + b"."})
    with pytest.raises(DataError) as refused:
        load("cifar10", tmp_path)
    assert str(refused.value) == (
        f"torchvision cannot read cifar10 in {tmp_path} (RuntimeError: Dataset not found or corrupted. You can use "
        f"download=True to download it): remove {tmp_path / 'cifar-10-batches-py'} where its files are damaged, and "
        "put cifar10.npz there (arrays x_train, y_train, x_test, y_test), name another folder with "
        "--claims-data-root or MEMORIZATION_CLAIMS_DATA, or let torchvision fetch it with --claims-download"
    )


@pytest.mark.parametrize("name", MNIST_FILES)
@pytest.mark.parametrize("damage", ["missing", "short", "altered"])
def test_a_damaged_idx_file_is_refused(tmp_path: Path, name: str, damage: str) -> None:
    """Torchvision checks no checksum of MNIST's unpacked files, and a pixel that differs would not be noticed."""
    content = MNIST_FILES[name]
    altered = {"short": content[:-1], "altered": content[:-1] + bytes([content[-1] ^ 1])}
    _write(tmp_path / "MNIST" / "raw", MNIST_FILES | {name: altered.get(damage, b"")})
    if damage == "missing":
        (tmp_path / "MNIST" / "raw" / name).unlink()
    with pytest.raises(DataError) as refused:
        torchvision.MNIST.load("mnist", tmp_path, False)
    said = f"MNIST/raw/{name} is missing or does not have its checksum"
    assert str(refused.value).startswith(f"torchvision cannot read mnist in {tmp_path} (ValueError: {said}): remove ")


# Downloads: torchvision's own code runs down to urlopen, which is answered from memory


class _Answer(io.BytesIO):
    def __init__(self, url: str, content: bytes) -> None:
        super().__init__(content)
        self.url, self.length = url, len(content)


class _Network:
    """Serves contents by the last part of their address, and keeps the addresses asked for."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.fetched: list[str] = []

    def urlopen(self, request: urllib.request.Request) -> _Answer:
        name = request.full_url.rsplit("/", 1)[1]
        if name not in self.files:
            raise urllib.error.URLError("no route to host")
        if "Method" not in request.headers:  # torchvision's way to look for a redirect first
            self.fetched.append(name)
            time.sleep(0.01)  # long enough for another worker to come
        return _Answer(request.full_url, self.files[name])


def _connect(monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]) -> _Network:
    network = _Network(files)
    monkeypatch.setattr(urllib.request, "urlopen", network.urlopen)
    return network


def _serve_mnist(monkeypatch: pytest.MonkeyPatch) -> _Network:
    from torchvision.datasets import MNIST

    packed = {f"{name}.gz": gzip.compress(content) for name, content in MNIST_FILES.items()}
    monkeypatch.setattr(MNIST, "resources", [(name, _md5(content)) for name, content in packed.items()])
    return _connect(monkeypatch, packed)


def test_mnist_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Torchvision fetches and unpacks into a root that did not exist; the next load needs no network."""
    network = _serve_mnist(monkeypatch)
    root = tmp_path / "new" / "root"
    _assert_is_mnist(load("mnist", root, download=True))
    assert network.fetched == [f"{name}.gz" for name in MNIST_FILES]
    assert source.available("mnist", root)
    _connect(monkeypatch, {})
    _assert_is_mnist(load("mnist", root))


def test_cifar10_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cifar_files: dict[str, bytes]) -> None:
    """Torchvision fetches the archive, checks and unpacks it."""
    from torchvision.datasets import CIFAR10

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, content in cifar_files.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    monkeypatch.setattr(CIFAR10, "tgz_md5", _md5(archive.getvalue()))
    network = _connect(monkeypatch, {"cifar-10-python.tar.gz": archive.getvalue()})
    _assert_is_cifar10(load("cifar10", tmp_path, download=True))
    assert network.fetched == ["cifar-10-python.tar.gz"]
    assert source.available("cifar10", tmp_path)


def test_workers_that_fetch_at_once_fetch_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits for the first instead of writing into its files."""
    network = _serve_mnist(monkeypatch)
    with ThreadPoolExecutor(4) as workers:
        found = list(workers.map(lambda _: load.__wrapped__("mnist", tmp_path, True), range(4)))
    for data in found:
        _assert_is_mnist(data)
    assert network.fetched == [f"{name}.gz" for name in MNIST_FILES]


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_a_failed_download_names_the_remedy(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network the message is one line with the cause and the other ways to come by the data."""
    _connect(monkeypatch, {})
    with pytest.raises(DataError) as refused:
        load(name, tmp_path, download=True)
    message = str(refused.value)
    assert message.startswith(f"torchvision cannot fetch {name} in {tmp_path} (")
    assert "no route to host" in message
    assert message.endswith(
        f"put {name}.npz there (arrays x_train, y_train, x_test, y_test), name another folder with "
        "--claims-data-root or MEMORIZATION_CLAIMS_DATA, or let torchvision fetch it with --claims-download"
    )
    assert "\n" not in message
    assert not source.available(name, tmp_path)


def test_a_download_cut_short_is_no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the connection fails half way the data set does not count as there, and the next try completes it."""
    network = _serve_mnist(monkeypatch)
    last = network.files.pop("t10k-labels-idx1-ubyte.gz")
    with pytest.raises(DataError, match="torchvision cannot fetch mnist"):
        load("mnist", tmp_path, download=True)
    assert not source.available("mnist", tmp_path)
    network.files["t10k-labels-idx1-ubyte.gz"] = last
    _assert_is_mnist(load("mnist", tmp_path, download=True))


def _state(folder: Path) -> dict[Path, tuple[int, int]]:
    """When each file and folder was written, and how long it is."""
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in (folder, *folder.rglob("*"))}


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_nothing_is_written_where_the_files_are_there(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cifar_files: dict[str, bytes]
) -> None:
    """A root that cannot be written, as of a cluster, is read although a download is allowed: no lock, no network."""
    _write(tmp_path / "MNIST" / "raw", MNIST_FILES)
    _write(tmp_path / "cifar-10-batches-py", cifar_files)
    network, before = _connect(monkeypatch, {}), _state(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    load(name, tmp_path, download=True)
    assert _state(tmp_path) == before
    assert network.fetched == []


def test_a_damaged_file_is_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a download is allowed; without one it stays as it is. An archive that is whole is unpacked again."""
    network = _serve_mnist(monkeypatch)
    load("mnist", tmp_path, download=True)
    file = tmp_path / "MNIST" / "raw" / "train-labels-idx1-ubyte"
    file.write_bytes(damaged := file.read_bytes()[:-1] + b"\3")
    network.fetched.clear()
    with pytest.raises(DataError, match="does not have its checksum"):
        torchvision.MNIST.load("mnist", tmp_path, False)
    assert file.read_bytes() == damaged
    torchvision.MNIST.load("mnist", tmp_path, True)
    assert file.read_bytes() == MNIST_FILES[file.name]
    assert network.fetched == []


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_a_root_that_cannot_be_written(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where files are missing the message says so, before the network is asked; nothing is left behind."""
    network, before = _connect(monkeypatch, {}), _state(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(DataError) as refused:
        load(name, tmp_path, download=True)
    assert str(refused.value).startswith(
        f"torchvision cannot fetch {name} in {tmp_path} (PermissionError: the folder cannot be written: fetch it once "
        "from where it can): "
    )
    assert _state(tmp_path) == before
    assert network.fetched == []


def test_a_file_where_the_root_should_be(tmp_path: Path) -> None:
    """It is told like any other failure to fetch."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"torchvision cannot fetch mnist in .*File exists"):
        load("mnist", tmp_path / "file", download=True)
