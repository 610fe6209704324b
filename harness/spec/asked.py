"""What a function asks for by the names of its parameters, so that a measure names only what it uses."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Any

from memorization_claims.errors import SettingError


def asked(function: Callable[..., Any], given: Collection[str] = (), **offered: Any) -> dict[str, Any]:
    """Pick those of the offered arguments that a function has parameters for.

    Args:
        function: whose first positional parameters are given by whoever calls it.
        given: names of further arguments that it gets.
        **offered: by the names that a parameter may have.

    Raises:
        SettingError: where it needs an argument by name that is neither given nor offered.
    """
    parameters = inspect.signature(function).parameters.values()
    named = [each for each in parameters if each.kind is not each.VAR_KEYWORD]
    needed = {each.name for each in named if each.kind is each.KEYWORD_ONLY and each.default is each.empty}
    if missing := needed - set(given) - set(offered):
        there = ", ".join(offered) or "none"
        raise SettingError(f"{function} asks for {', '.join(sorted(missing))!r}; offered by name are {there}")
    return {each.name: offered[each.name] for each in named if each.name in offered}


def names(function: Callable[..., Any], parameter: str) -> bool:
    """Whether a function has a parameter of that name."""
    return parameter in inspect.signature(function).parameters
