"""Content keys: one name for everything that decides a number; what cannot be named is refused in one line.

All keys of the store are made here, of runs, fits, generators and of the values measured from them, by one serialiser.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import hashlib
import inspect
import json
import math
import sys
from collections.abc import Mapping
from pathlib import PurePath
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType
from typing import Any, TypeVar

import numpy as np

from memorization_claims.errors import SettingError
from memorization_claims.store import fingerprint, modules

T = TypeVar("T")
LEGAL = (
    "legal are None, numbers, strings, bytes, arrays, tensors, dataclasses, lists, dictionaries and sets of these, and "
    "functions with Python source whose defaults and closures are such values"
)


def key(**parts: Any) -> str:
    """The content key of some parts by name.

    Args:
        **parts: values that `described` takes.

    Returns:
        A SHA-256 as 64 lower-case hexadecimal digits: equal for equal parts, and different for different ones.

    Raises:
        SettingError: for a part, or a value within it, that cannot be named.
    """
    return keys({"": parts})[""]


def keys(each: Mapping[T, Mapping[str, Any]], **shared: Any) -> dict[T, str]:
    """The content keys of several things, as `key` makes them of the parts of each and of those that they share.

    Args:
        each: the thing's own parts by name.
        **shared: parts of all of them, which are described once.
    """
    common = {name: described(value, name) for name, value in shared.items()}
    return {
        thing: _digest(common | {name: described(value, name) for name, value in parts.items()})
        for thing, parts in each.items()
    }


def described(value: Any, name: str = "the value") -> Any:
    """Describe a value as plain JSON that tells it from any other; a function comes with its code.

    Args:
        value: see `LEGAL`.
        name: what it is, for the message.

    Raises:
        SettingError: for a value that cannot be named.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, enum.Enum):
        return {"enum": _place(type(value)), "member": value.name}
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, complex | range | slice | bytes | PurePath):
        return {type(value).__name__: repr(value)}
    if isinstance(value, np.ndarray | np.generic):
        return _array(np.asarray(value), name)
    return _composed(value, name)


def name_of(function: Any) -> str:
    """The name that a function was given where it was defined; of a partial one, that of the function within."""
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


def _composed(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        items = [[described(key, name), described(member, f"{name}[{key!r}]")] for key, member in value.items()]
        return {"mapping": sorted(items, key=lambda item: json.dumps(item[0], sort_keys=True))}
    if isinstance(value, set | frozenset):
        return {"set": sorted(json.dumps(described(member, name), sort_keys=True) for member in value)}
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [described(member, f"{name}[{place}]") for place, member in enumerate(value)]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        return {"dataclass": _place(type(value)), "fields": described(fields, name), **_called(value)}
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return {"tensor": str(value.dtype), **_array(value.detach().cpu().contiguous().view(-1).numpy(), name)} | {
            "shape": list(value.shape)
        }
    if torch is not None and isinstance(value, torch.dtype | torch.device):
        return {"torch": str(value)}
    if isinstance(value, np.dtype):
        return {"dtype": value.str}
    return _function(value, name)


def _function(value: Any, name: str) -> Any:
    if isinstance(value, functools.partial):
        parts = {"function": value.func, "arguments": value.args, "keywords": value.keywords}
        return {"partial": {key: described(part, f"{key} of {name}") for key, part in parts.items()}}
    if released := _released(value):
        return released
    if isinstance(value, MethodType):
        return {"method": described(value.__func__, name), "of": described(value.__self__, f"the object of {name}")}
    if isinstance(value, FunctionType):
        return _python_function(value, name)
    if isinstance(value, type):
        return {"class": _place(value), "code": _code(value.__module__, value, name)}
    if _is_plain_object(value):
        return {"object": described(type(value), name), "state": described(vars(value), f"the state of {name}")}
    raise SettingError(f"{name} is {_short(value)}, which cannot be named in a key of the store; {LEGAL}")


def _is_plain_object(value: Any) -> bool:
    """Whether all that an object holds is in its `__dict__`: its classes are written in Python, without slots."""
    kinds = [kind for kind in type(value).__mro__ if kind is not object]
    if not hasattr(value, "__dict__") or any("__slots__" in vars(kind) for kind in kinds):
        return False
    try:
        return all(inspect.getsourcefile(kind) for kind in kinds)
    except TypeError:  # a class of compiled code
        return False


def _released(value: Any) -> dict[str, str]:
    """A function or class of Python's or of a released library by its place and version; empty for any other."""
    name, module = getattr(value, "__qualname__", None), getattr(value, "__module__", None)
    if isinstance(value, BuiltinFunctionType) and module is None:
        module = getattr(getattr(value, "__self__", None), "__module__", None)  # a function of compiled code
    if name is None and hasattr(value, "__name__"):
        name = value.__name__  # NumPy's own kinds of functions
    reached = sys.modules.get(str(module))
    for part in str(name).split("."):
        reached = getattr(reached, part, None)
    if reached is not value:
        return {}
    top = str(module).partition(".")[0]
    version = "python" if top in sys.stdlib_module_names else modules.library(top)
    return {"library": f"{module}:{name}", "version": version} if version else {}


def _python_function(value: FunctionType, name: str) -> dict[str, Any]:
    """A function's place, the code that it is part of, its own code, and the values that it was made with."""
    cells = dict(zip(value.__code__.co_freevars, value.__closure__ or (), strict=True))
    enclosed = {label: cell.cell_contents for label, cell in cells.items() if cell.cell_contents is not value}
    used = {label: value.__globals__[label] for label in sorted(_names(value.__code__)) if label in value.__globals__}
    plain = {label: held for label, held in used.items() if isinstance(held, bool | int | float | str | np.ndarray)}
    return {
        "function": _place(value),
        "code": _code(value.__module__, value, name),
        "body": _body(value.__code__, value.__doc__),
        "defaults": described(value.__defaults__, f"the defaults of {name}"),
        "keywords": described(value.__kwdefaults__, f"the defaults of {name}"),
        "closure": {label: described(held, f"{label} in the closure of {name}") for label, held in enclosed.items()},
        "globals": {label: described(held, f"{label}, which {name} uses,") for label, held in plain.items()},
    }


def _code(module: str, value: Any, name: str) -> str:
    try:
        return fingerprint.of_code(module)
    except SettingError as error:
        raise SettingError(f"{name} is {_short(value)}, whose code cannot be named in a key: {error}") from error


def _body(code: CodeType, doc: str | None = None) -> list[Any]:
    """What compiled code does, wherever it stands, and without the function's docstring."""
    constants = ["" if doc is not None and constant == doc else _constant(constant) for constant in code.co_consts]
    return [code.co_code.hex(), constants, list(code.co_names)]


def _constant(value: Any) -> Any:
    if isinstance(value, CodeType):
        return _body(value)
    # The order of a set's members differs from process to process.
    return sorted(map(repr, value)) if isinstance(value, frozenset) else repr(value)


def _names(code: CodeType) -> set[str]:
    """The global names that a function or one within it may look up."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def _called(value: Any) -> dict[str, Any]:
    """The code of an object that is called as a function."""
    return {"code": fingerprint.of_code(type(value).__module__)} if callable(value) else {}


def _digest(parts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _array(value: np.ndarray, name: str) -> dict[str, Any]:
    if value.dtype.hasobject:
        raise SettingError(f"{name} is an array of Python objects, which cannot be named in a key; {LEGAL}")
    digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
    return {"array": digest, "dtype": value.dtype.str, "shape": list(value.shape)}


def _place(value: Any) -> str:
    return f"{value.__module__}:{value.__qualname__}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
