"""Makes pytest's own test tools known in this repository, and the options of claims by their short names too."""

import pytest

from memorization_claims.session import options

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--store` be `--claims-store`, and so on: here nobody else's options can be meant."""
    options.add_short(parser)
