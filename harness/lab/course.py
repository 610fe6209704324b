"""The courses of runs seen at some of their epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def seen_at(epochs: Sequence[int], arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What was kept of a run, with its traces at these epochs alone. A net that has stopped stays as it was."""
    columns = np.searchsorted(arrays["epochs"], np.minimum(np.array(epochs), arrays["stopped"][:, None]))
    traces = {name: array for name, array in arrays.items() if name.startswith("trace/")}
    seen = {name: np.take_along_axis(array, columns, axis=1) for name, array in traces.items()}
    return {**arrays, **seen, "epochs": np.array(epochs, dtype=np.float64)}
