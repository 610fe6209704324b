"""From labels as people keep them to classes from 0 on, where it is certain what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorization_claims.errors import DataError

if TYPE_CHECKING:
    import numpy as np

LEGAL = "legal are integers from 0 on without gaps, one-hot rows, or strings"
UNLABELLED = ("", "nan")
"""Strings that stand where a label is missing."""


class Column(NamedTuple):
    """One label an example, not yet classes."""

    values: np.ndarray
    """(n,), int64 or strings."""
    form: str
    """How they were given: as `integers`, `strings` or rows that are `one-hot` in so many columns."""


class Labels(NamedTuple):
    """Labels as classes, (n,), int64 from 0 on; None where there is no test set."""

    train: np.ndarray
    test: np.ndarray | None
    note: str
    """What was made of them, in a sentence; empty where they are what they were."""


def as_classes(train: Column, test: Column | None, where: object, short: str) -> Labels:
    """The classes that labels stand for, by those of training; test labels get the same.

    Args:
        train: training labels.
        test: test labels, if there are any.
        where: the place that they were read from, for messages.
        short: the same, for the note.

    Raises:
        DataError: where there are too few or too many classes or gaps between them, or other labels in the test set.
    """
    import numpy as np

    what, distinct = f"y_train in {where}", np.unique(train.values)
    if len(distinct) < 2:
        raise DataError(f"{what} has {len(distinct)} class; a classifier needs at least 2")
    if 2 * len(distinct) > len(train.values):
        raise DataError(
            f"{what} has {len(distinct)} different labels on {len(train.values)} examples; legal are classes of two "
            "examples or more each, on average: divide targets of a regression into classes"
        )
    if test is not None:
        _check_test(train, test, distinct, where)
    _check_numbers(distinct.tolist(), train.form, what)
    train_classes = np.searchsorted(distinct, train.values).astype(np.int64)
    test_classes = None if test is None else np.searchsorted(distinct, test.values).astype(np.int64)
    return Labels(train_classes, test_classes, _note(train.form, distinct.tolist(), short))


def _note(form: str, distinct: list[Any], short: str) -> str:
    last = len(distinct) - 1
    if form.startswith("one-hot"):
        return f"one-hot labels of {short} became classes 0 to {last}"
    if distinct[0] == 0:
        return ""
    if distinct == [-1, 1]:
        return f"labels -1 and 1 of {short} became classes 0 and 1"
    order = ", in alphabetical order" if form == "strings" else ""
    return f"labels {distinct[0]!r} to {distinct[-1]!r} of {short} became classes 0 to {last}{order}"


def _check_numbers(distinct: list[Any], form: str, what: str) -> None:
    """Refuse numbers that are neither from 0 on nor, but for one-hot rows, from 1 on nor -1 and 1."""
    if form == "strings" or distinct == [-1, 1]:
        return
    if distinct[0] < 0:
        raise DataError(
            f"{what} goes down to {distinct[0]}; {LEGAL}: leave unlabelled examples out, or number the classes with "
            "np.unique(y, return_inverse=True)[1]"
        )
    first = 1 if distinct[0] == 1 and form == "integers" else 0
    absent = [label for label, there in enumerate(distinct, start=first) if label != there]
    if absent:
        raise DataError(
            f"{what} has no example of class {absent[0]}; {LEGAL}: np.unique(y, return_inverse=True)[1] numbers them so"
        )


def _check_test(train: Column, test: Column, distinct: np.ndarray, where: object) -> None:
    import numpy as np

    if train.form != test.form:
        raise DataError(f"y_train in {where} has {train.form} and y_test {test.form}; give both in the same form")
    if other := sorted(set(np.unique(test.values).tolist()) - set(distinct.tolist())):
        raise DataError(
            f"y_test in {where} has label {other[0]!r}, which y_train has not; leave such examples out of the test set"
        )


def column(array: np.ndarray, what: str, examples: int) -> Column:
    """One label an example.

    Args:
        array: (n,) or (n, 1) of integers, bool, whole floats or strings, or (n, classes) of one-hot rows.
        what: the array, for messages.
        examples: n.

    Raises:
        DataError: for another shape, or labels whose meaning is not certain.
    """
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and len(array) == examples:
        return _one_hot(array, what)
    if array.shape != (examples,):
        raise DataError(f"{what} has shape {array.shape}; legal is one label for each of the {examples} examples")
    if array.dtype.kind in "SUT":
        return _strings(array, what)
    return Column(_whole(array, what), "integers")


def _one_hot(array: np.ndarray, what: str) -> Column:
    import numpy as np

    if array.dtype.kind in "buif" and ((array == 0) | (array == 1)).all() and (array.sum(axis=1) == 1).all():
        return Column(array.argmax(axis=1).astype(np.int64), f"one-hot rows of {array.shape[1]}")
    raise DataError(
        f"{what} has shape {array.shape} and rows that are not one-hot; legal is one label for each example: "
        "y.argmax(axis=1) of soft labels or scores, one column of several labels"
    )


def _strings(array: np.ndarray, what: str) -> Column:
    import numpy as np

    # Latin-1 has a letter for every byte, in the order of the bytes.
    values = np.char.decode(array, "latin-1") if array.dtype.kind == "S" else array.astype(np.str_)
    if absent := [label for label in np.unique(values).tolist() if label.strip().lower() in UNLABELLED]:
        raise DataError(f"{what} has {absent[0]!r} among its labels; leave unlabelled examples out")
    return Column(values, "strings")


def _whole(array: np.ndarray, what: str) -> np.ndarray:
    """Whole numbers as int64."""
    import numpy as np

    if array.dtype.kind not in "buif":
        raise DataError(f"{what} has type {array.dtype}; {LEGAL}: y.astype(str) or y.astype(int) of such a column")
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise DataError(f"{what} has values that are not finite; leave unlabelled examples out")
        if (fractional := array[array != np.floor(array)]).size:
            raise DataError(
                f"{what} has {fractional[0]:g}, which is no class; {LEGAL}: divide targets of a regression into classes"
            )
    if len(array) and (array.max() > 2**62 or array.min() < -(2**62)):
        raise DataError(f"{what} goes up to {array.max()}; {LEGAL}")
    return array.astype(np.int64)
