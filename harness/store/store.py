"""The store as callers use it: load, save, and obtain, which makes what is missing once among all processes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from numpy.typing import NDArray

from memorization_claims.errors import SettingError
from memorization_claims.store.checkpoints import Checkpoints
from memorization_claims.store.entry import Entry
from memorization_claims.store.locks import Lock
from memorization_claims.store.section import Section, unusable
from memorization_claims.store.shelf import Shelf

Make: TypeAlias = Callable[[Sequence[str]], Iterator[tuple[str, Entry]]]
"""Makes the entries of the keys it is given, each once and in any order, and yields each as soon as it is done."""

WAIT_SECONDS = 1.0
"""How long one key is waited for before all of them are looked at again."""


@dataclass(frozen=True)
class Obtained:
    """The entries that were asked for, and where they came from."""

    entries: dict[str, Entry]
    """Every entry by key, in the order asked for."""

    made: frozenset[str]
    """The keys that this call made."""

    reused: frozenset[str]
    """The keys that were in the store, or that another process made meanwhile."""


class Store:
    """A folder of runs by content: the same key, the same run.

    A key is a SHA-256, made by the caller, of everything that decides a run. Runs lie in `root/runs`, values measured
    from them in `root/values`, checkpoints in `root/checkpoints` and locks in `root/locks`; any of it may be deleted
    while nobody uses the store.

    Args:
        root: the folder; made when it does not exist.

    Raises:
        StoreError: the folder cannot be made or written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.damaged: list[str] = []
        """A sentence for each entry that was found damaged and dropped: where, what is wrong, what follows."""
        self.spared: list[float] = []
        """For each measured value that was loaded, the seconds that it took when it was measured."""
        try:
            root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=root):
                pass
        except OSError as error:
            raise unusable(root, "written", error) from error
        self._runs = Section(root, "runs", "trained again", self.damaged)
        self._values = Section(root, "values", "measured again", self.damaged)
        self.checkpoints = Checkpoints(root / "checkpoints")
        """Of runs in training; whoever makes a run, and so holds its lock, writes and drops its checkpoint."""

    def load(self, key: str) -> Entry | None:
        """Load a run, or return None where there is none; a damaged one is dropped and noted in `damaged`.

        Raises:
            SettingError: the key is not a SHA-256.
            StoreError: the store cannot be read.
        """
        return self._runs.load(key)

    def save(self, key: str, entry: Entry) -> None:
        """Save a run, whole or not at all; one that is there already stays.

        Raises:
            SettingError: the key is not a SHA-256, or the entry has something that cannot be kept.
            StoreError: the disk is full or does not allow it; nothing is left behind.
        """
        self._runs.save(key, entry)

    def load_value(self, key: str) -> dict[str, NDArray[Any]] | None:
        """Load arrays measured from a run, like `load`."""
        if (entry := self._values.load(key)) is None:
            return None
        seconds = entry.facts.get("seconds")
        self.spared.append(seconds if isinstance(seconds, float) else 0.0)
        return entry.arrays

    def save_value(self, key: str, arrays: dict[str, NDArray[Any]], *, seconds: float = 0.0) -> None:
        """Save arrays measured from a run, like `save`, with the seconds that measuring took."""
        self._values.save(key, Entry(arrays, {"seconds": float(seconds)}))

    def sweep(self) -> None:
        """Delete the checkpoints of runs that are kept, which a process leaves that is killed between the two."""
        runs = Shelf(self.root / "runs")
        self.checkpoints.sweep(lambda key: runs.place(key).is_dir())

    def obtain(self, keys: Sequence[str], make: Make, *, chunk: int = 64) -> Obtained:
        """Load what is there and make the rest, each run once among all processes that ask at the same time.

        Keys that another process is making are waited for only when nothing else is left to make, and without holding
        a lock, so that no two processes can wait for each other. When that process dies, they are made here.

        Args:
            keys: what is asked for; a key may occur twice.
            make: gets up to `chunk` missing keys at a time. What it has yielded is kept whatever happens later. It
                must not ask this store for runs.
            chunk: the most keys to lock at a time, at least 1; each holds a file open.

        Returns:
            All entries, as the store gives them back, whether they were made or found.

        Raises:
            SettingError: a key is not a SHA-256, an entry cannot be kept, or `chunk` is below 1.
            StoreError: the store cannot be read or written.
            RuntimeError: `make` yielded a key that it was not given, or not all that it was given.
        """
        if chunk < 1:
            raise SettingError(f"chunk is {chunk}; legal are whole numbers from 1.")
        order = tuple(dict.fromkeys(keys))
        loaded = {key: entry for key in order if (entry := self.load(key)) is not None}
        made: dict[str, Entry] = {}
        while missing := [key for key in order if key not in loaded and key not in made]:
            here, new = self._make_free(missing, make, chunk)
            loaded |= here
            made |= new
            if not here and not new:
                self._wait(missing[0])
        both = loaded | made
        return Obtained({key: both[key] for key in order}, frozenset(made), frozenset(loaded))

    def _make_free(self, missing: list[str], make: Make, chunk: int) -> tuple[dict[str, Entry], dict[str, Entry]]:
        """Make up to `chunk` missing runs that nobody else is making; returns those found after all, and those made."""
        loaded: dict[str, Entry] = {}
        locks: dict[str, Lock] = {}
        try:
            self._claim(missing, chunk, locks, loaded)
            return loaded, self._make(make, locks)
        finally:
            for lock in locks.values():
                lock.release()

    def _claim(self, missing: list[str], chunk: int, locks: dict[str, Lock], loaded: dict[str, Entry]) -> None:
        """Lock up to `chunk` of the missing runs, without waiting, and load those that are there by now."""
        for key in missing:
            if len(locks) == chunk:
                return
            if (lock := self._runs.lock(key)) is None:
                continue
            locks[key] = lock
            if (entry := self._runs.load_held(key)) is not None:
                loaded[key] = entry
                locks.pop(key).release()
            else:
                self._runs.sweep_held(key)

    def _make(self, make: Make, locks: dict[str, Lock]) -> dict[str, Entry]:
        """Make the locked runs; each is saved, and its lock released, as it comes."""
        made: dict[str, Entry] = {}
        for key, entry in make(tuple(locks)) if locks else ():
            if key not in locks:
                raise RuntimeError(f"make yielded {key}, which is none of the keys that it still had to make.")
            made[key] = self._runs.save_held(key, entry)
            locks.pop(key).release()
        if locks:
            raise RuntimeError(f"make ended without {', '.join(locks)}.")
        return made

    def _wait(self, key: str) -> None:
        """Wait for the process that makes a run, but not for so long that another's death goes unnoticed."""
        if (lock := self._runs.lock(key, seconds=WAIT_SECONDS)) is not None:
            lock.release()
