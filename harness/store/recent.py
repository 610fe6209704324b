"""Entries that were read of late, verified once, so that a look at more seeds does not read the earlier ones again."""

from __future__ import annotations

from collections import OrderedDict

from memorization_claims.store.entry import Entry


class Recent:
    """The entries last used, by key, as long as their arrays take no more than some bytes.

    Args:
        most: bytes of all arrays together; an entry that is larger is not kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._entries: OrderedDict[str, Entry] = OrderedDict()

    def get(self, key: str) -> Entry | None:
        """An entry, if it is still kept."""
        if key in self._entries:
            self._entries.move_to_end(key)
        return self._entries.get(key)

    def keep(self, key: str, entry: Entry) -> None:
        """Keep an entry, and drop those that were not used for the longest time."""
        if key in self._entries or _bytes(entry) > self._most:
            return
        self._entries[key] = entry
        self._bytes += _bytes(entry)
        while self._bytes > self._most:
            self._bytes -= _bytes(self._entries.popitem(last=False)[1])


def _bytes(entry: Entry) -> int:
    return sum(array.nbytes for array in entry.arrays.values())
