"""Faults in a store's files: damage, swaps, other versions, and what was sealed to look whole."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path
from random import Random

import numpy as np
import safetensors.numpy

from memorization_claims.store import Store
from memorization_claims.store.entry import ARRAYS, MANIFEST, _sealed, _sha256
from memorization_claims.tests.faults.small import KEYS, Payload, filled, place, recovers, remove, run_of
from memorization_claims.tests.store_samples import same_bits


def corrupted(random: Random, folder: Path) -> None:
    """Some bytes of some runs are others."""
    root, kept = filled(random, folder)
    hurt = random.sample(sorted(kept), random.randint(1, 4))
    for key in hurt:
        file = place(root, key) / random.choice((ARRAYS, MANIFEST))
        content = bytearray(file.read_bytes())
        for _ in range(random.randint(1, 5)):
            content[random.randrange(len(content))] ^= 1 << random.randrange(8)
        if bytes(content) == file.read_bytes():  # flipped twice
            content[0] ^= 1
        file.write_bytes(content)
    recovers(root, kept - set(hurt), damaged=len(hurt))


def truncated(random: Random, folder: Path) -> None:
    """Some runs' files are cut, empty, longer or away."""
    root, kept = filled(random, folder)
    hurt = random.sample(sorted(kept), random.randint(1, 4))
    for key in hurt:
        file = place(root, key) / random.choice((ARRAYS, MANIFEST))
        size = file.stat().st_size
        how = random.choice(("cut", "empty", "longer", "away"))
        if how == "away":
            file.unlink()
        else:
            os.truncate(file, {"cut": random.randrange(size), "empty": 0, "longer": size + random.randint(1, 9)}[how])
    recovers(root, kept - set(hurt), damaged=len(hurt))


def swapped(random: Random, folder: Path) -> None:
    """Two runs have each other's folder, arrays or manifest."""
    root, kept = filled(random, folder)
    pair = random.sample(sorted(kept), 2)
    one, other = (place(root, key) / random.choice(("", ARRAYS, MANIFEST)) for key in pair)
    other = place(root, pair[1]) / one.relative_to(place(root, pair[0]))
    aside = folder / "aside"
    one.rename(aside)
    other.rename(one)
    aside.rename(other)
    recovers(root, kept - set(pair), damaged=2)


def of_another_version(random: Random, folder: Path) -> None:
    """A run's folder is that of a store with other files, other fields or another layout."""
    root, kept = filled(random, folder)
    key = random.choice(sorted(kept))
    here, how = place(root, key), random.choice(("file", "link", "bare", "fields", "facts", "key", "layout"))
    damaged = 1
    if how in ("file", "link", "bare"):
        remove(here)
        if how == "file":
            here.write_bytes(random.randbytes(40))
        elif how == "link":
            here.symlink_to("nowhere")
        else:
            here.mkdir()
            (here / "run.pkl").write_bytes(pickle.dumps(Payload(folder)))
    elif how == "layout":  # what nobody asks for stays and is in nobody's way
        remove(here)
        for name in ("index.sqlite", f"{key}.npz", "runs/README", f"runs/{key}.json", f"runs/{key[:2]}/other"):
            (root / name).write_bytes(random.randbytes(20))
        damaged = 0
    else:
        body = json.loads((here / MANIFEST).read_bytes())
        body.pop("sha256")
        body.pop(random.choice(sorted(body)) if how == "fields" else how)
        (here / MANIFEST).write_bytes(_sealed(json.dumps(body).encode()))
    recovers(root, kept - {key}, damaged=damaged)


def sealed(random: Random, folder: Path) -> None:
    """Somebody gave a run's files checksums that are right, and put in what no version of this project would."""
    root, kept = filled(random, folder)
    key = random.choice(sorted(kept))
    contents = {
        "pickle": pickle.dumps(Payload(folder)),
        "noise": random.randbytes(random.randrange(200)),
        "length": (2**62).to_bytes(8, "little") + b"{}",
        "bfloat16": safetensors.numpy.save({"x": np.zeros(2, np.uint8)}).replace(b'"U8"', b'"F9"'),
        "zip": b"PK\x03\x04" + bytes(60),
    }
    bodies = {
        "nested": b"[" * 100_000,
        "deep": b'{"facts":' * 50_000 + b"1" + b"}" * 50_000,
        "list": b'["key"]}',
        "null": b"null}",
        "text": b'{"key":"\xff\xfe"}',
        "number": b'{"key":' + b"9" * 6000 + b"}",
        "bytes": b'{"arrays":{"bytes":null,"sha256":[]},"facts":{},"key":"' + key.encode() + b'"}',
        "facts": b'{"arrays":{"bytes":1,"sha256":1},"facts":[],"key":"' + key.encode() + b'"}',
    }
    how = random.choice((*contents, *bodies))
    if how in contents:
        content = contents[how]
        body = {"arrays": {"bytes": len(content), "sha256": _sha256(content)}, "facts": {}, "key": key}
        (place(root, key) / ARRAYS).write_bytes(content)
        (place(root, key) / MANIFEST).write_bytes(_sealed(json.dumps(body).encode()))
    else:
        (place(root, key) / MANIFEST).write_bytes(_sealed(bodies[how]))
    recovers(root, kept - {key}, damaged=1)


def checkpoints(random: Random, folder: Path) -> None:
    """A checkpoint is damaged, another run's, or made to be unpickled: it is whole or none."""
    store = Store(folder / "store")
    key, other = random.sample(KEYS, 2)
    store.checkpoints.save(key, run_of(key))
    store.checkpoints.save(other, run_of(other))
    files = folder / "store" / "checkpoints"
    content = bytearray((files / key).read_bytes())
    how = random.choice(("flip", "cut", "other", "pickle", "empty", "folder"))
    if how == "flip":
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    elif how == "cut":
        content = content[: random.randrange(len(content))]
    elif how == "pickle":
        content = bytearray(pickle.dumps(Payload(folder)))
    elif how == "empty":
        content = bytearray()
    (files / key).write_bytes(content)
    if how == "other":
        shutil.copy(files / other, files / key)
    elif how == "folder":
        (files / key).unlink()
        (files / key).mkdir()
    assert store.checkpoints.load(key) is None
    found = store.checkpoints.load(other)
    assert found is not None
    assert same_bits(found, run_of(other))
    if how != "folder":
        store.checkpoints.save(key, run_of(key))
        assert store.checkpoints.load(key) is not None
    recovers(folder / "store", set())
