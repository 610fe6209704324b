"""Finds the files that decide what a module does, from what it imports."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions
from importlib.util import find_spec
from pathlib import Path

from memorization_claims.errors import SettingError

PACKAGE = "memorization_claims"
INDEXES = (PACKAGE, f"{PACKAGE}.spec.names")
"""Modules that only say where a name is found. They are not part of any code: what a name stands for is, in its place,
so that a further name changes nothing."""
STORE = f"{PACKAGE}.store"
"""What keeps numbers, and makes none: how entries are written and checked may change without a training."""
SOURCE = ".py"
INSTALLED = {"site-packages", "dist-packages"}


@dataclass(frozen=True)
class Module:
    """A module in a file: Python source, or what was compiled."""

    name: str
    """The absolute, dotted name."""
    path: Path
    """Of the file; below that of an archive where it lies in one."""
    stamp: tuple[int, int]
    """Time of its last change, in nanoseconds, and size in bytes."""

    @property
    def package(self) -> str:
        """The package that its relative imports start from."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


@dataclass(frozen=True)
class Import:
    """One statement: `import module`, or `from` it the names, relative by so many dots."""

    level: int
    module: str
    names: tuple[str, ...]


def find(name: str) -> Module:
    """A module with its source, not imported unless it is already.

    Finding `a.b` imports the package `a`, as Python's own search does.

    Raises:
        SettingError: no such module, or one without Python source (built in, compiled, a bare folder).
    """
    spec = _spec(name)
    if spec is None:
        raise SettingError(f"There is no module {name!r} to fingerprint; name one that `import {name}` would find.")
    path = _file(spec)
    if path is None or path.suffix != SOURCE:
        raise SettingError(
            f"The module {name!r} has no Python source to fingerprint (it is from {spec.origin or 'a bare folder'}). "
            "Name a module that is a .py file or a package with an __init__.py."
        )
    return _module(name, path)


def resolve(statement: Import, module: Module, own: set[str]) -> tuple[list[Module], str]:
    """The modules that an import brings into a module, or the installed library with its version.

    Args:
        statement: what is imported.
        module: where.
        own: names of packages that are followed though they may be installed.

    Returns:
        Modules to follow, and the library as `name==version`; both empty for Python's own modules.
    """
    base = statement.module
    if statement.level:
        parts = module.package.split(".")
        base = ".".join([*parts[: len(parts) - statement.level + 1], *filter(None, [base])])
    top = base.partition(".")[0]
    if top in sys.stdlib_module_names:
        return [], ""
    if top not in own and (installed := library(top)):
        return [], installed
    if f"{base}.".startswith(f"{STORE}."):
        return [], ""
    if base in INDEXES:
        return [target for name in _named_by(base, statement.names) if (target := _followed(name))], ""
    below = [_followed(f"{base}.{name}") for name in statement.names]
    itself = [_followed(base)] if not statement.names or None in below else []
    return [target for target in (*below, *itself) if target], ""


def holder(path: Path) -> Path:
    """The file that holds a module: itself, or the archive that it lies in."""
    return next((each for each in (path, *path.parents) if each.is_file()), path)


def _module(name: str, path: Path) -> Module:
    status = holder(path).stat()
    return Module(name, path, (status.st_mtime_ns, status.st_size))


def _followed(name: str) -> Module | None:
    """A module in a file by that name, if it is one and no index."""
    if name in INDEXES:
        return None
    spec = _spec(name)
    path = _file(spec) if spec else None
    return _module(name, path) if path else None


def _spec(name: str) -> ModuleSpec | None:
    loaded = sys.modules.get(name)
    if loaded is not None and getattr(loaded, "__spec__", None):
        return loaded.__spec__
    try:
        return find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None


def _file(spec: ModuleSpec) -> Path | None:
    """The file, by its path: pytest's assertion rewriting leaves a loader that has no source."""
    return Path(spec.origin) if spec.has_location and spec.origin else None


@functools.cache
def library(top: str) -> str:
    """A released package with its version, `name==version`; empty for Python's own, and for code that may be edited.

    The latter is what is not installed, or was installed from a folder or a repository: its version may stay as it is.
    """
    if top in sys.stdlib_module_names or top == PACKAGE or not _is_installed(top):
        return ""
    owners = [owner for owner in (_distribution(name) for name in (top, *_owners(top))) if owner is not None]
    if any(owner.read_text("direct_url.json") for owner in owners):
        return ""
    return ",".join(sorted({f"{owner.name}=={owner.version}" for owner in owners}))


def _is_installed(top: str) -> bool:
    spec = _spec(top)
    places = [spec.origin or "", *(spec.submodule_search_locations or ())] if spec else []
    return any(INSTALLED & set(Path(place).parts) for place in places)


def _distribution(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _owners(top: str) -> list[str]:
    """The distributions that a package belongs to, where none has its name; slow to find."""
    return [] if _distribution(top) else list(packages_distributions().get(top, []))


def _named_by(index: str, names: Iterable[str]) -> list[str]:
    """The modules that an index finds these names in; of the package itself, all of them for a plain import."""
    if index != PACKAGE:
        return []
    known = _public()
    wanted = list(names) or list(known)
    return sorted({known.get(name, f"{PACKAGE}.{name}") for name in wanted})


@functools.cache
def _public() -> dict[str, str]:
    """The public names and the module of each, from the package's stub."""
    stub = Path(__file__).parents[1] / "__init__.pyi"
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: f"{PACKAGE}.{node.module}" for node in imports for alias in node.names}
