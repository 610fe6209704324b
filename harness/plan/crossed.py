"""Conditions in which factors are crossed: each level of one with each level of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from memorization_claims.errors import SettingError

Changes = Mapping[str, Any]
Factors = Mapping[str, Mapping[str, str | float]]
"""The level of each factor, by condition: `{"randY, wide": {"data": "randY", "width": 256}}`."""


@dataclass(frozen=True)
class Level:
    """A level of a factor that is a number, such as the width of a net."""

    number: float
    changes: Changes
    """The fields of the base that it replaces."""


Levels = Mapping[str, Level | Changes]
"""The levels of a factor by name, each with the fields of the base that it replaces."""


def crossed(factors: Mapping[str, Levels]) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, str | float]]]:
    """Every combination of the factors' levels, named by them in the order of the factors: "randY, wide".

    Args:
        factors: the levels of each factor.

    Returns:
        The conditions, and the level of each factor in each of them: its number where it has one, else its name.

    Raises:
        SettingError: where two factors replace the same field.
    """
    conditions = dict[str, dict[str, Any]]()
    levels = dict[str, dict[str, str | float]]()
    for names in product(*factors.values()):
        condition = ", ".join(names)
        conditions[condition], levels[condition] = {}, {}
        for (factor, given), name in zip(factors.items(), names, strict=True):
            level = given[name]
            changes = level.changes if isinstance(level, Level) else level
            if twice := sorted(conditions[condition].keys() & changes.keys()):
                raise SettingError(f"{factor} replaces {twice[0]!r}, as another factor does; legal is one of them")
            conditions[condition].update(changes)
            levels[condition][factor] = level.number if isinstance(level, Level) else name
    return conditions, levels


def levels_of(factors: Factors, factor: str) -> list[str | float]:
    """The levels of a factor, in the order of conditions.

    Raises:
        SettingError: where no condition has this factor.
    """
    distinct = dict.fromkeys(levels[factor] for levels in factors.values() if factor in levels)
    if not distinct:
        raise SettingError(f"no condition has a level of {factor!r}; {_there(factors)}")
    return list(distinct)


def where(factors: Factors, **levels: str | float) -> list[str]:
    """The conditions at these levels, in their order.

    Raises:
        SettingError: where there is none.
    """
    matches = [name for name, combination in factors.items() if levels.items() <= combination.items()]
    if not matches:
        asked = ", ".join(f"{factor}={level!r}" for factor, level in levels.items())
        raise SettingError(f"no condition has {asked}; {_there(factors)}")
    return matches


def _there(factors: Factors) -> str:
    """The factors and levels that there are, for messages."""
    names = dict.fromkeys(factor for levels in factors.values() for factor in levels)
    if not names:
        return "the plan's conditions have no factors"
    return "; ".join(f"{name} is {', '.join(map(str, levels_of(factors, name)))}" for name in names)
