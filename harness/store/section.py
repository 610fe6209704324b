"""One kind of entries with its locks: verified when loaded, dropped when damaged, written by one process at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from memorization_claims.errors import SettingError, StoreError
from memorization_claims.store.entry import DamageError, Entry, pack, unpack
from memorization_claims.store.locks import Lock, Locks
from memorization_claims.store.recent import Recent
from memorization_claims.store.shelf import Shelf

RECENT = 2**27
"""Bytes of arrays that a section keeps in memory once they were read."""


class Section:
    """The entries below `root/<name>` with the locks below `root/locks/<name>`.

    Args:
        root: the folder of the store.
        name: what the entries are, in the plural.
        fate: what happens to a damaged entry, as in "trained again".
        damaged: gets a sentence for every entry that was found damaged.
    """

    def __init__(self, root: Path, name: str, fate: str, damaged: list[str]) -> None:
        self._root = root
        self._name = name
        self._fate = fate
        self._damaged = damaged
        self._shelf = Shelf(root / name)
        self._locks = Locks(root / "locks" / name)
        self._recent = Recent(RECENT)

    def load(self, key: str) -> Entry | None:
        """Load an entry without a lock; a damaged one is dropped by whoever can lock it, and None for everyone.

        It is read and verified when this process first asks for it, and again once it is no longer in memory.
        """
        _check_key(key)
        if (entry := self._recent.get(key)) is None and (entry := self._found(key)) is not None:
            self._recent.keep(key, entry)
        return entry

    def _found(self, key: str) -> Entry | None:
        try:
            return self._read(key)
        except DamageError:
            pass
        # It may be good by now: another process can have replaced it between the reading of the two files, or since.
        lock = self.lock(key)
        if lock is None:
            return None
        try:
            return self.load_held(key)
        finally:
            lock.release()

    def load_held(self, key: str) -> Entry | None:
        """Load an entry whose lock is held; a damaged one is dropped, noted, and None."""
        try:
            return self._read(key)
        except DamageError as damage:
            with self._plain("written"):
                self._shelf.remove(key)
            self._damaged.append(
                f"{self._shelf.place(key)} was damaged: {damage}. It was dropped and will be {self._fate}."
            )
            return None

    def save(self, key: str, entry: Entry) -> None:
        """Wait for an entry's lock and save it, unless it is there."""
        _check_key(key)
        lock = self.lock(key, seconds=-1)
        assert lock is not None
        try:
            if self.load_held(key) is None:
                self.save_held(key, entry)
        finally:
            lock.release()

    def save_held(self, key: str, entry: Entry) -> Entry:
        """Save an entry that is missing and whose lock is held.

        Returns:
            The entry as it will be loaded, so that nobody can tell a run just trained from one found.
        """
        files = pack(key, entry)
        with self._plain("written"):
            self._shelf.write(key, files)
        return unpack(key, files)

    def sweep_held(self, key: str) -> None:
        """Delete what killed writers left of an entry whose lock is held."""
        with self._plain("written"):
            self._shelf.sweep(key)

    def lock(self, key: str, *, seconds: float = 0.0) -> Lock | None:
        """Take an entry's lock, or return None when another holder keeps it for all of `seconds` (below 0: ever)."""
        with self._plain("written"):
            return self._locks.attempt(key, seconds=seconds)

    def _read(self, key: str) -> Entry | None:
        with self._plain("read"):
            files = self._shelf.read(key)
        return None if files is None else unpack(key, files)

    @contextmanager
    def _plain(self, done: str) -> Iterator[None]:
        """Say in plain words what the operating system refused."""
        try:
            yield
        except OSError as error:
            raise unusable(self._root, done, error) from error


def unusable(root: Path, done: str, error: OSError) -> StoreError:
    """The error for a store that cannot be `done` ("read", "written") for a reason of the operating system's."""
    reason = error.strerror or str(error)
    return StoreError(
        f"The store of runs {root} cannot be {done}: {reason}. Make room or mend the access, or name another folder "
        "with --claims-store PATH."
    )


def _check_key(key: str) -> None:
    if not re.fullmatch("[0-9a-f]{64}", key):
        raise SettingError(f"{key!r} is no key of the store; legal is a SHA-256 in 64 lower-case hexadecimal digits.")
