"""Faults of the machine: no room, no writing, clocks that jump, locks left behind, odd paths, dying processes."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

from memorization_claims.errors import StoreError
from memorization_claims.store import Store
from memorization_claims.store.locks import Locks
from memorization_claims.tests.faults.small import (
    KEYS,
    filled,
    judged,
    make,
    place,
    recovers,
    run_of,
    undisturbed,
)

CALLS = ("os.fsync", "os.mkdir", "os.rename", "os.open", "io.open")
"""What the system can refuse a store."""


@contextlib.contextmanager
def _refused(random: Random, codes: tuple[int, ...], root: Path) -> Iterator[None]:
    """One of the calls fails on the store from a random one on, as each does on a disk that stays full."""
    call, left, code = random.choice(CALLS), random.randrange(60), random.choice(codes)
    module, name = call.split(".")
    real = getattr(sys.modules[module], name)

    def refuse(*arguments: Any, **options: Any) -> Any:
        nonlocal left
        ours = isinstance(arguments[0], int) or os.fspath(root) in os.fspath(arguments[0])
        writes = name != "open" or any(str(each)[:1] in "xwa" for each in arguments[1:] if isinstance(each, str))
        writes = writes or (module == "os" and bool(arguments[1] & os.O_CREAT))
        if ours and writes:
            left -= 1
            if left < 0:
                raise OSError(code, os.strerror(code))
        return real(*arguments, **options)

    with mock.patch(call, refuse):
        yield


def _interrupted(root: Path) -> set[str]:
    """What a session finished that the system refused something, in plain words."""
    done: set[str] = set()

    def noted(keys: Any) -> Iterator[Any]:
        for key, entry in make(keys):
            yield key, entry
            done.add(key)  # whoever takes the next one has kept this

    try:
        Store(root).obtain(KEYS, noted, chunk=5)
    except StoreError as error:
        said = str(error)
    else:
        said = ""
    if said:
        assert said.startswith(f"The store of runs {root} cannot be "), said
        assert said.endswith("--claims-store PATH.")
        assert "\n" not in said
    return done


def full_disk(random: Random, folder: Path) -> None:
    """There is no room from a random moment on."""
    _kept_from_writing(random, folder, (errno.ENOSPC, errno.EDQUOT, errno.EIO), whole=False)


def read_only(random: Random, folder: Path) -> None:
    """The store cannot be written from a random moment on."""
    _kept_from_writing(random, folder, (errno.EROFS, errno.EACCES, errno.EPERM), whole=random.random() < 0.3)


def _kept_from_writing(random: Random, folder: Path, codes: tuple[int, ...], *, whole: bool) -> None:
    """What was finished before is there, and the rest can be made later."""
    root, kept = filled(random, folder, whole=whole)
    with _refused(random, codes, root):
        done = _interrupted(root)
    finished = {key for key in KEYS if place(root, key).is_dir()}
    assert kept | done <= finished
    recovers(root, finished)


def file_system(random: Random, folder: Path) -> None:
    """A real file system is full, or mounted for reading alone; without the right to mount, one with no more files."""
    root = folder / "mounted" / "store"
    root.parent.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={random.randint(80, 240)}k", "none", str(root.parent)],
        capture_output=True,
        check=False,
    )
    if mount.returncode:
        return full_disk(random, folder)
    try:
        done = _interrupted(root)
        if random.random() < 0.5:
            subprocess.run(["mount", "-o", "remount,ro", str(root.parent)], check=True)
            assert not _interrupted(root)
            subprocess.run(["mount", "-o", "remount,rw", str(root.parent)], check=True)
        subprocess.run(["mount", "-o", "remount,size=8m", str(root.parent)], check=True)
        finished = {key for key in KEYS if place(root, key).is_dir()}
        assert done <= finished
        recovers(root, finished)
    finally:
        subprocess.run(["umount", str(root.parent)], check=True)


def clock(random: Random, folder: Path) -> None:
    """The clock jumps at each look, and files are of other centuries."""
    root, kept = filled(random, folder, whole=False)
    for path in root.rglob("*"):
        os.utime(path, (random.randint(0, 2**32), random.randint(0, 2**32)))
    real = time.time
    with mock.patch("time.time", side_effect=lambda: real() + random.choice((-1, 1)) * random.uniform(0, 1e9)):
        recovers(root, kept)


def locks(random: Random, folder: Path) -> None:
    """Lock files and drafts are left, with any content, and by a process that was killed while it held some."""
    root, kept = filled(random, folder, whole=False)
    folder_of_locks = root / "locks" / "runs"
    folder_of_locks.mkdir(parents=True, exist_ok=True)
    for key in random.sample(KEYS, 12):
        (folder_of_locks / f"{key}.lock").write_bytes(random.randbytes(random.randrange(30)))
        draft = place(root, key).with_name(f".{key}.{random.randbytes(16).hex()}")
        draft.mkdir(parents=True)
        (draft / "manifest.json").write_bytes(random.randbytes(9))

    def hold() -> None:
        held = [Locks(folder_of_locks).attempt(key) for key in random.sample(KEYS, 8)]
        assert all(held)
        time.sleep(60)

    child = _forked(hold)
    time.sleep(0.05)
    _kill(child)
    for path in (root / "runs").glob("*/.*"):  # drafts beside what is kept wait for whoever makes that key
        if (key := path.name.split(".")[1]) in kept:
            Store(root)._runs.sweep_held(key)
    recovers(root, kept)


def paths(random: Random, folder: Path) -> None:
    """The store lies at a path that is no UTF-8, has line ends, blanks or quotes; errors can be printed."""
    odd = random.choice(
        (b"caf\xe9", b"\xff\xfe\x80", b"a\nb", b" ", b"'\"$(x)`;&", b"\x1b[31m", b"-n", "ß\u202e".encode())
    )
    below = folder / os.fsdecode(odd)
    below.mkdir()
    root, kept = filled(random, below, whole=False)
    recovers(root, kept)
    key = random.choice(KEYS)
    (place(root, key) / "manifest.json").write_bytes(b"")
    store = Store(root)
    assert store.load(key) is None
    assert len(store.damaged) == 1
    recovers(root, set(KEYS) - {key})


def killed_worker(random: Random, folder: Path) -> None:
    """One of three processes that make the same runs is killed; the others end with all of them."""
    root, kept = filled(random, folder, whole=False)
    expected = undisturbed()
    children = [_forked(_worker, root, random.randbytes(8), expected) for _ in range(3)]
    time.sleep(random.uniform(0, 0.25))
    killed = random.choice(children)
    finished = kept | {key for key in KEYS if place(root, key).is_dir()}
    _kill(killed)
    for child in children:
        assert child == killed or os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "a survivor went wrong"
    assert finished <= {key for key in KEYS if place(root, key).is_dir()}
    recovers(root, set(KEYS))


def killed_controller(random: Random, folder: Path) -> None:
    """The process that makes all runs is killed at a random moment."""
    root, kept = filled(random, folder, whole=False)
    child = _forked(_worker, root, random.randbytes(8), None)
    time.sleep(random.uniform(0, 0.25))
    _kill(child)
    finished = {key for key in KEYS if place(root, key).is_dir()}
    assert kept <= finished
    recovers(root, finished)


def two_sessions(random: Random, folder: Path) -> None:
    """Two or three sessions share a store: each run is made once, and all come to the undisturbed verdict."""
    root, kept = filled(random, folder, whole=False)
    expected = undisturbed()
    children = [_forked(_worker, root, random.randbytes(8), expected) for _ in range(random.randint(2, 3))]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * len(children)
    made = (root.parent / "made").read_text().split() if (root.parent / "made").exists() else []
    assert sorted(made) == sorted(set(KEYS) - kept), "some run was made twice or not at all"
    recovers(root, set(KEYS))


def _worker(root: Path, seed: bytes, expected: dict[str, Any] | None) -> None:
    """A session in the order and the chunks of its own, which notes what it makes."""
    random = Random(seed)
    order = random.sample(KEYS, len(KEYS))

    def noted(keys: Any) -> Iterator[Any]:
        for key in keys:
            time.sleep(0.005)
            yield key, run_of(key)
            with open(root.parent / "made", "a") as file:
                file.write(f"{key}\n")

    store = Store(root)
    store.obtain(order, noted, chunk=random.choice((1, 3, 64)))
    verdict, made = judged(store)
    assert not made
    assert expected is None or verdict == expected


def _forked(function: Callable[..., None], *arguments: Any) -> int:
    """A process that calls a function, and ends with 0 if it returns."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        function(*arguments)
        status = 0
    finally:
        os._exit(status)


def _kill(child: int) -> None:
    """End a process as the system does when memory runs out."""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
