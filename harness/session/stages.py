"""Which items a session with `--claims-stage` judges."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from memorization_claims.session import stash
from memorization_claims.session.items import claim_of, placed

DEVICES = {"fast": "cpu", "fullscale": "h100"}
"""What items of each scale are priced on, by whatever they are judged, so that every machine has the same stages."""


class Stages:
    """Deselects all but the items of one stage, of those that other options select.

    Args:
        stage: which one.
    """

    def __init__(self, stage: int) -> None:
        self.stage = stage

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Come after `-m` and `-k`."""
        judged = [item for item in items if isinstance(item, pytest.Function) and claim_of(item)]
        chosen = {item for item, stage in zip(judged, of(config, judged), strict=True) if stage == self.stage}
        if left := [item for item in items if item not in chosen]:
            config.hook.pytest_deselected(items=left)
            items[:] = [item for item in items if item in chosen]


def of(config: pytest.Config, items: Sequence[pytest.Function]) -> list[int]:
    """The stage of each of these items of claims, by what its first look costs; who shares a run pays an equal part."""
    if not items:
        return []
    import torch

    from memorization_claims.price.devices import BUILT_IN
    from memorization_claims.price.items import needs, parts
    from memorization_claims.price.stages import stages
    from memorization_claims.session.asked import asked
    from memorization_claims.session.laboratory import laboratory_of

    laboratory, costs = laboratory_of(config, torch.device("cpu")), dict[pytest.Function, float]()
    for scale, name in DEVICES.items():
        those = [item for item in items if placed(item).scale == scale]
        needed = needs(map(asked, those), laboratory, config.stash[stash.OPTIONS].base_seed, BUILT_IN[name])
        costs |= dict(zip(those, parts(needed), strict=True))
    return stages([costs[item] for item in items])
