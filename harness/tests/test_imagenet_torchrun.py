"""Inception v3 trained end to end by two processes that torchrun starts: killed, resumed, and judged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from memorization_claims.imagenet.images import open_folder
from memorization_claims.imagenet.record import key_of
from memorization_claims.spec.data import Corruption
from memorization_claims.store import Entry, Store
from memorization_claims.tests.imagenet_samples import write_folder

WORDS = ("--seed", "3", "--labels", "random", "--augmentation", "--dropout", "0.2", "--weight-decay", "4e-5")
SMALL = ("--side", "75", "--batch", "8", "--part", "4", "--epochs", "2", "--workers", "1")


def start(images: Path, store: Path) -> subprocess.Popen[str]:
    """Two processes, in a group of their own with the one that started them."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command = ["-m", "memorization_claims.imagenet", "--imagenet", str(images), "--store", str(store), *WORDS, *SMALL]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [*launcher, *command], env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.mark.long
def test_a_killed_training_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    """To the last bit on a CPU, and from the epoch on that was done; what the store has is not trained again."""
    images = write_folder(tmp_path / "images")
    whole, _ = start(images, tmp_path / "whole").communicate()
    assert [line.split(":")[1].strip() for line in whole.splitlines()] == ["epoch 1 of 2", "epoch 2 of 2"]
    killed = start(images, tmp_path / "killed")
    assert killed.stdout is not None
    assert killed.stdout.readline().startswith("seed 3: epoch 1 of 2: ")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    resumed, _ = start(images, tmp_path / "killed").communicate()
    assert resumed.splitlines() == whole.splitlines()[1:]
    assert start(images, tmp_path / "killed").communicate()[0] == "seed 3: in the store\n"
    first, second = (_record(images, tmp_path / name) for name in ("whole", "killed"))
    assert first.arrays.keys() == second.arrays.keys()
    assert not [name for name, array in first.arrays.items() if array.tobytes() != second.arrays[name].tobytes()]
    assert (first.facts["processes"], first.facts["device"]) == (2, "cpu")
    assert not list(tmp_path.rglob("*.pt"))


def _record(images: Path, store: Path) -> Entry:
    fields = {
        "side": 75,
        "batch": 8,
        "part": 4,
        "epochs": 2,
        "augmentation": True,
        "dropout": 0.2,
        "weight_decay": 4e-5,
    }
    spec = open_folder(images).fit(seed=3, corruption=Corruption(kind="random-labels"), **fields)
    entry = Store(store).load(key_of(spec))
    assert entry is not None
    return entry
