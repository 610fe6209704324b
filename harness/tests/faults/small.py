"""A session in miniature, for faults: 24 runs from a store, judged and recorded; a tenth of a second, without torch."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from memorization_claims.statistics import Samples, above
from memorization_claims.statistics.looks import FIRST
from memorization_claims.store import Entry, Store
from memorization_claims.tests.store_samples import key_of, leftovers, same_bits

SEEDS = tuple(range(12))
RUNS = {key_of(f"{arm} {seed}"): (arm, seed) for seed in SEEDS for arm in ("with", "without")}
"""What the session asks for, by key: arm and seed."""
KEYS = tuple(RUNS)
EXECUTED = "executed"
"""The file that appears in a fault's folder when what it planted is executed."""


class Payload:
    """An object whose pickle writes the file `EXECUTED` in a folder when it is read."""

    def __init__(self, folder: Path) -> None:
        self._code = f"open({os.fspath(folder / EXECUTED)!r}, 'w').close()"

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        """Called by pickle; `exec` by whoever reads it."""
        return exec, (self._code,)


def run_of(key: str) -> Entry:
    """The run of a key: always the same bits, whoever makes it."""
    arm, seed = RUNS[key]
    weights = np.random.default_rng([seed, arm == "with"]).normal(size=(8, 4)).astype(np.float32)
    accuracy = np.float64(seed % 3 + 5 * (arm == "with"))
    return Entry({"weights": weights, "accuracy": accuracy}, {"arm": arm, "seed": seed})  # type: ignore[dict-item]


def make(keys: Sequence[str], seconds: float = 0.0) -> Iterator[tuple[str, Entry]]:
    """Make runs, each in so many seconds."""
    for key in keys:
        time.sleep(seconds)
        yield key, run_of(key)


def judged(store: Store, keys: Sequence[str] = KEYS, **how: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """The verdict on what the store has or makes, and the keys that were made."""
    obtained = store.obtain(keys, make, **how)
    arms = {arm: np.zeros(len(SEEDS)) for arm in ("with", "without")}
    for key, (arm, seed) in RUNS.items():
        arms[arm][seed] = obtained.entries[key].arrays["accuracy"]
    assert all(same_bits(obtained.entries[key], run_of(key)) for key in KEYS), "a run with other numbers was taken"
    verdict = above(Samples("accuracy", "points", arms, SEEDS), "with", "without", margin=1, look=FIRST)
    return verdict.to_dict(), obtained.made


@functools.cache
def undisturbed() -> dict[str, Any]:
    """The verdict of a session that nothing happens to."""
    with tempfile.TemporaryDirectory() as folder:
        return judged(Store(Path(folder)))[0]


def recovers(root: Path, finished: Collection[str], *, damaged: int = 0) -> Store:
    """A session after a fault: the undisturbed verdict, no finished run made again, and nothing left behind.

    Args:
        root: of the store.
        finished: keys of runs that have to be there.
        damaged: how many entries have to be noted as damaged.
    """
    store = Store(root)
    verdict, made = judged(store)
    assert verdict == undisturbed(), f"the verdict is {verdict}"
    assert made == set(KEYS) - set(finished), f"{len(made)} runs were made, {len(finished)} had been finished"
    assert len(store.damaged) == damaged, store.damaged
    assert leftovers(root) == [], leftovers(root)
    again = Store(root)
    assert judged(again) == (verdict, frozenset())
    assert again.damaged == []
    return store


def filled(random: Random, folder: Path, *, whole: bool = True) -> tuple[Path, set[str]]:
    """A store with all runs or some of them, and the keys of these."""
    root = folder / "store"
    store = Store(root)
    kept = set(KEYS if whole else random.sample(KEYS, random.randrange(len(KEYS))))
    for key in kept:
        store.save(key, run_of(key))
    return root, kept


def place(root: Path, key: str) -> Path:
    """Where the store keeps a run."""
    return root / "runs" / key[:2] / key


def remove(path: Path) -> None:
    """Delete a file or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
