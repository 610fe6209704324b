"""The store: what goes in comes out, and what is missing is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import filelock
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from memorization_claims.errors import SettingError
from memorization_claims.store import JSON, Entry, Store
from memorization_claims.store.entry import DTYPES, pack, unpack
from memorization_claims.tests.store_samples import KEYS, Maker, entry_of, key_of, leftovers, same_bits

ARRAYS = st.dictionaries(
    st.text(max_size=8).filter(lambda name: name != "__metadata__"),
    hnp.arrays(st.sampled_from(DTYPES), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)),
    max_size=4,
)
FACTS: st.SearchStrategy[dict[str, JSON]] = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)


@given(entry=st.builds(Entry, ARRAYS, FACTS))
def test_an_entry_survives_its_files(entry: Entry) -> None:
    """Every dtype, shape, NaN, empty array and JSON fact comes back bit for bit."""
    assert same_bits(unpack(KEYS[0], pack(KEYS[0], entry)), entry)


@given(entry=st.builds(Entry, ARRAYS, FACTS))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_entry_survives_the_disk(tmp_path: Path, entry: Entry) -> None:
    """A run, and a value measured from it, come back bit for bit from another store object on the same folder."""
    key = key_of(pack(KEYS[0], entry))
    Store(tmp_path).save(key, entry)
    Store(tmp_path).save_value(key, entry.arrays)
    loaded, value = Store(tmp_path).load(key), Store(tmp_path).load_value(key)
    assert loaded is not None
    assert value is not None
    assert same_bits(loaded, entry)
    assert same_bits(Entry(value, {}), Entry(entry.arrays, {}))


def test_strides_do_not_matter(tmp_path: Path) -> None:
    """Arrays that do not lie in memory in row order come back with the same numbers in the same places."""
    whole = np.arange(24.0).reshape(4, 6)
    views = {"columns": np.asfortranarray(whole), "every_other": whole[::2, ::3], "backwards": whole[::-1]}
    Store(tmp_path).save(KEYS[0], Entry(views, {}))
    loaded = Store(tmp_path).load(KEYS[0])
    assert loaded is not None
    for name, view in views.items():
        np.testing.assert_array_equal(loaded.arrays[name], view)


def test_made_and_found_cannot_be_told_apart(tmp_path: Path) -> None:
    """A run just made has gone through the same bytes as one found: read-only arrays, and lists for tuples."""

    def make(keys: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        yield keys[0], Entry({"x": np.broadcast_to(np.float32(1), (3,))}, {"z": (1, 2), "a": 0})

    made = Store(tmp_path).obtain(KEYS[:1], make).entries[KEYS[0]]
    found = Store(tmp_path).obtain(KEYS[:1], make).entries[KEYS[0]]
    assert same_bits(made, found)
    assert list(made.facts.items()) == list(found.facts.items()) == [("a", 0), ("z", [1, 2])]
    assert not made.arrays["x"].flags.writeable
    assert not found.arrays["x"].flags.writeable


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    """A run or a value that nobody saved is None, and no damage."""
    store = Store(tmp_path)
    assert store.load(KEYS[0]) is None
    assert store.load_value(KEYS[0]) is None
    assert store.damaged == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    """Saving a key again keeps the first run: the same key is the same run."""
    store = Store(tmp_path)
    store.save(KEYS[0], entry_of(1))
    store.save(KEYS[0], entry_of(2))
    loaded = store.load(KEYS[0])
    assert loaded is not None
    assert same_bits(loaded, entry_of(1))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            Entry({"w": np.zeros(2, complex)}, {}),
            r"The array 'w' has dtype '<c16', which cannot be kept; legal are bool, ",
        ),
        (
            Entry({"w": np.zeros(2, ">f4")}, {}),
            r"The array 'w' has dtype '>f4', which cannot be kept; legal are bool, ",
        ),
        (Entry({"__metadata__": np.zeros(2)}, {}), r"An array cannot be named '__metadata__', which safetensors keeps"),
        (
            Entry({}, {"loss": float("nan")}),
            r"The facts of run 5feceb66\w+ cannot be kept: .* Legal are None, bool,",
        ),
        (Entry({}, {"loss": np.float32(1)}), r"The facts of run .* cannot be kept: .*float32 is not JSON serializable"),  # type: ignore[dict-item]
    ],
    ids=["complex128", "byte order", "name", "NaN fact", "NumPy fact"],
)
def test_what_cannot_be_kept_is_refused(tmp_path: Path, entry: Entry, message: str) -> None:
    """What would not come back as it went in is refused, and leaves nothing behind."""
    with pytest.raises(SettingError, match=message):
        Store(tmp_path).save(KEYS[0], entry)
    assert Store(tmp_path).load(KEYS[0]) is None
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("key", ["", "abc", "../" * 21 + "a", key_of(0).upper(), key_of(0) + "\n"])
def test_what_is_no_key_is_refused(tmp_path: Path, key: str) -> None:
    """A key that is no SHA-256 could name a place outside the store."""
    with pytest.raises(SettingError, match="is no key of the store; legal is a SHA-256 in 64 lower-case hexadecimal"):
        Store(tmp_path).load(key)
    with pytest.raises(SettingError, match="is no key of the store"):
        Store(tmp_path).save(key, entry_of(0))


def test_obtain_keeps_the_order_and_makes_in_chunks(tmp_path: Path) -> None:
    """Entries come in the order asked, a key asked twice counts once, and no more than a chunk is made at a time."""
    store, maker = Store(tmp_path), Maker()
    store.save(KEYS[2], entry_of(int(KEYS[2][:4], 16)))
    obtained = store.obtain([KEYS[3], KEYS[2], KEYS[0], KEYS[3], KEYS[1]], maker, chunk=2)
    assert list(obtained.entries) == [KEYS[3], KEYS[2], KEYS[0], KEYS[1]]
    assert all(same_bits(entry, entry_of(int(key[:4], 16))) for key, entry in obtained.entries.items())
    assert maker.asked == [(KEYS[3], KEYS[0]), (KEYS[1],)]
    assert obtained.made == {KEYS[0], KEYS[1], KEYS[3]}
    assert obtained.reused == {KEYS[2]}
    assert store.obtain([], maker).entries == {}


def test_a_chunk_below_one_is_refused(tmp_path: Path) -> None:
    """A chunk of nothing would never end."""
    with pytest.raises(SettingError, match=r"^chunk is 0; legal are whole numbers from 1\.$"):
        Store(tmp_path).obtain(KEYS, Maker(), chunk=0)


def test_an_error_while_making_keeps_what_was_yielded(tmp_path: Path) -> None:
    """What make raises comes through unchanged; the runs before it are kept, and the rest can be made at once."""

    def make(keys: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        yield keys[0], entry_of(0)
        raise FloatingPointError("the loss diverged")

    with pytest.raises(FloatingPointError, match="the loss diverged") as kept:
        Store(tmp_path).obtain(KEYS, make)
    # The traceback, which pytest keeps until the end of a session, must not keep the locks with it.
    assert kept.tb is not None
    for key in KEYS:
        filelock.FileLock(tmp_path / "locks" / "runs" / f"{key}.lock").acquire(blocking=False).lock.release()
    assert Store(tmp_path).obtain(KEYS, Maker()).reused == {KEYS[0]}


def test_a_maker_that_breaks_its_word_is_an_error(tmp_path: Path) -> None:
    """A run that was not asked for, or one that does not come, is an error and not an endless loop."""
    store = Store(tmp_path)
    with pytest.raises(RuntimeError, match=rf"^make yielded {KEYS[1]}, which is none of the keys that it still had to"):
        store.obtain(KEYS[:1], lambda keys: iter([(KEYS[1], entry_of(1))]))
    with pytest.raises(RuntimeError, match=rf"^make ended without {KEYS[0]}, {KEYS[1]}\.$"):
        store.obtain(KEYS[:2], lambda keys: iter([]))
    assert store.obtain(KEYS, Maker()).made == set(KEYS)
