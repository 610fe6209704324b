"""What all tests share: one torch thread, as claims are judged; the same examples in each session; no deadlines."""

import pytest
import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)
settings.register_profile("project", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

collect_ignore = ["pack"]
"""Tests of another repository, which are run in a copy."""


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of tests that take too long for each change."""
    config.addinivalue_line("markers", "long: takes minutes, and is run by `-m long` alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave long tests out unless they are asked for."""
    left = [] if config.option.markexpr else [item for item in items if item.get_closest_marker("long")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
