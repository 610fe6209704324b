"""The store of runs against plain files of the same arrays, saved and loaded one by one.

Time them with `pytest harness/benchmarks/test_store.py --benchmark-enable`, on a quiet machine and without `-n`;
otherwise each keeps few runs, once, as a test.

Measured on one core of a busy AMD EPYC, medians of 5: saving takes 3 to 15 ms a run against 0.2 ms, nearly all
of it in waiting for the disk, and loading 0.2 to 0.5 ms against 0.1 ms.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from memorization_claims.store import Entry, Store

KEYS = [hashlib.sha256(bytes([number])).hexdigest() for number in range(100)]


def entries(number: int) -> dict[str, Entry]:
    """Runs with the weights and traces of mlp-1x512 on digits."""
    generator = np.random.default_rng(0)
    shapes = {"weights/final/0": (1, 512, 64), "weights/final/2": (1, 10, 512), "trace/loss": (1, 200)}
    return {
        key: Entry({name: generator.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}, {})
        for key in KEYS[:number]
    }


def stored(folder: Path, made: dict[str, Entry]) -> None:
    """The harness's way: locked, checked against a checksum, flushed to the disk, whole or not at all."""
    store = Store(folder)
    for key, entry in made.items():
        store.save(key, entry)


def plain(folder: Path, made: dict[str, Entry]) -> None:
    """The usual way."""
    folder.mkdir()
    for key, entry in made.items():
        save_file(entry.arrays, folder / key)


def found(folder: Path, keys: list[str]) -> list[dict[str, Any]]:
    """What the store has."""
    store = Store(folder)
    return [entry.arrays for key in keys if (entry := store.load(key))]


def read(folder: Path, keys: list[str]) -> list[dict[str, Any]]:
    """What plain files hold."""
    return [load_file(folder / key) for key in keys]


WAYS = {"store": (stored, found), "plain": (plain, read)}


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Path]:
    """New folders."""
    return (tmp_path / str(number) for number in itertools.count())


@pytest.mark.parametrize("way", WAYS)
def test_saving(way: str, folders: Iterator[Path], benchmark: Any) -> None:
    """All runs are there afterwards."""
    benchmark.group = "saving 100 runs of mlp-1x512"
    save, load = WAYS[way]
    made, used = entries(3 if benchmark.disabled else 100), []

    def setup() -> tuple[tuple[Path, dict[str, Entry]], dict[str, Any]]:
        used.append(next(folders))
        return (used[-1], made), {}

    benchmark.pedantic(save, setup=setup, rounds=5, warmup_rounds=1)
    same(load(used[-1], list(made)), made)


@pytest.mark.parametrize("way", WAYS)
def test_loading(way: str, folders: Iterator[Path], benchmark: Any) -> None:
    """All runs are what was saved."""
    benchmark.group = "loading 100 runs of mlp-1x512"
    save, load = WAYS[way]
    made, folder = entries(3 if benchmark.disabled else 100), next(folders)
    save(folder, made)
    same(benchmark.pedantic(load, args=(folder, list(made)), rounds=5, warmup_rounds=1), made)


def same(loaded: list[dict[str, Any]], made: dict[str, Entry]) -> None:
    """To the last bit."""
    assert len(loaded) == len(made)
    for ours, entry in zip(loaded, made.values(), strict=True):
        for name, array in entry.arrays.items():
            np.testing.assert_array_equal(ours[name], array)
