"""Which verdicts turn from session to session, and how well the stated chance of replication foretells it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memorization_claims.reports.effects import label

BOUNDS = (0.999, 0.99, 0.9, 0.0)
"""Where each group of stated chances begins, from the top."""

Result = Mapping[str, Any]
Item = Mapping[str, Any]


@dataclass(frozen=True)
class Judged:
    """An item in all the sessions that judged it."""

    label: str
    by_session: Mapping[str, Item]
    """What each came to, by the name of the session, in their order."""

    @property
    def usual(self) -> str:
        """The verdict that most sessions reached; of several, that of the earliest session."""
        ((verdict, _),) = Counter(str(item["verdict"]) for item in self.by_session.values()).most_common(1)
        return verdict

    @property
    def turned(self) -> list[str]:
        """The sessions that reached another."""
        return [name for name, item in self.by_session.items() if item["verdict"] != self.usual]

    @property
    def reversed(self) -> list[str]:
        """Those of them that support what another refutes, or the other way round."""
        reached = {item["verdict"] for item in self.by_session.values()}
        decided = {"supported", "refuted"}
        return [name for name in self.turned if decided <= reached and self.by_session[name]["verdict"] in decided]


def judged(results: Sequence[Result]) -> list[Judged]:
    """Every item of these sessions, by name."""
    found: dict[str, dict[str, Item]] = {}
    for result in results:
        for item in result["items"]:
            found.setdefault(label(item), {})[result["session"]] = item
    return [Judged(name, found[name]) for name in sorted(found)]


@dataclass(frozen=True)
class Foretold:
    """What verdicts with like chances of replication said of other base seeds, and what these came to."""

    low: float
    """The least of these chances."""
    stated: tuple[float, ...]
    """The chance that each verdict states, once for every other base seed."""
    same: int
    """How many of these came to the same verdict."""

    @property
    def turns(self) -> tuple[float, int]:
        """How many were to come to another, and how many did."""
        return sum(1 - chance for chance in self.stated), len(self.stated) - self.same


def foretold(results: Sequence[Result]) -> list[Foretold]:
    """Each verdict at a base seed against those at every other, by the chance that it states; the likeliest first."""
    seeds = [result["session"] for result in results if result["session"].startswith("seed-")]
    stated: dict[float, list[tuple[float, bool]]] = {low: [] for low in BOUNDS}
    for item in judged(results):
        there = [item.by_session[name] for name in seeds if name in item.by_session]
        for one, other in itertools.permutations(there, 2):
            if one["count"]:
                chance = one["count"]["replicates"]
                low = next(low for low in BOUNDS if chance >= low)
                stated[low].append((chance, one["verdict"] == other["verdict"]))
    return [
        Foretold(low, tuple(chance for chance, _ in pairs), sum(same for _, same in pairs))
        for low, pairs in stated.items()
        if pairs
    ]
