"""The store among processes: they share what they make, and survive each other's deaths."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from memorization_claims.store import Store
from memorization_claims.tests.store_samples import KEYS, Maker, key_of, leftovers

ROOT = Path(__file__).resolve().parents[2]

# The scripts get the root of the store and the keys.
PREAMBLE = """
import os, sys, time
from pathlib import Path
import numpy as np
from memorization_claims.store import Entry, Store
root, keys = Path(sys.argv[1]), sys.argv[2:]
def entry(key):
    return Entry({"pid": np.full(3, os.getpid())}, {"key": key})
def note(word):
    with open(root / "notes", "a") as notes:
        notes.write(word + chr(10))
"""

MAKE = """
def make(missing):
    for key in missing:
        note(key)
        time.sleep(0.02)
        yield key, entry(key)
store = Store(root)
print("ready", flush=True)
sys.stdin.readline()
obtained = store.obtain(keys, make, chunk=int(os.environ["CHUNK"]))
print(*(int(obtained.entries[key].arrays["pid"][0]) for key in keys), len(obtained.made), flush=True)
"""

MAKE_TWO_AND_HANG = """
def hang(descriptor):
    print("hanging", flush=True)
    time.sleep(60)
def make(missing):
    yield missing[0], entry(missing[0])
    yield missing[1], entry(missing[1])
    os.fsync = hang
    yield missing[2], entry(missing[2])
Store(root).obtain(keys, make)
"""


def _start(script: str, root: Path, keys: Sequence[str], chunk: int = 64) -> subprocess.Popen[str]:
    """Run a script in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + script, str(root), *keys],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "CHUNK": str(chunk)},
    )


def _expect(process: subprocess.Popen[str], line: str) -> None:
    """Wait until a process has printed a line."""
    assert process.stdout is not None
    assert process.stdout.readline() == line + "\n"


def _go(processes: Sequence[subprocess.Popen[str]]) -> list[list[int]]:
    """Let processes that are ready obtain their runs together, and return the numbers that each printed."""
    for process in processes:
        _expect(process, "ready")
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return [[int(number) for number in output.split()] for output in outputs]


@pytest.mark.parametrize("chunk", [1, 64])
def test_eight_processes_make_four_runs(tmp_path: Path, chunk: int) -> None:
    """Whoever asks first makes each run, once, and all eight get the same four, also when they ask in other orders."""
    orders = [KEYS[turn % 4 :] + KEYS[: turn % 4] for turn in range(8)]
    processes = [_start(MAKE, tmp_path, order, chunk) for order in orders]
    numbers = _go(processes)
    made_by = [dict(zip(order, pids, strict=False)) for order, pids in zip(orders, numbers, strict=True)]
    assert all(pids == made_by[0] for pids in made_by)
    assert sum(line[-1] for line in numbers) == 4
    assert sorted((tmp_path / "notes").read_text().split()) == sorted(KEYS)
    assert leftovers(tmp_path) == []


def _kill(process: subprocess.Popen[str]) -> None:
    """End a process as the system does when memory runs out: without a chance to tidy up."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_process_loses_only_what_it_had_not_yielded(tmp_path: Path) -> None:
    """After SIGKILL in mid-save two runs stay, the draft is swept, no lock is held, and the next makes the rest."""
    process = _start(MAKE_TWO_AND_HANG, tmp_path, KEYS)
    try:
        _expect(process, "hanging")
    finally:
        _kill(process)
    (draft,) = leftovers(tmp_path)
    assert draft.name.startswith(f".{KEYS[2]}.")
    maker = Maker()
    obtained = Store(tmp_path).obtain(KEYS, maker)
    assert maker.asked == [(KEYS[2], KEYS[3])]
    assert obtained.reused == set(KEYS[:2])
    assert obtained.made == set(KEYS[2:])
    assert leftovers(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_who_waits_takes_over_from_who_was_killed(tmp_path: Path) -> None:
    """A process does what is free first, then waits for another's runs, and makes them when the other is killed."""
    other = key_of("free")
    process = _start(MAKE_TWO_AND_HANG, tmp_path, KEYS)
    maker = Maker()
    try:
        _expect(process, "hanging")
        results: list[frozenset[str]] = []
        waiting = threading.Thread(target=lambda: results.append(Store(tmp_path).obtain([*KEYS, other], maker).made))
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
        assert maker.asked == [(other,)]
        assert len(leftovers(tmp_path)) == 1
    finally:
        _kill(process)
    waiting.join(30)
    assert results == [frozenset([*KEYS[2:], other])]
    assert sorted(key for asked in maker.asked for key in asked) == sorted([*KEYS[2:], other])
    assert leftovers(tmp_path) == []
