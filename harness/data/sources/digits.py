"""scikit-learn's digits: 1797 images of 8 x 8 pixels, which come with it."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path
from typing import Any


def digits(root: Path) -> dict[str, Any]:
    """The digits, in grey levels 0 to 16, without a test set.

    They are read from scikit-learn's own file: to import scikit-learn takes a second or more.
    """
    import numpy as np

    file = distribution("scikit-learn").locate_file("sklearn/datasets/data/digits.csv.gz")
    rows = np.loadtxt(str(file), delimiter=",", dtype=np.int64)
    return {"x_train": rows[:, :-1].reshape(-1, 8, 8).astype("float32"), "y_train": rows[:, -1], "range": (0, 16)}
