"""The seeded tests of a session: how each is judged, as the options say, and where its result is found."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from memorization_claims.session import stash

if TYPE_CHECKING:
    from memorization_claims.seeding.circumstances import Circumstances
    from memorization_claims.seeding.claimed import Claimed
    from memorization_claims.store.store import Store

SHARES: pytest.StashKey[int] = pytest.StashKey()
"""On the configuration: among how many sides of verdicts the session's level is split."""
CIRCUMSTANCES: pytest.StashKey[Circumstances] = pytest.StashKey()
"""On an item: how it was judged, and what came of it."""
STORE: pytest.StashKey[Store] = pytest.StashKey()
"""On the configuration: the store, once a test asks for it."""


def seeded_of(node: pytest.Item) -> Claimed | None:
    """What a seeded test claims; a marker `seeded` of another plugin is ignored."""
    for mark in node.iter_markers("seeded"):
        from memorization_claims.seeding.claimed import Claimed

        if mark.args and isinstance(mark.args[0], Claimed):
            return mark.args[0]
    return None


def share(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Count the sides that the session's level is split among: of its seeded tests, and one of each broken variant."""
    found = [claimed for item in items if (claimed := seeded_of(item))]
    config.stash[SHARES] = sum(claimed.procedure.sides + len(claimed.broken) for claimed in found)


@contextmanager
def judged(item: pytest.Item) -> Iterator[None]:
    """Let the test that is called within know how it is judged."""
    from memorization_claims.seeding.circumstances import Circumstances, being
    from memorization_claims.statistics.verdict import ALPHA

    config, options = item.config, item.config.stash[stash.OPTIONS]
    here = item.stash[CIRCUMSTANCES] = Circumstances(
        nodeid=shlex.quote(item.nodeid),
        base_seed=options.base_seed,
        alpha=ALPHA if options.alpha is None else options.alpha / config.stash[SHARES],
        seeds=options.seeds,
        only=options.seed,
        store=lambda: _store(config),
    )
    with being(here):
        yield


def _store(config: pytest.Config) -> Store:
    if STORE not in config.stash:
        from memorization_claims.store.store import Store

        config.stash[STORE] = Store(config.stash[stash.OPTIONS].store)
        config.stash[stash.DAMAGED] = config.stash[STORE].damaged
    return config.stash[STORE]
