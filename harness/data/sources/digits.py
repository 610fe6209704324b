"""scikit-learn's digits: 1797 images of 8 x 8 pixels, which need no file."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def digits(root: Path) -> dict[str, Any]:
    """The digits, in grey levels 0 to 16, without a test set."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return {"x_train": bunch.images.astype("float32"), "y_train": bunch.target, "range": (0, 16)}
