"""Claims that the user's data do not allow: skipped, with the reason."""

from __future__ import annotations

from typing import NoReturn

import pytest

from memorization_claims.errors import UnfitDataError
from memorization_claims.session import items, stash


def skip(item: pytest.Function, error: UnfitDataError) -> NoReturn:
    """Skip the item if its data are those that the user chose; what a claim itself chose is its own mistake.

    Raises:
        UnfitDataError: the same error, where the claim chose the data.
    """
    if items.placed(item).setting.dataset != item.config.stash[stash.OPTIONS].dataset:
        raise error
    pytest.skip(str(error))
