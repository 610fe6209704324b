"""A plugin for a session of `claims stability`: its tests run from the last to the first."""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Turn the order round, once it is settled which tests there are."""
    items.reverse()
