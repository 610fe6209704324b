"""What others can add to a session of claims.

Written below.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from memorization_claims.controls.mutant import Mutant


@pytest.hookspec
def pytest_claims_mutants() -> Iterable[Mutant]:  # type: ignore[empty-body]
    """TODO."""


@pytest.hookspec(firstresult=True)
def pytest_claims_pack(config: pytest.Config) -> tuple[str, str | None] | None:
    """TODO."""
