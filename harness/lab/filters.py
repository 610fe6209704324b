"""The first layers of a plan's nets, as images."""

from __future__ import annotations

import numpy as np

from memorization_claims.lab.nets import load
from memorization_claims.lab.trained import Array, Trained
from memorization_claims.measures.nets.filters import first_filters
from memorization_claims.models.build import build
from memorization_claims.spec.run import RunSpec

START = "initial"
"""The condition of the weights that nets start from, which are the same in all conditions."""


def filters(runs: Trained, condition: str) -> Array:
    """The first layer's weights as images, (seeds, nets, filters, channels, height, width), float64.

    Args:
        runs: with their weights.
        condition: which of them, or `START`.
    """
    specs = next(iter(runs.specs.values())) if condition == START else runs.specs[condition]
    return np.stack(
        [np.stack([_filters(runs, spec, net, condition != START) for net in range(spec.nets)]) for spec in specs]
    )


def changes(runs: Trained, condition: str) -> Array:
    """What training has added to these weights; of `START` the weights themselves, which are noise."""
    start = filters(runs, START)
    return start if condition == START else filters(runs, condition) - start


def _filters(runs: Trained, spec: RunSpec, net: int, trained: bool) -> Array:
    data = runs.dataset(spec)
    channels, height, width = data.inputs.shape[1:]
    model = build(spec, (channels, height, width), data.classes, net)
    if trained:
        load(model, runs.arrays(spec), net)
    return first_filters(model, (channels, height, width)).detach().double().numpy()


OF_FILTERS = {"filters": filters, "filter changes": changes}
"""What there is of them, by name."""
