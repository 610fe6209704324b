"""Runs and fits that gave no number: their seeds count for neither answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from memorization_claims.errors import UndecidableError
from memorization_claims.store import Entry

Specs = Mapping[str, list[Any]]
"""By condition, in the order of seeds."""


def why_lost(entry: Entry) -> str:
    """Why a run, a fit or a generator gave no number; empty where it did."""
    if reason := entry.facts.get("undecidable"):
        return str(reason)
    diverged = entry.arrays.get("diverged")
    epoch = -1 if diverged is None else int(diverged.max())
    return f"it diverged at epoch {epoch}" if epoch >= 0 else ""


def lost_seeds(specs: Specs, why: Callable[[Any], str]) -> dict[int, str]:
    """The seeds at which some condition gave no number, each with the reason.

    Args:
        specs: what was asked for.
        why: the reason of one of them; empty where there is none.

    Raises:
        UndecidableError: all seeds are lost; it names the first.
    """
    lost: dict[int, str] = {}
    for condition, each in specs.items():
        for spec in each:
            if reason := why(spec):
                lost.setdefault(spec.seed, f"{condition!r} at seed {spec.seed} gave no number: {reason}")
    seeds = {spec.seed for each in specs.values() for spec in each}
    if seeds <= lost.keys():
        raise UndecidableError(f"none of {len(seeds)} runs gave a number in every condition; {lost[min(seeds)]}")
    return lost


def without(specs: Specs, lost: Mapping[int, str]) -> dict[str, list[Any]]:
    """The same but for some seeds."""
    return {condition: [spec for spec in each if spec.seed not in lost] for condition, each in specs.items()}
