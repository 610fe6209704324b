"""The store when something goes wrong: damage, a full disk, a folder that is none or disappears."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import filelock
import numpy as np
import pytest

from memorization_claims.errors import StoreError
from memorization_claims.store import Entry, Store
from memorization_claims.store.entry import DamageError, pack, unpack
from memorization_claims.store.recent import Recent
from memorization_claims.tests.store_samples import KEYS, Maker, entry_of, leftovers


def test_every_flipped_bit_is_noticed() -> None:
    """There is no bit in either file, nor a length to cut them to, that can change unnoticed."""
    files = pack(KEYS[0], Entry({"w": np.arange(3, dtype=np.int8)}, {"name": "é", "rate": 1e-05, "empty": []}))
    for name, content in files.items():
        for position in range(8 * len(content)):
            flipped = bytearray(content)
            flipped[position // 8] ^= 1 << position % 8
            with pytest.raises(DamageError):
                unpack(KEYS[0], {**files, name: bytes(flipped)})
        for length in range(len(content)):
            with pytest.raises(DamageError):
                unpack(KEYS[0], {**files, name: content[:length]})


def _flip(path: Path, position: int) -> None:
    """Flip the lowest bit of a byte; a negative position counts from the end."""
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "header": ("arrays.safetensors", lambda path: _flip(path, 12), "arrays.safetensors does not match its checksum"),
    "length": ("arrays.safetensors", lambda path: _flip(path, 0), "arrays.safetensors does not match its checksum"),
    "data": ("arrays.safetensors", lambda path: _flip(path, -1), "arrays.safetensors does not match its checksum"),
    "cut arrays": (
        "arrays.safetensors",
        lambda path: os.truncate(path, 90),
        "arrays.safetensors has 90 bytes instead of",
    ),
    "no arrays": ("arrays.safetensors", Path.unlink, "arrays.safetensors is missing"),
    "manifest": ("manifest.json", lambda path: _flip(path, 40), "manifest.json does not match its checksum"),
    "cut manifest": ("manifest.json", lambda path: os.truncate(path, 90), "manifest.json does not match its checksum"),
    "empty manifest": ("manifest.json", lambda path: os.truncate(path, 0), "manifest.json does not match its checksum"),
    "no manifest": ("manifest.json", Path.unlink, "manifest.json is missing"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_run_is_dropped_and_made_again(tmp_path: Path, kind: str) -> None:
    """Damage on the disk is noted in one sentence, the rest is reused, and the run is there again afterwards."""
    name, damage, what = DAMAGES[kind]
    Store(tmp_path).obtain(KEYS, Maker())
    place = tmp_path / "runs" / KEYS[1][:2] / KEYS[1]
    damage(place / name)
    store, maker = Store(tmp_path), Maker()
    obtained = store.obtain(KEYS, maker)
    assert maker.asked == [(KEYS[1],)]
    assert obtained.made == {KEYS[1]}
    assert obtained.reused == set(KEYS) - {KEYS[1]}
    (sentence,) = store.damaged
    assert sentence.startswith(f"{place} was damaged: {what}")
    assert sentence.endswith(". It was dropped and will be trained again.")
    again = Store(tmp_path)
    assert again.obtain(KEYS, maker).made == set()
    assert again.damaged == []
    assert leftovers(tmp_path) == []


def test_a_damaged_value_is_dropped(tmp_path: Path) -> None:
    """A flipped bit in a measured value is noted, and the value is to be measured again."""
    store = Store(tmp_path)
    store.save_value(KEYS[0], {"ratio": np.ones(3)})
    place = tmp_path / "values" / KEYS[0][:2] / KEYS[0]
    _flip(place / "arrays.safetensors", -1)
    assert store.load_value(KEYS[0]) is None
    (sentence,) = store.damaged
    assert sentence.startswith(f"{place} was damaged: arrays.safetensors does not match its checksum. ")
    assert sentence.endswith("It was dropped and will be measured again.")
    assert not place.exists()


def test_a_run_under_the_wrong_key_is_damage(tmp_path: Path) -> None:
    """A whole entry that was moved to another key's place is not taken for that key's run."""
    store = Store(tmp_path)
    store.save(KEYS[0], entry_of(0))
    target = tmp_path / "runs" / KEYS[1][:2] / KEYS[1]
    target.parent.mkdir()
    (tmp_path / "runs" / KEYS[0][:2] / KEYS[0]).rename(target)
    assert store.load(KEYS[1]) is None
    assert store.damaged[0].startswith(f"{target} was damaged: manifest.json belongs to {KEYS[0]}.")


def test_damage_is_left_to_whoever_holds_the_lock(tmp_path: Path) -> None:
    """A reader drops nothing that another process may be replacing at that moment."""
    store = Store(tmp_path)
    store.save(KEYS[0], entry_of(0))
    place = tmp_path / "runs" / KEYS[0][:2] / KEYS[0]
    _flip(place / "manifest.json", 40)

    with filelock.FileLock(tmp_path / "locks" / "runs" / f"{KEYS[0]}.lock"):
        assert store.load(KEYS[0]) is None
        assert place.exists()
        assert store.damaged == []
    assert store.load(KEYS[0]) is None
    assert not place.exists()
    assert len(store.damaged) == 1


def test_a_file_in_the_way_is_said_plainly(tmp_path: Path) -> None:
    """A root below a regular file is refused with the place, the reason and the remedy."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as caught:
        Store(tmp_path / "file" / "store")
    assert str(caught.value) == (
        f"The store of runs {tmp_path / 'file' / 'store'} cannot be written: {os.strerror(errno.ENOTDIR)}. "
        "Make room or mend the access, or name another folder with --claims-store PATH."
    )
    with pytest.raises(StoreError, match=rf"{os.strerror(errno.EEXIST)}.*--claims-store PATH"):
        Store(tmp_path / "file")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder that root cannot write, as /proc")
def test_a_root_that_cannot_be_written_is_said_plainly() -> None:
    """A folder that exists but takes no files, and one that cannot be made, are refused."""
    for root in (Path("/proc"), Path("/proc/store")):
        with pytest.raises(StoreError, match=rf"^The store of runs {root} cannot be written: .*--claims-store PATH\.$"):
            Store(root)


def test_an_entry_that_cannot_be_read_is_said_plainly(tmp_path: Path) -> None:
    """What the operating system will not read is no damage to be trained away, but an error."""
    store = Store(tmp_path)
    (tmp_path / "runs" / KEYS[0][:2] / KEYS[0] / "manifest.json").mkdir(parents=True)
    with pytest.raises(StoreError, match=rf"^The store of runs .* cannot be read: {os.strerror(errno.EISDIR)}"):
        store.load(KEYS[0])


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fills up in the second run, the first stays, the second leaves nothing and no lock is held."""
    store = Store(tmp_path)

    def fill(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def make(keys: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        yield keys[0], entry_of(0)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fill)
            yield keys[1], entry_of(1)

    with pytest.raises(
        StoreError, match=rf"cannot be written: {os.strerror(errno.ENOSPC)}\. Make room or .*--claims-store PATH"
    ):
        store.obtain(KEYS[:2], make)
    assert leftovers(tmp_path) == []
    obtained = Store(tmp_path).obtain(KEYS[:2], Maker())
    assert obtained.reused == {KEYS[0]}
    assert obtained.made == {KEYS[1]}


def test_a_store_deleted_in_mid_run_costs_time_only(tmp_path: Path) -> None:
    """Runs saved after somebody deleted the whole store are there, and a place that is taken is no error."""
    store = Store(tmp_path / "store")

    def make(keys: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        (tmp_path / "store").rename(tmp_path / "deleted")
        other = threading.Thread(target=lambda: Store(tmp_path / "store").save(keys[0], entry_of(0)))
        other.start()
        other.join()
        for number, key in enumerate(keys):
            yield key, entry_of(number)

    obtained = store.obtain(KEYS, make)
    assert obtained.made == set(KEYS)
    assert Store(tmp_path / "store").obtain(KEYS, Maker()).reused == set(KEYS)
    assert leftovers(tmp_path / "store") == []


def test_what_was_read_is_verified_once_and_served_again(tmp_path: Path) -> None:
    """A process that has read an entry does not ask the disk again, nor can its holders change it; another does."""
    store = Store(tmp_path)
    store.save(KEYS[0], entry_of(0))
    first = store.load(KEYS[0])
    assert first is not None
    _flip(tmp_path / "runs" / KEYS[0][:2] / KEYS[0] / "arrays.safetensors", -1)
    assert store.load(KEYS[0]) is first
    assert not any(array.flags.writeable for array in first.arrays.values())
    assert Store(tmp_path).load(KEYS[0]) is None


def test_memory_holds_what_was_used_last() -> None:
    """Beyond its bytes, the entry that was not used for the longest time goes first; a larger one is never kept."""
    entries = [Entry({"x": np.zeros(10, dtype=np.uint8)}, {}) for _ in range(3)]
    recent = Recent(20)
    for key, entry in zip(KEYS, entries, strict=False):
        recent.get(KEYS[0])
        recent.keep(key, entry)
    assert [recent.get(key) for key in KEYS[:3]] == [entries[0], None, entries[2]]
    recent.keep(KEYS[3], Entry({"x": np.zeros(21, dtype=np.uint8)}, {}))
    assert recent.get(KEYS[3]) is None
    assert recent.get(KEYS[0]) is entries[0]
