"""What SECURITY.md says of the code: nothing unpickles, evaluates, or loads with what would."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from memorization_claims.tests.test_layers import MODULES

UNPICKLING = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "yaml"}
SAFE = {"np.load": ("allow_pickle", False), "torch.load": ("weights_only", True)}
"""The argument that each has to be given in so many words."""
EVALUATING = {"eval", "exec", "compile", "__import__"}


def test_nothing_is_unpickled_or_evaluated() -> None:
    """Neither the package nor a claim imports what unpickles or calls what evaluates a text."""
    assert [found for found in _nodes() if _wrong(found[1])] == []


def test_what_is_looked_for_is_there() -> None:
    """The two readers that could unpickle are each called once, in the way that does not."""
    calls = [ast.unparse(node.func) for _, node in _nodes() if isinstance(node, ast.Call)]
    assert [calls.count(name) for name in SAFE] == [1, 1]
    for text in (
        "import pickle",
        "from dill import load",
        "np.load(file)",
        "torch.load(f, weights_only=False)",
        "eval(x)",
    ):
        assert any(_wrong(node) for node in ast.walk(ast.parse(text))), text


def _nodes() -> Iterator[tuple[str, ast.AST]]:
    """Every node of the code, with its module."""
    for name, path in MODULES.items():
        yield from ((name, node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def _wrong(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] in UNPICKLING for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] in UNPICKLING
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func).replace("numpy.", "np.")
    if called in SAFE:
        name, value = SAFE[called]
        return not any(
            each.arg == name and isinstance(each.value, ast.Constant) and each.value.value is value
            for each in node.keywords
        )
    return called in EVALUATING
