"""The examples that a run is judged on: which they are, and what is said where the data have fewer than asked for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from memorization_claims.data.source import Source
from memorization_claims.errors import UnfitDataError
from memorization_claims.seed import numpy_generator
from memorization_claims.spec.data import DataSpec


class HeldOut(NamedTuple):
    """Indices of the validation examples."""

    test: np.ndarray
    """Into the test set; none where there is no such set."""
    left: np.ndarray
    """Into what the subset leaves of the training set."""

    def of(self, test: np.ndarray | None, training: np.ndarray) -> np.ndarray:
        """The examples of these two arrays."""
        parts = [training[self.left]] if test is None else [test[self.test], training[self.left]]
        examples: np.ndarray = np.concatenate(parts)
        return examples


def held_out(spec: DataSpec, source: Source, left: np.ndarray) -> HeldOut:
    """The validation examples: of the test set where there is one, then of what is left of the training set.

    There are fewer than were asked for where the data have no more. They do not depend on the subset's size as long as
    it leaves them: runs that differ in it are judged alike.

    Args:
        spec: names the number and the seed.
        source: the data set.
        left: indices of the training examples that are in no subset, in the order in which subsets grow.

    Raises:
        UnfitDataError: where there is none.
    """
    left, wanted = left[::-1], spec.validation
    if source.test_labels is None:
        if not len(left):
            raise UnfitDataError(f"{source.name} leaves no example for validation: give an x_test, or more examples")
        return HeldOut(left[:0], left[:wanted])
    if wanted is None:
        return HeldOut(np.arange(len(source.test_labels)), left[:0])
    test = numpy_generator(spec.seed, "subset", "validation").permutation(len(source.test_labels))[:wanted]
    return HeldOut(test, left[: wanted - len(test)])


def shortage(spec: DataSpec, source: Source) -> str:
    """What the validation set is where that of the data is too small, in a sentence; empty where it is as asked for."""
    tests = 0 if source.test_labels is None else len(source.test_labels)
    left = len(source.labels) - spec.subset if spec.subset else 0
    if spec.validation is None or spec.validation <= (tests or left):
        return ""
    taken = min(left, spec.validation - tests)
    parts = [f"{tests} of x_test"] * bool(tests) + [f"{taken} of x_train that are not trained on"] * bool(taken)
    return f"{spec.validation} validation examples were asked for; these are the {' and '.join(parts)}"
