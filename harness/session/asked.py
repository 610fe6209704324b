"""What items of claims ask for, as prices take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorization_claims.session.items import placed

if TYPE_CHECKING:
    from memorization_claims.price.bill import Asked


def asked(item: pytest.Function, stage: int = 1) -> Asked:
    """What an item of a claim asks for, in a stage of the session."""
    from memorization_claims.price.bill import Asked

    place = placed(item)
    return Asked(place.setting, place.schedule.looks, stage)
