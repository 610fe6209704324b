"""Faults in files from elsewhere: data sets and weights that are made to execute or to fill the memory."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from pathlib import Path
from random import Random
from unittest import mock

import numpy as np

from memorization_claims.data.source import load
from memorization_claims.data.sources import npz
from memorization_claims.errors import DataError, SettingError
from memorization_claims.tests.faults.small import Payload

IMAGES = np.arange(96, dtype=np.uint8).reshape(6, 4, 4)
LABELS = np.array([0, 1, 2, 2, 1, 0])


def _refused(name: str, root: Path) -> None:
    """The data set is refused in one line."""
    try:
        load(name, root)
    except DataError as error:
        said = str(error)
    else:
        raise AssertionError(f"{name} was read")
    assert "\n" not in said, said


def unpickled(random: Random, folder: Path) -> None:
    """An .npz file, or what is called so, is made to be unpickled."""
    name = os.fsdecode(random.choice((b"some.npz", b"caf\xe9.npz", b"a b.npz")))
    how = random.choice(("x_train", "y_train", "x_test", "pickle", "npy", "member", "unused"))
    payload = np.array([Payload(folder)] * 6, dtype=object)
    arrays = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES, "y_test": LABELS}
    content = io.BytesIO()
    if how == "pickle":
        content.write(pickle.dumps(payload))
    elif how == "npy":
        np.save(content, payload, allow_pickle=True)
    else:
        np.savez(content, **arrays | {how if how in arrays else "weights": payload})  # type: ignore[arg-type]
    if how == "member":
        with zipfile.ZipFile(content, "w") as archive:
            for each in arrays:
                archive.writestr(f"{each}.npy", pickle.dumps(payload))
    file = folder / name
    file.write_bytes(content.getvalue())
    if how == "unused":
        assert len(load(str(file), folder).labels) == 6
    else:
        _refused(str(file), folder)


def torchvision(random: Random, folder: Path) -> None:
    """CIFAR-10's batches, which are pickles, or MNIST's files are others than the published ones."""
    name = random.choice(("cifar10", "mnist"))
    if name == "cifar10":
        files = [f"cifar-10-batches-py/{each}" for each in ("batches.meta", "test_batch")]
        files += [f"cifar-10-batches-py/data_batch_{number}" for number in range(1, 6)]
    else:
        files = [f"MNIST/raw/{part}-{kind}" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
        files = [f"{each}-ubyte" for each in files]
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(pickle.dumps(Payload(folder)))
    _refused(name, folder)


def bomb(random: Random, folder: Path) -> None:
    """A file of some kilobytes unpacks to more than a machine has, or says that it does."""
    file, how = folder / "some.npz", random.choice(("zeros", "size", "sizes", "shape"))
    limit = npz.LARGEST
    if how == "zeros":
        limit = 2**20
        np.savez_compressed(file, x_train=np.zeros((6, random.randint(2**18, 2**22)), np.uint8), y_train=LABELS)
        assert file.stat().st_size < 2**16
    elif how == "shape":
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header, {"descr": "|u1", "fortran_order": False, "shape": (6, 2 ** random.randint(45, 70))}
        )
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("x_train.npy", header.getvalue())
            archive.writestr("y_train.npy", b"")
    else:
        np.savez_compressed(file, x_train=IMAGES, y_train=LABELS, x_test=IMAGES, y_test=LABELS)
        with zipfile.ZipFile(file, "a") as archive:
            for each in archive.infolist() if how == "sizes" else archive.infolist()[:1]:
                each.file_size = 2 ** random.randint(34, 60)
            archive.comment = b"written anew"
    with mock.patch.object(npz, "LARGEST", limit):
        _refused(str(file), folder)


def weights(random: Random, folder: Path) -> None:
    """The checkpoint of a training on ImageNet is made to be unpickled, damaged, or something else."""
    import torch

    from memorization_claims.imagenet import checkpoint
    from memorization_claims.spec.imagenet import ImagenetSpec
    from memorization_claims.tests.imagenet_samples import Small

    spec = ImagenetSpec(seed=0, batch=8, part=4, side=24, classes=3, training_images=18, validation_images=9)
    net = Small(spec)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    file, how = folder / "net.pt", random.choice(("pickle", "torch", "inside", "cut", "empty", "other", "list", "zip"))
    if how == "pickle":
        file.write_bytes(pickle.dumps(Payload(folder)))
    elif how == "zip":
        file.write_bytes(b"PK\x03\x04" + random.randbytes(60))
    elif how in ("torch", "list", "other"):
        torch.save({"torch": Payload(folder), "list": [1], "other": {"net": net.state_dict()}}[how], file)
    else:
        checkpoint.save(file, spec, "images", net, optimizer, checkpoint.State(epoch=1))
        content = torch.load(file, weights_only=True)
        if how == "inside":
            torch.save({**content, "courses": Payload(folder)}, file)
        else:
            os.truncate(file, random.randrange(file.stat().st_size) if how == "cut" else 0)
    try:
        checkpoint.load(file, spec, "images", net, optimizer)
    except SettingError as error:
        said = str(error)
    else:
        raise AssertionError(f"weights were read ({how})")
    assert "\n" not in said, said
