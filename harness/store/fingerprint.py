"""Fingerprints of code: equal as long as the code does the same, so that a comment keeps a store and logic does not.

The fingerprint of a module covers the module and whatever it imports, as far as that is this package, the module's own
package or other code that is not installed, in files or archives; what was compiled counts whole, and of installed
packages the version. Annotations' imports (`if TYPE_CHECKING`) do not count, imports within functions do.

A fingerprint is taken from the syntax tree, which one Python version may write otherwise than the next: between them
a fingerprint may change though the code did not, which costs a training and never a result.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import tokenize
import warnings
from collections.abc import Iterable
from importlib.util import decode_source
from pathlib import Path
from zipimport import zipimporter

from memorization_claims.errors import SettingError
from memorization_claims.store import modules
from memorization_claims.store.modules import Module


def of_source(text: str) -> str:
    """Fingerprint the syntax tree of a source text.

    Comments, layout and every string that stands alone as a statement (docstrings, and the sentences under the fields
    of a dataclass) do not count. Names, annotations and the order of statements do.

    Args:
        text: Python source.

    Returns:
        A SHA-256 as 64 lower-case hexadecimal digits.

    Raises:
        SettingError: the text is not Python.
    """
    return _digest([ast.dump(_DropBareStrings().visit(_parsed(text)))])


def of_code(*names: str, libraries: bool = True) -> str:
    """Fingerprint modules and all that they import, themselves or by what they import.

    One of a released library, as torch.optim, counts by the version of that.

    Args:
        names: absolute dotted names of modules, such as `memorization_claims.measures.kernels.fit`.
        libraries: whether the versions of released libraries that they import count.

    Returns:
        A SHA-256 as 64 lower-case hexadecimal digits, whatever the order of names.

    Raises:
        SettingError: no such module, or one without Python source (built in, compiled, a bare folder).
    """
    released = {name: modules.library(name.partition(".")[0]) for name in sorted(names)}
    own = tuple(modules.find(name) for name, library in released.items() if not library)
    return _of_modules(own, tuple(f"{name} {library}" for name, library in released.items() if library), libraries)


# What was imported is what counts: a process reads a module once, as long as its file stays as it is.
@functools.cache
def _of_modules(starts: tuple[Module, ...], released: tuple[str, ...], libraries: bool) -> str:
    members, imported = reached(starts)
    files = sorted(f"{module.name} {_of_file(module)}" for module in members)
    return _digest([*files, *(sorted(imported) if libraries else ()), *released])


def reached(starts: tuple[Module, ...]) -> tuple[list[Module], set[str]]:
    """The modules that some modules consist of, themselves among them, and the released libraries that they import."""
    packages = {modules.PACKAGE, *(start.name.partition(".")[0] for start in starts)}
    seen: dict[str, Module] = {}
    libraries: set[str] = set()
    waiting = list(starts)
    while waiting:
        module = waiting.pop()
        if module.name in seen:
            continue
        seen[module.name] = module
        for each in _imports(module):
            imported, library = modules.resolve(each, module, packages)
            waiting += imported
            libraries |= {library} if library else set()
    return list(seen.values()), libraries


def clear() -> None:
    """Forget what was read."""
    for function in (_of_modules, _imports, _of_file):
        function.cache_clear()


@functools.cache
def _imports(module: Module) -> tuple[modules.Import, ...]:
    """What a file imports anywhere in it, but for annotations' sake."""
    imports: list[modules.Import] = []
    if module.path.suffix != modules.SOURCE:
        return ()
    for node in _running(_parsed(_read(module.path))):
        if isinstance(node, ast.Import):
            imports += [modules.Import(0, alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            imports.append(modules.Import(node.level, node.module or "", names))
    return tuple(imports)


def _running(tree: ast.AST) -> Iterable[ast.AST]:
    """The nodes that run: those under `if TYPE_CHECKING` do not."""
    yield tree
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")):
            yield from _running(node)


class _DropBareStrings(ast.NodeTransformer):
    """Removes the statements that are nothing but a string."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        is_string = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_string else node


@functools.cache
def _of_file(module: Module) -> str:
    if module.path.suffix != modules.SOURCE:  # compiled: all of it counts
        return hashlib.sha256(modules.holder(module.path).read_bytes()).hexdigest()
    try:
        return of_source(_read(module.path))
    except SettingError as error:
        raise SettingError(f"{module.path}: {error}") from error


def _read(path: Path) -> str:
    try:
        if path.is_file():
            with tokenize.open(path) as file:
                return file.read()
        return decode_source(zipimporter(str(modules.holder(path))).get_data(str(path)))
    except (OSError, ImportError, SyntaxError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} cannot be read to be fingerprinted: {error}.") from error


def _parsed(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is a warning for who imports the code, not here
            return ast.parse(text)
    except (SyntaxError, ValueError) as error:  # Python 3.11 raises ValueError on a null byte
        raise SettingError(f"A fingerprint needs Python source, and this is none: {error}.") from error


def _digest(parts: Iterable[str]) -> str:
    """The SHA-256 of some lines."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
