"""A pytest plugin that stops every training after two epochs, at two nets a run, and lets the data be as they are.

What a claim does with data of a user's goes wrong or does not whatever the nets have learned by then.
"""

from __future__ import annotations

from memorization_claims.tests.miniature import make_small


def pytest_configure() -> None:
    """Hurry in this session."""
    make_small({"nets": 2, "filters": 20, "epochs": 2})
