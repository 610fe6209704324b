"""Fingerprints of code: equal as long as the code does the same, so that a comment keeps a cache and logic does not.

A fingerprint is taken from the syntax tree, which one Python version may write otherwise than the next: between them
a fingerprint may change though the code did not, which costs a training and never a result.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import tokenize
import warnings
from collections.abc import Iterable
from pathlib import Path

from memorization_claims.errors import SettingError

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds the package `harness`."""

TRAINING_CODE = ("seed.py", "spec.py", "data/**/*.py", "models/**/*.py", "training/**/*.py")
"""What decides the numbers of a run, as patterns below `harness`."""

NOT_TRAINING = {"tests", "benchmarks"}
"""Folders below those patterns that decide nothing."""


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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is a warning for who imports the code, not here
            tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:  # Python 3.11 raises ValueError on a null byte
        raise SettingError(f"A fingerprint needs Python source, and this is none: {error}.") from error
    return _digest([ast.dump(_DropBareStrings().visit(tree))])


def of_files(paths: Iterable[Path], *, root: Path = ROOT) -> str:
    """Fingerprint source files together with their places, so that a move counts and the order of `paths` does not.

    Args:
        paths: Python files below `root`.
        root: the folder that places are relative to.

    Returns:
        A SHA-256 as 64 lower-case hexadecimal digits.

    Raises:
        SettingError: a path lies outside `root`, cannot be read or is not Python.
    """
    return _digest(f"{name} {of}" for name, of in sorted((_place(path, root), _of_file(path)) for path in paths))


@functools.cache
def of_package_parts() -> str:
    """Fingerprint the code that trains: seeds, run specs, data, models and training, without tests and benchmarks.

    It is read once in a process: the code that was imported is the code that counts.

    Returns:
        A SHA-256 as 64 lower-case hexadecimal digits.
    """
    package = ROOT / "harness"
    found = {path for pattern in TRAINING_CODE for path in package.glob(pattern)}
    training = [path for path in found if NOT_TRAINING.isdisjoint(path.relative_to(package).parts)]
    return of_files(training, root=ROOT)


def of_module(name: str) -> str:
    """Fingerprint an importable module without importing it; of a package, every source file in it.

    What the module imports from elsewhere does not count. Finding `a.b` imports the package `a`, as Python's own
    search does.

    Args:
        name: the absolute dotted name of a module, such as `memorization_claims.measures.fit`.

    Returns:
        A SHA-256 as 64 lower-case hexadecimal digits.

    Raises:
        SettingError: no such module, or one without Python source (built in, compiled, a bare folder).
    """
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError) as error:
        raise SettingError(f"There is no module {name!r} to fingerprint: {error}.") from error
    if spec is None:
        raise SettingError(f"There is no module {name!r} to fingerprint; name one that `import {name}` would find.")
    # By its path and not by its loader: pytest's assertion rewriting puts a loader without source in the place.
    source = Path(spec.origin) if spec.has_location and spec.origin else None
    if source is None or source.suffix != ".py":
        raise SettingError(
            f"The module {name!r} has no Python source to fingerprint (it is from {spec.origin or 'a bare folder'}). "
            "Name a module that is a .py file or a package with an __init__.py."
        )
    files = source.parent.rglob("*.py") if spec.submodule_search_locations is not None else [source]
    return _digest([name, of_files(files, root=source.parent)])


class _DropBareStrings(ast.NodeTransformer):
    """Removes the statements that are nothing but a string."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        is_string = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_string else node


def _of_file(path: Path) -> str:
    """The fingerprint of one file, in the encoding that it declares."""
    try:
        with tokenize.open(path) as file:
            return of_source(file.read())
    except SettingError as error:
        raise SettingError(f"{path}: {error}") from error
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} cannot be read to be fingerprinted: {error}.") from error


def _place(path: Path, root: Path) -> str:
    """Where a file lies below `root`, with slashes on every system."""
    if not path.is_relative_to(root):
        raise SettingError(
            f"{path} cannot be fingerprinted by its place: it lies outside {root}; name a file below it."
        )
    return path.relative_to(root).as_posix()


def _digest(parts: Iterable[str]) -> str:
    """The SHA-256 of some lines."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
