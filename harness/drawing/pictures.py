"""What nets have learned, to be looked at: of each class (Gu & Tresp 2019, figure 3), and in their first layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from memorization_claims.errors import SettingError
from memorization_claims.lab.compare import sought
from memorization_claims.measures.dissection.maximisation import starts
from memorization_claims.seed import torch_generator

if TYPE_CHECKING:
    from memorization_claims.lab.runs import Runs


def pictures(runs: Runs, *conditions: str, most: int = 3) -> dict[str, NDArray[np.float64]]:
    """The images of the first run's first net, before and after they were sought, as rows with a column for each class.

    The starts of a seed's nets are the same in all conditions.

    Args:
        runs: of a plan with a generator and a dissection.
        conditions: whose images to show below those from which they started.
        most: how many starts to show.

    Returns:
        For the starts, and then for each condition what they became, (classes, height, width), or (classes, height,
        width, 3); 0 and 1 are the least and the greatest value among the training images.
    """
    first = [runs.specs[condition][0] for condition in conditions]
    made, data, how = runs.generator(first[0]), runs.dataset(first[0]), runs.dissection
    if how is None:
        raise SettingError("a plan whose images are sought has a dissection, and this one has none")
    latent = starts(made.latent, data.classes, how, [torch_generator(first[0].seed, "measure", "dissection", 0)])
    with torch.no_grad():
        before = made.images(latent[0].to(runs.device))
    before = before.reshape(data.classes, how.starts, *before.shape[1:])
    after = {condition: sought(runs, [spec])[0][0] for condition, spec in zip(conditions, first, strict=True)}
    low, high = float(data.inputs.min()), float(data.inputs.max())
    rows = dict[str, NDArray[np.float64]]()
    for name, images in {"start": before, **after}.items():
        seen = ((images[:, :most] - low) / (high - low)).movedim(2, -1).double().cpu().numpy()
        rows |= {f"{name} {start + 1}": seen[:, start] for start in range(seen.shape[1])}
    return {name: seen[..., 0] if seen.shape[-1] == 1 else seen for name, seen in rows.items()}


def filter_pictures(runs: Runs, *, most: int = 16) -> dict[str, NDArray[np.float64]]:
    """The first filters of the first run's first net, as a row for each condition and one for what they start from.

    Args:
        runs: with their weights.
        most: how many.

    Returns:
        (filters, height, width), or (filters, height, width, 3); 0 and 1 are each filter's least and greatest weight.
    """
    rows = {condition: runs.array(condition, "filters") for condition in ("initial", *runs.specs)}
    return {name: _as_images(filters[0, 0, :most]) for name, filters in rows.items()}


def _as_images(filters: NDArray[np.float64]) -> NDArray[np.float64]:
    """Filters (n, channels, height, width), each stretched to the whole range; of other than 3 channels the mean."""
    seen = np.moveaxis(filters, 1, -1) if filters.shape[1] == 3 else filters.mean(axis=1)
    axes = tuple(range(1, seen.ndim))
    low, high = seen.min(axis=axes, keepdims=True), seen.max(axis=axes, keepdims=True)
    stretched: NDArray[np.float64] = (seen - low) / np.maximum(high - low, np.finfo(np.float64).tiny)
    return stretched
