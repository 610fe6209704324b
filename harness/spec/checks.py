"""Checks of the fields of a spec, each an error that names the field, its value and what is legal."""

from __future__ import annotations

import math
from dataclasses import fields
from numbers import Real
from typing import Any, get_args

from memorization_claims.errors import SettingError

_NUMBERS = {"bool": (bool, "True or False"), "int": (int, "a whole number"), "float": (float, "a finite number")}


def settle(spec: Any) -> None:
    """Give each number the type that its field declares: 1 and 1.0 are equal, but their JSON is not."""
    for each in fields(spec):
        declared, _, optional = str(each.type).partition(" | ")
        value = getattr(spec, each.name)
        if declared not in _NUMBERS or (optional and value is None):
            continue
        kind, legal = _NUMBERS[declared]
        if not isinstance(value, Real) or not math.isfinite(value) or kind(value) != value:
            raise SettingError(f"{each.name} is {value!r}; legal is {legal}{' or None' if optional else ''}")
        object.__setattr__(spec, each.name, kind(value or 0))  # -0.0 equals 0, but its JSON does not


def legal(name: str, value: str, legal: Any) -> None:
    """Refuse a value that is none of a Literal's."""
    if value not in get_args(legal):
        raise SettingError(f"{name} is {value!r}; legal are {', '.join(get_args(legal))}")


def within(name: str, value: float, low: float, high: float) -> None:
    """Refuse a value outside a closed range."""
    if not low <= value <= high:
        raise SettingError(f"{name} is {value}; legal is {low} to {high}")
