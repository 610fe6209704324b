"""Functions of the user's, named as `package.module:function`; needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from memorization_claims.errors import SettingError


def check(kind: str, name: str, legal: str) -> None:
    """Raise SettingError unless a name has that form and its module can be found; nothing is imported.

    Args:
        kind: what the function is for, as messages say it.
        name: the name.
        legal: what is legal, for the message.
    """
    module, colon, function = name.partition(":")
    if not (colon and function.isidentifier() and all(part.isidentifier() for part in module.split("."))):
        raise SettingError(f"unknown {kind} {name!r}; {legal}")
    try:
        found = find_spec(module) is not None
    except ImportError:
        found = False
    if not found:
        raise SettingError(f"{kind} {name!r}: there is no module {module!r} on the path; {legal}")


def find(kind: str, name: str) -> Callable[..., Any]:
    """The function of that name.

    Raises:
        SettingError: where its module has no such function.
    """
    module, _, function = name.partition(":")
    found = getattr(import_module(module), function, None)
    if not callable(found):
        raise SettingError(f"{kind} {name!r}: {module} has no callable {function!r}")
    return found  # type: ignore[no-any-return]
