"""Whether a session can judge the claims that are selected: asked before anything is trained."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest

from memorization_claims.errors import SettingError
from memorization_claims.session import items, places, stash


def check(config: pytest.Config, selected: Iterable[pytest.Item]) -> None:
    """Refuse to judge claims where the folders that nobody gave an option for are of no use.

    A session without claims has nothing to do with them, and one that trains nothing has no need of a store.

    Raises:
        SettingError: two items have one name, the data root of the environment variable is missing, or the store cannot
            be written.
    """
    from memorization_claims.data import source
    from memorization_claims.plan.plan import Plan

    judged = [each for each in selected if isinstance(each, pytest.Function) and items.claim_of(each)]
    named: dict[tuple[str, str], str] = {}
    for each in judged:
        name = (items.name_of(each), items.placed(each).scale)
        if (other := named.setdefault(name, each.nodeid)) != each.nodeid:
            raise SettingError(f"{other} and {each.nodeid} are both {name[0]}; legal is a `part` of its own for each")
    trained = [isinstance(items.placed(each).setting, Plan) and not each.get_closest_marker("skip") for each in judged]
    options = config.stash[stash.OPTIONS]
    if judged and os.environ.get(source.ROOT_VARIABLE) and not config.getoption("claims_data_root"):
        places.check_data_root(source.ROOT_VARIABLE, options.data_root, options.download)
    if any(trained) and (obstacle := places.obstacle_to(options.store)):
        raise SettingError(
            f"the store is {options.store} and {obstacle}; --claims-store DIR names a folder that can be written"
        )
