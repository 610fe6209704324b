"""What users name as `package.module:name`: functions of theirs, and kinds of things; needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from memorization_claims.errors import SettingError
from memorization_claims.spec.user_code import user_code


def check(kind: str, name: str, legal: str) -> None:
    """Raise SettingError unless a name has that form and its module can be found; the module is not imported.

    Args:
        kind: what the name is for, as messages say it.
        name: the name.
        legal: what is legal, for the message.
    """
    module, colon, attribute = name.partition(":")
    if not (colon and attribute.isidentifier() and all(part.isidentifier() for part in module.split("."))):
        raise SettingError(f"unknown {kind} {name!r}; {legal}")
    try:
        exists = find_spec(module) is not None
    except (ImportError, ValueError):  # ValueError where a module that was put into sys.modules by hand has no spec
        exists = False
    if not exists:
        raise SettingError(f"{kind} {name!r}: there is no module {module!r} on the path; {legal}")


def look_up(kind: str, name: str) -> Any:
    """Import the module and return what has that name in it.

    Raises:
        SettingError: where its module cannot be imported, or has nothing of that name.
    """
    module, _, attribute = name.partition(":")
    value = getattr(_imported(kind, name), attribute, None)
    if value is None:
        raise SettingError(f"{kind} {name!r}: {module} has no {attribute!r}")
    return value


def find(kind: str, name: str) -> Callable[..., Any]:
    """Import the module and return the function of that name.

    Raises:
        SettingError: where its module cannot be imported, or has no such function.
    """
    module, _, function = name.partition(":")
    value = getattr(_imported(kind, name), function, None)
    if not callable(value):
        raise SettingError(f"{kind} {name!r}: {module} has no callable {function!r}")
    return value  # type: ignore[no-any-return]


def _imported(kind: str, name: str) -> ModuleType:
    module = name.partition(":")[0]
    with user_code(f"{kind} {name!r}: the import of {module}"):
        return import_module(module)
