"""Entries on the disk: a folder for each, which is there whole or not at all.

An entry is written into a draft beside its place, flushed to the disk and renamed. A process that is killed, a full
disk or a power cut leaves at most a draft, which nobody reads.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

from memorization_claims.store.entry import ARRAYS, MANIFEST, DamageError


class Shelf:
    """Folders of files by key, as `folder/<two first digits>/<key>/<file>`.

    Reading needs no lock. Whoever writes, removes or sweeps a key must hold its lock.

    Args:
        folder: where the entries lie; made when something is first written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, key: str) -> Path:
        """The folder of an entry, whether or not it is there."""
        return self.folder / key[:2] / key

    def read(self, key: str) -> dict[str, bytes] | None:
        """Read the files of an entry as they are, or None where there is no entry.

        Raises:
            DamageError: the entry lacks a file.
            OSError: it cannot be read.
        """
        place = f"{self.folder}/{key[:2]}/{key}"
        try:
            return {name: _content(f"{place}/{name}") for name in (MANIFEST, ARRAYS)}
        except (FileNotFoundError, NotADirectoryError) as error:
            if not os.path.lexists(place):
                return None
            raise DamageError(f"{Path(error.filename).name} is missing") from error

    def write(self, key: str, files: Mapping[str, bytes]) -> None:
        """Put an entry in its place at once, and make it last; one that is there already stays.

        Raises:
            OSError: the disk is full or does not allow it; nothing is left behind.
        """
        draft = self._draft(key)
        draft.mkdir(parents=True)
        try:
            for name, content in files.items():
                _write_through(draft / name, content)
            self._publish(draft, key)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        _flush_folder(draft.parent)

    def remove(self, key: str) -> None:
        """Take an entry away; like writing, at once."""
        aside = self._draft(key)
        self.place(key).rename(aside)
        _delete(aside)

    def sweep(self, key: str) -> None:
        """Delete the drafts of a key that killed writers left."""
        for draft in self.place(key).parent.glob(f".{key}.*"):
            _delete(draft)

    def _publish(self, draft: Path, key: str) -> None:
        """Rename a draft onto its place, or drop it where somebody with another lock file has been faster."""
        try:
            draft.rename(self.place(key))
        except OSError as error:
            # Lock files differ after the store was deleted in mid-run, and some network file systems have no locks.
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            shutil.rmtree(draft)

    def _draft(self, key: str) -> Path:
        return self.place(key).with_name(f".{key}.{uuid.uuid4().hex}")


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _write_through(path: Path, content: bytes) -> None:
    """Write a file that is on the disk when this returns."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make a rename in a folder last, where the system can open a folder (Windows cannot, and does it by itself)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _delete(path: Path) -> None:
    """Delete a folder, or a file that is in a folder's place."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
