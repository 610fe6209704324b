"""What the store keeps of a run, and its form on the disk, in which a single flipped bit is noticed.

An entry becomes two files: the arrays as safetensors, and a manifest with the facts and the checksums of both. The
checksums are not a luxury: safetensors reads a flipped bit without a word.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from memorization_claims.errors import SettingError

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

ARRAYS = "arrays.safetensors"
MANIFEST = "manifest.json"

DTYPES = tuple(
    np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64"),
    )
)
"""What both NumPy and safetensors have, in this machine's byte order."""


@dataclass(frozen=True)
class Entry:
    """What is kept of one run."""

    arrays: dict[str, NDArray[Any]]
    """Weights and traces by name, of any shape, with a dtype in `DTYPES`."""

    facts: dict[str, JSON]
    """Small facts, such as the run's spec, its epochs and its seconds, without NaN or infinity."""


class DamageError(Exception):
    """Two files that are not what was once packed; the message says what is wrong in a few words."""


def pack(key: str, entry: Entry) -> dict[str, bytes]:
    """Turn an entry into the content of its files, by name.

    Args:
        key: the name that the entry is kept under; it is part of the manifest.
        entry: arrays and facts.

    Returns:
        The bytes of `ARRAYS` and `MANIFEST`.

    Raises:
        SettingError: an array whose dtype or name cannot be kept, or facts that are not JSON.
    """
    # safetensors writes an array's memory as it lies there, so that strides would come back as other numbers.
    arrays = {name: np.asarray(array, order="C") for name, array in entry.arrays.items()}
    for name, array in arrays.items():
        _check_array(name, array)
    content = safetensors.numpy.save(arrays)
    body = {"arrays": {"bytes": len(content), "sha256": _sha256(content)}, "facts": entry.facts, "key": key}
    try:
        manifest = _sealed(_canonical(body))
    except (TypeError, ValueError) as error:
        raise SettingError(
            f"The facts of run {key} cannot be kept: {error}. Legal are None, bool, int, finite float, str, and lists "
            "and dictionaries of these."
        ) from error
    return {ARRAYS: content, MANIFEST: manifest}


def unpack(key: str, files: Mapping[str, bytes]) -> Entry:
    """Turn the content of the files back into the entry, verified to the last bit.

    Args:
        key: the name that it was found under.
        files: the bytes of `ARRAYS` and `MANIFEST`.

    Returns:
        The entry; its arrays are read-only, since whoever asks for it gets the same.

    Raises:
        DamageError: something differs from what `pack` made.
    """
    manifest = _open_manifest(key, files[MANIFEST])
    content = files[ARRAYS]
    if len(content) != manifest["arrays"]["bytes"]:
        raise DamageError(f"{ARRAYS} has {len(content)} bytes instead of {manifest['arrays']['bytes']}")
    if _sha256(content) != manifest["arrays"]["sha256"]:
        raise DamageError(f"{ARRAYS} does not match its checksum")
    try:
        arrays = dict(safetensors.numpy.load(content))
    except Exception as error:  # whoever sealed it did not pack it: safetensors raises what it and NumPy trip over
        raise DamageError(f"{ARRAYS} holds no arrays ({type(error).__name__})") from error
    for array in arrays.values():
        array.setflags(write=False)
    return Entry(arrays, manifest["facts"])


def _open_manifest(key: str, content: bytes) -> dict[str, Any]:
    """The manifest's fields, once its own checksum and key are right."""
    body = content[: -len(_sealed(b"}"))] + b"}"
    # The bytes are compared, and not what they say: JSON can say one thing in two ways, as in \u00e9 and \u00E9.
    if content != _sealed(body):
        raise DamageError(f"{MANIFEST} does not match its checksum")
    try:
        fields: dict[str, Any] = json.loads(body)
        found, facts, _, _ = fields["key"], fields["facts"], fields["arrays"]["bytes"], fields["arrays"]["sha256"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise DamageError(f"{MANIFEST} has other fields than this version's") from error
    if not isinstance(facts, dict):
        raise DamageError(f"{MANIFEST} has other fields than this version's")
    if found != key:
        raise DamageError(f"{MANIFEST} belongs to {str(found)[:80]}")
    return fields


def _sealed(body: bytes) -> bytes:
    """A JSON object with its own checksum as one more field, which comes last."""
    return body[:-1] + f',"sha256":"{_sha256(body)}"}}'.encode()


def _check_array(name: str, array: NDArray[Any]) -> None:
    """Refuse what safetensors would refuse, or keep as something else."""
    if array.dtype not in DTYPES:
        legal = ", ".join(map(str, DTYPES))
        raise SettingError(
            f"The array {name!r} has dtype {array.dtype.str!r}, which cannot be kept; legal are {legal}."
        )
    if name == "__metadata__":
        raise SettingError("An array cannot be named '__metadata__', which safetensors keeps for itself.")


def _canonical(content: Mapping[str, Any]) -> bytes:
    """The one way to write some content as JSON."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
