"""A pytest plugin that hurries: of each test one item for every model, and no training longer than two epochs.

What a claim does with data of a user's goes wrong or does not whatever the nets have learned by then. Runs have two
nets, and kernels 20 filters; the data are as they are.
"""

from __future__ import annotations

import pytest

from memorization_claims.session.items import claim_of, placed
from memorization_claims.tests.miniature import make_small


def pytest_configure() -> None:
    """Hurry in this session."""
    make_small({"nets": 2, "filters": 20, "epochs": 2})


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out items that differ from others of their test in anything but the model."""
    kept: dict[tuple[str, str], pytest.Item] = {}
    for item in items:
        setting = placed(item).setting if isinstance(item, pytest.Function) and claim_of(item) else None
        model = getattr(getattr(setting, "base", None), "model", "")
        kept.setdefault((item.nodeid.partition("[")[0], model), item)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept.values()])
    items[:] = kept.values()
