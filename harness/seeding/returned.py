"""What a test may return at a seed: a number, or numbers by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real

import numpy as np

from memorization_claims.errors import SettingError
from memorization_claims.seeding.procedure import EVENTS, NUMBER, Procedure


def numbers(value: object, procedure: Procedure, where: str) -> dict[str, float]:
    """The numbers that a procedure judges, by its conditions; other names are left out.

    Args:
        value: what a test returned.
        procedure: what is claimed of it.
        where: the test and the seed, for the message.

    Raises:
        SettingError: it is nothing of the kind, in one line.
    """
    if not procedure.named:
        if isinstance(value, Mapping):
            names = ", ".join(map(repr, value))
            raise SettingError(f"{where} returned numbers by name ({names}); {procedure.keyword} judges one: return it")
        return {NUMBER: _number(value, procedure, f"{where} returned")}
    wanted = ", ".join(map(repr, procedure.conditions))
    if not isinstance(value, Mapping):
        what = _short(value)
        raise SettingError(f"{where} returned {what}; {procedure.keyword} judges a dictionary with {wanted}")
    if missing := [name for name in procedure.conditions if name not in value]:
        there = ", ".join(map(repr, value)) or "nothing"
        raise SettingError(f"{where} returned {there}; {', '.join(map(repr, missing))} is missing")
    return {name: _number(value[name], procedure, f"{where} returned {name!r} =") for name in procedure.conditions}


def _number(value: object, procedure: Procedure, said: str) -> float:
    if procedure.keyword in EVENTS:
        if isinstance(value, Real | np.bool_) and value in (0, 1):
            return float(value)
        raise SettingError(f"{said} {_short(value)}; legal is 1 or True where the event happened, and 0 or False")
    if isinstance(value, bool | np.bool_):
        raise SettingError(f"{said} {value!s}; an event is judged by rate_at_least or rate_at_most")
    if not isinstance(value, Real):
        hint = ", not its array: take the mean, or .item()" if getattr(value, "shape", None) is not None else ""
        raise SettingError(f"{said} {_short(value)}; legal is a number{hint}")
    if not math.isfinite(value):
        raise SettingError(f"{said} {value!s}, which counts for nothing; legal is a finite number")
    return float(value)


def _short(value: object) -> str:
    if getattr(value, "shape", None) is not None:
        return f"an array of shape {tuple(value.shape)}"  # type: ignore[attr-defined]
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
