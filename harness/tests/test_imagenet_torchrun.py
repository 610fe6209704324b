"""Inception v3 trained end to end by two processes that torchrun starts: killed, resumed, and judged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.imagenet.images import open_folder
from memorization_claims.imagenet.record import key_of, option
from memorization_claims.spec.data import Corruption
from memorization_claims.store import Entry, Store
from memorization_claims.tests.imagenet_samples import write_folder

FIELDS = {"side": 75, "batch": 8, "part": 4, "epochs": 3, "dropout": 0.2, "weight_decay": 4e-5}
WORDS = [word for name, value in FIELDS.items() for word in (option(name), str(value))]


def start(images: Path, store: Path) -> subprocess.Popen[str]:
    """Two processes, and the one that started them."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command = ["-m", "memorization_claims.imagenet", "--imagenet", str(images), "--store", str(store), "--seed", "3"]
    command += ["--labels", "random", "--augmentation", "--workers", "1", *WORDS]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([*launcher, *command], env=environment, stdout=subprocess.PIPE, text=True)


def kill(launcher: subprocess.Popen[str]) -> None:
    """All of them at once, as when a machine is taken away."""
    started = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text(encoding="ascii").split()
    for process in (launcher.pid, *map(int, started)):
        os.kill(process, signal.SIGKILL)
    launcher.communicate()


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="who has started whom is read from /proc")
def test_a_killed_training_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    """To the last bit on a CPU, and from the epoch on that was done; what the store has is not trained again."""
    images = write_folder(tmp_path / "images")
    whole = start(images, tmp_path / "whole").communicate()[0].splitlines()
    assert [line.split(":")[1].strip() for line in whole] == [f"epoch {epoch} of 3" for epoch in (1, 2, 3)]
    killed = start(images, tmp_path / "killed")
    assert killed.stdout is not None
    assert killed.stdout.readline().strip() == whole[0]
    kill(killed)
    resumed = start(images, tmp_path / "killed").communicate()[0].splitlines()
    assert resumed in (whole[1:], whole[2:])
    assert start(images, tmp_path / "killed").communicate()[0] == "seed 3: in the store\n"
    first, second = (_record(images, tmp_path / name) for name in ("whole", "killed"))
    assert first.arrays.keys() == second.arrays.keys()
    assert not [name for name, array in first.arrays.items() if array.tobytes() != second.arrays[name].tobytes()]
    assert (first.facts["processes"], first.facts["device"]) == (2, "cpu")
    assert not list(tmp_path.rglob("*.pt"))


def _record(images: Path, store: Path) -> Entry:
    fields: dict[str, Any] = {"seed": 3, "corruption": Corruption(kind="random-labels"), "augmentation": True}
    entry = Store(store).load(key_of(open_folder(images).fit(**fields, **FIELDS)))
    assert entry is not None
    return entry
