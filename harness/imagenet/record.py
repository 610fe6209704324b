"""The record of a training: the name under which the store keeps it, and the command that makes it."""

from __future__ import annotations

import shlex
from dataclasses import fields
from pathlib import Path

from memorization_claims.spec.data import DataSpec
from memorization_claims.spec.imagenet import ImagenetSpec
from memorization_claims.store import fingerprint
from memorization_claims.store.key import key

CODE = ("memorization_claims.imagenet.training", "memorization_claims.data.corruptions.random_labels")
OPTIONS = [
    each
    for each in fields(ImagenetSpec)
    if each.name not in {field.name for field in fields(DataSpec)} | {"training_images", "validation_images", "classes"}
]
"""What the command line decides besides labels and seed; the folder decides the rest."""
PROCESSES = 8
"""Devices of one machine, of which each takes one part of a batch."""


def key_of(spec: ImagenetSpec, patched: str = "") -> str:
    """The name of a training in the store.

    A training takes days, so releases of libraries, the device and the number of processes are no part of its name:
    the record tells them.

    Args:
        spec: what is trained.
        patched: the mutant that has patched the code, if one has; no command trains under one.
    """
    return key(spec=spec.to_dict(), code=fingerprint.of_code(*CODE, libraries=False), patched=patched)


def command_of(spec: ImagenetSpec, store: Path) -> str:
    """The command that trains it, but for the folder of images."""
    words = ["torchrun", f"--nproc-per-node={PROCESSES}", "-m", "memorization_claims.imagenet", "--imagenet", "DIR"]
    words += ["--store", str(store), "--seed", str(spec.seed)]
    if spec.corruption.kind != "none":
        words += ["--labels", "random"]
    for each in OPTIONS:
        value = getattr(spec, each.name)
        if value != each.default:
            words += [option(each.name), *([] if value is True else [str(value)])]
    return shlex.join(words)


def option(field: str) -> str:
    """How the command line names a field."""
    return f"--{field.replace('_', '-')}"
