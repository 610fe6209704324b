"""This repository's own sessions: pytest's test tools, short names of options, benchmarks, and strict tests."""

from pathlib import Path

import pytest

from memorization_claims.session import options

pytest_plugins = ["pytester"]
HERE = Path(__file__).parent
ELSEWHERE = "file://./.benchmarks"
"""Where pytest-benchmark saves unless it is told."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--store` be `--claims-store`, and so on: here nobody else's options can be meant."""
    options.add_short(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Have benchmarks measured only where that is asked for, and saved in this repository, where there is the plugin.

    In the configuration these options would be unknown to a session without pytest-benchmark.
    """
    chosen = config.option
    if hasattr(chosen, "benchmark_disable") and not (chosen.benchmark_only or chosen.benchmark_enable):
        chosen.benchmark_disable = True
    if getattr(chosen, "benchmark_storage", None) == ELSEWHERE:
        chosen.benchmark_storage = "file://./reports/benchmarks"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make warnings errors in the project's own tests; those of claims and of users' code are shown."""
    for item in items:
        if item.path.is_relative_to(HERE / "harness"):
            # First of all marks, so that those of a test prevail.
            item.add_marker(pytest.mark.filterwarnings("error"), append=False)
