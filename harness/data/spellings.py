"""The names under which files hold the arrays of a data set, where it is certain what they mean."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from memorization_claims.errors import DataError

NAMES = ("x_train", "y_train", "x_test", "y_test")
"""What the arrays are called here; others' names for them are translated."""
LEGAL = f"legal are {', '.join(NAMES)}, or as others call them, such as train_images, train_labels"

_WORDS = {
    "x": ("x", "image", "images", "img", "imgs", "data", "feature", "features", "input", "inputs"),
    "y": ("y", "label", "labels", "target", "targets"),
}
_PARTS = {
    "train": ("train", "training", "trainset"),
    "test": ("test", "testing", "testset"),
    "val": ("val", "valid", "validation", "valset"),
    "": ("",),
}
_SLOTS = {
    spelled: f"{kind}_{part}".rstrip("_")
    for kind, words in _WORDS.items()
    for word in words
    for part, spellings in _PARTS.items()
    for spelling in spellings
    for spelled in (word + spelling, spelling + word)
}
"""What is meant by each name in lower case and without anything between its words; `x` and `y` are of no part."""


class Named(NamedTuple):
    """Where the arrays of a data set are."""

    keys: dict[str, str]
    """The name there of each of `NAMES` that there is."""
    unused: frozenset[str]
    """The names of a validation set that is left out."""
    notes: tuple[str, ...]
    """What was translated, and what is left out, a sentence each."""


def named(there: Collection[str], where: object, short: str) -> Named:
    """Find the arrays of a data set among the names that there are.

    A validation set takes the place of a test set where there is none.

    Args:
        there: the names.
        where: the file or function, for messages.
        short: the same, for notes.

    Raises:
        DataError: where several arrays have the same meaning, or training images or labels are missing.
    """
    keys = {slot: _one(slot, there, where) for slot in dict.fromkeys(_slots(there).values())}
    if not {"x_train", "y_train"} & keys.keys() and {"x", "y"} <= keys.keys():
        keys |= {"x_train": keys["x"], "y_train": keys["y"]}
    validation = [keys[slot] for slot in ("x_val", "y_val") if slot in keys]
    if len(validation) == 2 and not {"x_test", "y_test"} & keys.keys():
        keys |= {"x_test": keys["x_val"], "y_test": keys["y_val"]}
        validation = []
    keys = {name: keys[name] for name in NAMES if name in keys}
    if missing := {"x_train", "y_train"} - keys.keys():
        raise DataError(f"{where} lacks {', '.join(sorted(missing))}; it has {_shown(there)}; {LEGAL}")
    if ("x_test" in keys) != ("y_test" in keys):
        raise DataError(f"{where} has only one of x_test and y_test; give both or neither")
    verb = "are" if len(validation) > 1 else "is"
    notes = [f"{' and '.join(validation)} of {short} {verb} not used"] if validation else []
    if other := {name: key for name, key in keys.items() if name != key}:
        notes.insert(0, f"arrays {', '.join(other.values())} of {short} are read as {', '.join(other)}")
    return Named(keys, frozenset(validation), tuple(notes))


def _slots(there: Collection[str]) -> dict[str, str]:
    """What each of the names means, of those that mean anything."""
    plain = {name: re.sub(r"[^a-z0-9]", "", name.lower()) for name in there}
    return {name: _SLOTS[spelled] for name, spelled in plain.items() if spelled in _SLOTS}


def _one(slot: str, there: Collection[str], where: object) -> str:
    """The name of what is meant: our own where it is there, else the only one."""
    alike = [name for name, meant in _slots(there).items() if meant == slot]
    if slot in NAMES and slot in alike:
        return slot
    if len(alike) > 1 and not slot.endswith("_val"):
        raise DataError(f"{where} has {' and '.join(alike)}, each of which may be {slot}; legal is one of them")
    return alike[0]


def _shown(there: Collection[str]) -> str:
    names = sorted(there)
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "") or "nothing"
