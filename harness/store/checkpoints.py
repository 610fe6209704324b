"""Checkpoints of runs in training: each a file that is replaced whole or not at all.

They lie beside the runs, under the same keys, and are dropped when a run is kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from memorization_claims.store.entry import ARRAYS, MANIFEST, DamageError, Entry, pack, unpack


class Checkpoints:
    """Checkpoints by key, as `folder/<key>`. Whoever loads, saves or drops one must hold the lock of its run.

    Args:
        folder: where they lie; made with the first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: str) -> Entry | None:
        """The last one of a run; None where there is none that is whole."""
        try:
            manifest, _, arrays = (self._folder / key).read_bytes().partition(b"\n")
            return unpack(key, {MANIFEST: manifest, ARRAYS: arrays})
        except (OSError, DamageError):
            return None

    def save(self, key: str, entry: Entry) -> None:
        """Keep one in the place of an earlier one; where the disk does not allow it, the earlier one stays."""
        files, draft = pack(key, entry), self._draft(key)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.writelines((files[MANIFEST], b"\n", files[ARRAYS]))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._folder / key)
        except OSError:
            # No run is worse off than without checkpoints.
            with suppress(OSError):
                draft.unlink()

    def drop(self, key: str) -> None:
        """Delete that of a run, and what a killed writer left of it."""
        for path in (self._folder / key, self._draft(key)):
            with suppress(OSError):
                path.unlink()

    def sweep(self, needless: Callable[[str], bool]) -> None:
        """Delete those of runs that were kept when their process was killed.

        Args:
            needless: whether a run of this key is kept.
        """
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            if needless(key := path.name.removeprefix(".")):
                self.drop(key)

    def _draft(self, key: str) -> Path:
        return self._folder / f".{key}"
