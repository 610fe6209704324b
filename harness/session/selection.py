"""Which of the collected items a session judges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from memorization_claims.errors import SettingError
from memorization_claims.session.items import claim_of, name_of, placed


def choose(items: Sequence[pytest.Item], *, only: Sequence[str]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The items to keep and those to deselect, as claims of which a placebo or a mutant has nothing to say.

    Args:
        items: all that were collected.
        only: ids of claims or of items, to keep nothing else; empty for all.

    Raises:
        SettingError: an id of `only` is that of no claim and no item.
    """
    _check(only, items)
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        (kept if _kept(item, only) else left).append(item)
    return kept, left


def _kept(item: pytest.Item, only: Sequence[str]) -> bool:
    if (claim := claim_of(item)) is None:
        return not only
    from memorization_claims.session import overrides

    assert isinstance(item, pytest.Function)
    placebo = overrides.of(item.config).placebo
    asked = not only or claim.id in only or name_of(item) in only
    # A mutant has nothing to say of what it spares.
    return asked and not placed(item).spared and (placebo is None or claim.kind in placebo.kinds)


def _check(only: Sequence[str], items: Iterable[pytest.Item]) -> None:
    there: dict[str, list[str]] = {}
    for item in items if only else ():
        if (claim := claim_of(item)) is not None:
            assert isinstance(item, pytest.Function)
            there.setdefault(claim.id, []).append(name_of(item))
    for asked in only:
        # For A16[wrong] the items of A16 are legal, for Z99 all claims.
        names = there.get(asked.partition("[")[0], [])
        if asked not in there and asked not in names:
            legal = ", ".join(dict.fromkeys(names or sorted(there))) or "none, since no claim was collected"
            raise SettingError(f"--claims-only names {asked!r}, which selects nothing; legal are {legal}")
