"""Corrupts a training set, or other images as those of a run are; the kinds are in `data/corruptions`."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from memorization_claims.errors import SettingError
from memorization_claims.seed import numpy_generator, stream
from memorization_claims.spec import named, names
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.facts import check_fraction, facts_of
from memorization_claims.spec.user_code import user_code


@dataclass(frozen=True, eq=False)
class Corrupted:
    """A training set after its corruption."""

    images: np.ndarray
    """Images, (n, channels, height, width), float32."""
    labels: np.ndarray
    """Labels, (n,), int64 in [0, classes)."""
    classes: int
    changed: np.ndarray
    """Which examples the corruption was applied to, (n,), bool. One random label in `classes` keeps its value."""


def corrupt(images: np.ndarray, labels: np.ndarray, classes: int, corruption: Corruption, seed: int) -> Corrupted:
    """Corrupt a training set; the arguments are left as they are.

    For one seed, the examples touched by a lower fraction are among those of a higher one and, except of permuted
    labels, get the same values.

    Args:
        images: (n, channels, height, width), float32; none at all if the corruption does not touch inputs.
        labels: (n,), int64 in [0, classes).
        classes: number of classes.
        corruption: kind and fraction.
        seed: the run's seed; draws from its stream "pixels" if inputs are touched, else from its stream "labels".

    Raises:
        SettingError: for an unknown kind, or a user's that does not return what it should.
    """
    generator = _generator(corruption.kind, seed)
    chosen = _chosen(corruption, len(labels), generator)
    return _corrupted(images, labels, classes, corruption, chosen, generator)


def corrupt_held_out(
    images: np.ndarray, labels: np.ndarray, classes: int, corruption: Corruption, *, seed: int, examples: int
) -> Corrupted:
    """Corrupt images that a run was not trained on in the way of those that it was; the arguments are left as they are.

    What the corruption draws once for all images is what the training images got, such as the order of pixels; all else
    is drawn afresh.

    Args:
        images: (n, channels, height, width), float32.
        labels: (n,), int64 in [0, classes).
        classes: number of classes.
        corruption: the run's.
        seed: the run's.
        examples: number of training examples of the run.

    Raises:
        SettingError: for an unknown kind, or a user's that does not return what it should.
    """
    generator = _generator(corruption.kind, stream(seed, "measure", "held-out"))
    chosen = _chosen(corruption, len(labels), generator)
    if facts_of(corruption.kind).one_draw:
        generator = _generator(corruption.kind, seed)
        _chosen(corruption, examples, generator)  # which training examples are touched comes first in the stream
    return _corrupted(images, labels, classes, corruption, chosen, generator)


def _generator(kind: str, seed: int) -> np.random.Generator:
    return numpy_generator(seed, "pixels" if facts_of(kind).inputs else "labels")


def _chosen(corruption: Corruption, examples: int, generator: np.random.Generator) -> np.ndarray:
    """Indices of the examples to touch; those of a higher fraction begin with those of a lower."""
    facts = facts_of(corruption.kind)
    count = round(corruption.fraction * examples) if facts.labels or facts.inputs else 0
    return generator.permutation(examples)[:count]


def _corrupted(
    images: np.ndarray,
    labels: np.ndarray,
    classes: int,
    corruption: Corruption,
    chosen: np.ndarray,
    generator: np.random.Generator,
) -> Corrupted:
    kind, facts = corruption.kind, facts_of(corruption.kind)
    check_fraction(kind, corruption.fraction)
    given = _read_only(images), _read_only(labels)
    function = named.find("corruption", names.corruption(kind))
    with user_code(f"corruption {kind!r}") if ":" in kind else nullcontext():
        returned = function(*given, classes, chosen, generator)
    if not isinstance(returned, tuple) or len(returned) != 3:
        description = f"a tuple of {len(returned)}" if isinstance(returned, tuple) else type(returned).__name__
        raise SettingError(f"corruption {kind!r} returned {description}; legal is a tuple (images, labels, classes)")
    out = _returned(kind, "images", (images, given[0], returned[0]), facts.inputs, np.float32)
    new = _returned(kind, "labels", (labels, given[1], returned[1]), facts.labels, np.int64)
    _check_classes(kind, new, returned[2], None if facts.new_classes else classes)
    changed = np.zeros(len(labels), dtype=bool)
    changed[chosen] = True
    return Corrupted(out, new, returned[2], changed)


def _read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view


def _returned(
    kind: str, what: str, arrays: tuple[np.ndarray, np.ndarray, Any], touched: bool, dtype: type[np.generic]
) -> np.ndarray:
    """What a corruption made of an array, by its original, the view that was given, and what was returned."""
    old, view, new = arrays
    if new is view:
        return old  # the caller's own, which runs share in memory
    numeric = isinstance(new, np.ndarray) and np.issubdtype(new.dtype, np.integer if dtype is np.int64 else np.floating)
    if not numeric or new.shape != old.shape:
        description = f"{new.dtype} of shape {new.shape}" if isinstance(new, np.ndarray) else type(new).__name__
        raise SettingError(f"corruption {kind!r} returned as {what} {description}; legal is {old.dtype} of {old.shape}")
    if not touched and not np.array_equal(old, new):
        raise SettingError(f"corruption {kind!r} returned other {what}, which its `touches` does not name")
    made: np.ndarray = np.require(new, dtype, ["C", "W"])
    return made if touched else old


def _check_classes(kind: str, labels: np.ndarray, classes: int, legal: int | None) -> None:
    if legal is not None and classes != legal:
        raise SettingError(
            f"corruption {kind!r} returned {classes} classes; legal is {legal}, or new_classes=True in its `touches`"
        )
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise SettingError(
            f"corruption {kind!r} returned labels from {labels.min()} to {labels.max()} for {classes} classes; "
            f"legal is 0 to {classes - 1}"
        )
