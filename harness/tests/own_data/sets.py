"""Data sets as users may have them, generated: each is a function of a generator to the arrays of an .npz file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from memorization_claims.seed import numpy_generator

Arrays = Mapping[str, NDArray[np.generic]]
IntArray = NDArray[np.int64]


class Made(NamedTuple):
    """A data set that is generated."""

    says: str
    """What is peculiar to it."""
    arrays: Callable[[np.random.Generator], Arrays]


def _images(
    random: np.random.Generator, labels: IntArray, shape: tuple[int, ...] = (8, 8), spread: float = 40.0
) -> NDArray[np.uint8]:
    """Images of these classes, (n, *shape): a pattern for each class, twice in different lights, and pixel noise.

    Args:
        random: draws all of it.
        labels: (n,), from 0 on.
        shape: of one image.
        spread: the standard deviation of the noise, in grey levels of 256.
    """
    patterns = random.uniform(0, 255, (labels.max() + 1, *shape))
    light = random.uniform(0.6, 1.0, (len(labels), *[1] * len(shape)))
    noisy = patterns[labels] * light + random.normal(0, spread, (len(labels), *shape))
    return noisy.clip(0, 255).astype(np.uint8)


def _balanced(random: np.random.Generator, count: int, classes: int) -> IntArray:
    """As many labels of each class as may be, in a random order."""
    return random.permutation(np.arange(count) % classes)


def _plain(
    count: int = 1600, classes: int = 10, shape: tuple[int, ...] = (8, 8)
) -> Callable[[np.random.Generator], Arrays]:
    """So many images of so many classes and of this shape."""

    def arrays(random: np.random.Generator) -> Arrays:
        labels = _balanced(random, count, classes)
        return {"x_train": _images(random, labels, shape), "y_train": labels}

    return arrays


def _pure_noise(random: np.random.Generator) -> Arrays:
    images = random.integers(0, 256, (1600, 8, 8), dtype=np.uint8)
    return {"x_train": images, "y_train": random.integers(0, 10, 1600)}


def _equal(random: np.random.Generator) -> Arrays:
    images = np.repeat(random.integers(0, 256, (1, 8, 8), dtype=np.uint8), 1600, axis=0)
    return {"x_train": images, "y_train": _balanced(random, 1600, 10)}


def _black(random: np.random.Generator) -> Arrays:
    return {"x_train": np.zeros((1600, 8, 8), dtype=np.uint8), "y_train": _balanced(random, 1600, 10)}


def _words(random: np.random.Generator) -> Arrays:
    labels = _balanced(random, 1600, 5)
    return {"x_train": _images(random, labels), "y_train": np.array(["ant", "bee", "cat", "dog", "eel"])[labels]}


def _signs(random: np.random.Generator) -> Arrays:
    labels = _balanced(random, 1600, 2)
    return {"x_train": _images(random, labels), "y_train": 2 * labels - 1}


def _gaps(random: np.random.Generator) -> Arrays:
    labels = _balanced(random, 1600, 3)
    return {"x_train": _images(random, labels), "y_train": np.array([2, 5, 9])[labels]}


def _rare(random: np.random.Generator) -> Arrays:
    labels = _balanced(random, 1600, 9)
    labels[[100, 900]] = 9
    return {"x_train": _images(random, labels), "y_train": labels}


def _single(random: np.random.Generator) -> Arrays:
    labels, tests = _balanced(random, 1400, 4), _balanced(random, 300, 4)
    labels[7] = 4
    images = _images(random, np.concatenate([labels, tests]))
    return {"x_train": images[:1400], "y_train": labels, "x_test": images[1400:], "y_test": tests}


SETS: Mapping[str, Made] = {
    "two-classes": Made("two classes", _plain(classes=2)),
    "hundred-classes": Made("a hundred classes of 16 images", _plain(classes=100)),
    "few-images": Made("900 images", _plain(count=900)),
    "pure-noise": Made("pixels and labels drawn at random, independently", _pure_noise),
    "equal-images": Made("all images equal, ten classes", _equal),
    "black-images": Made("all pixels 0, ten classes", _black),
    "colour": Made("8 x 8 in three colours, channels last", _plain(shape=(8, 8, 3))),
    "odd-sides": Made("5 x 7", _plain(shape=(5, 7))),
    "odd-square": Made("33 x 33", _plain(shape=(33, 33))),
    "words": Made("labels are words", _words),
    "signs": Made("labels are -1 and 1", _signs),
    "gaps": Made("labels are 2, 5 and 9", _gaps),
    "rare-class": Made("one class of ten has two images", _rare),
    "single-image": Made("one class of five has one image, and none in the test set", _single),
}
"""By name. Grey, 8 x 8, ten classes, 1600 images and no test set, but for what is said of it."""

NOISE = "pure-noise"
"""The one in which real data are noise."""


def write(name: str, folder: Path) -> Path:
    """Write a set as `name.npz` into a folder; always the same arrays."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.npz"
    arrays: dict[str, Any] = {**SETS[name].arrays(numpy_generator(0, "test", "own data", name))}
    np.savez(target, **arrays)
    return target
