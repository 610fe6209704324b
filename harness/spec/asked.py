"""What a function asks for by the names of its parameters, so that a measure names only what it uses."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Any

from memorization_claims.errors import SettingError


def asked(function: Callable[..., Any], given: Collection[str] = (), **offered: Any) -> dict[str, Any]:
    """Those of the offered arguments that a function has parameters for.

    Args:
        function: whose first positional parameters are given by whoever calls it.
        given: names of further arguments that it gets.
        **offered: by the names that a parameter may have.

    Raises:
        SettingError: where it needs an argument by name that is neither given nor offered.
    """
    named = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is not parameter.VAR_KEYWORD
    ]
    needed = {
        parameter.name
        for parameter in named
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
    }
    if missing := needed - set(given) - set(offered):
        there = ", ".join(offered) or "none"
        raise SettingError(f"{function} asks for {', '.join(sorted(missing))!r}; offered by name are {there}")
    return {parameter.name: offered[parameter.name] for parameter in named if parameter.name in offered}
