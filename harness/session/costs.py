"""What claims' items cost and share, told by a worker, which collects them, to the process that schedules them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.session import items as claims
from memorization_claims.session import stash

FILE: pytest.StashKey[Path] = pytest.StashKey()
"""On the configuration of the process that schedules: where the first worker tells."""
INPUT = "claims_costs"
"""The key of that file in the worker's input."""


def ask(config: pytest.Config, node: Any) -> None:
    """Ask a worker that is to be started for the costs, if it is the first."""
    if FILE not in config.stash:
        folder = tempfile.TemporaryDirectory()
        config.add_cleanup(folder.cleanup)
        config.stash[FILE] = Path(folder.name, "costs.json")
        node.workerinput[INPUT] = str(config.stash[FILE])


def tell(config: pytest.Config, items: Iterable[pytest.Item]) -> None:
    """Write the group and the seconds of items by their ids, where this worker was asked; those alone that are trained.

    On another machine the folder is not there, and nothing is told.
    """
    if not (file := getattr(config, "workerinput", {}).get(INPUT)):
        return
    judged = [item for item in items if isinstance(item, pytest.Function) and _is_trained(config, item)]
    try:
        Path(file).write_text(json.dumps(_costs(config, judged)), encoding="utf-8")
    except OSError:
        return


def told(config: pytest.Config) -> dict[str, tuple[int, float]]:
    """The group and the seconds of items by their ids; empty where nothing was told."""
    file = config.stash.get(FILE, None)
    if file is None or not file.exists():
        return {}
    return {name: (group, seconds) for name, (group, seconds) in json.loads(file.read_text(encoding="utf-8")).items()}


def _is_trained(config: pytest.Config, item: pytest.Function) -> bool:
    """Whether an item is that of a claim for which this session trains, and its data are here."""
    if claims.claim_of(item) is None or item.get_closest_marker("skip"):
        return False
    from memorization_claims.data import source
    from memorization_claims.plan.plan import Plan

    setting = claims.placed(item).setting
    if not isinstance(setting, Plan) or setting.streams:
        return False
    return source.available(setting.dataset, config.stash[stash.OPTIONS].data_root)


def _costs(config: pytest.Config, items: list[pytest.Function]) -> dict[str, tuple[int, float]]:
    if not items:
        return {}
    from memorization_claims.price.devices import BUILT_IN
    from memorization_claims.price.items import groups, needs, parts
    from memorization_claims.session.asked import asked
    from memorization_claims.session.laboratory import laboratory_of

    options, laboratory = config.stash[stash.OPTIONS], laboratory_of(config)
    device = BUILT_IN["h100" if laboratory.device.type == "cuda" else "cpu"]
    needed = needs(map(asked, items), laboratory, options.base_seed, device, lacking=True)
    names = [item.nodeid for item in items]
    return dict(zip(names, zip(groups(needed), parts(needed), strict=True), strict=True))
