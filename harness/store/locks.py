"""One lock for each key, so that processes which want the same run train it once.

The operating system frees the locks of a process that dies. The lock files are empty and stay: to delete one that
another process has just opened would let two processes hold the same key.
"""

from __future__ import annotations

from pathlib import Path

import filelock

Lock = filelock.BaseFileLock


class Locks:
    """Locks by key, each a file `folder/<key>.lock`.

    Args:
        folder: where the lock files lie; made with the first.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def attempt(self, key: str, *, seconds: float = 0.0) -> Lock | None:
        """Take a key's lock, to be released by the caller.

        Args:
            key: what to lock.
            seconds: how long to wait for another holder; below 0, as long as it takes.

        Returns:
            The lock, or None when another holder keeps it all that time.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(self.folder / f"{key}.lock")
        try:
            lock.acquire(timeout=seconds)
        except filelock.Timeout:
            return None
        return lock
