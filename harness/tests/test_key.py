"""Content keys: equal for what gives equal numbers, different for all else, and refused where that cannot be told."""

from __future__ import annotations

import enum
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.store.key import described, key, keys, name_of

LEVEL = 1


def scaled(factor: float) -> Callable[[float], float]:
    """A function that knows its factor by its closure."""

    def function(value: float) -> float:
        return value * factor

    return function


def by_default(factor: float) -> Callable[..., float]:
    """A function that knows its factor by a default."""
    return lambda value, factor=factor: value * factor


def of_level(value: float) -> float:
    """A function that knows its factor by a global name."""
    return value * LEVEL


class Colour(enum.Enum):
    """Two colours."""

    RED = 1
    BLUE = 2


@dataclass(frozen=True)
class Pair:
    """Two numbers."""

    first: Any
    second: Any

    def sum(self, value: float) -> float:
        """All three."""
        return float(self.first + self.second + value)


LONG = np.arange(5000.0)
LONGER = np.where(LONG == 2500, 0.0, LONG)
DIFFERENT = [
    (scaled(1), scaled(10)),
    (by_default(1), by_default(10)),
    (lambda value: value, lambda value: -value),
    (lambda value: value in {"a", "b"}, lambda value: value in {"a", "c"}),
    (partial(scaled, 1), partial(scaled, 10)),
    (partial(scaled, factor=1), partial(scaled, factor=2)),
    (Pair(1, 2).sum, Pair(1, 3).sum),
    (LONG, LONGER),
    (torch.from_numpy(LONG), torch.from_numpy(LONGER)),
    (torch.zeros(2, 3), torch.zeros(3, 2)),
    (LONG, LONG.astype(np.float32)),
    (Pair(1, 2), Pair(2, 1)),
    (Colour.RED, Colour.BLUE),
    (1, True),
    (1, 1.0),
    (1, "1"),
    ((1, 2), [1, 2]),
    (math.nan, math.inf),
    (slice(1, 2), slice(2)),
    ({"a": 1}, {"a": 2}),
    ({1: "a"}, {"1": "a"}),
    (Path("a"), "a"),
    (b"a", "a"),
    (np.mean, np.median),
    (torch.nn.functional.relu, torch.nn.functional.gelu),
    (torch.float32, torch.float64),
    (None, 0),
]


@pytest.mark.parametrize(("first", "second"), DIFFERENT, ids=map(str, range(len(DIFFERENT))))
def test_what_differs_has_other_keys(first: Any, second: Any) -> None:
    """Also where repr would say the same."""
    assert key(option=first) == key(option=first)
    assert key(option=first) != key(option=second)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(first=PLAIN, second=PLAIN)
def test_keys_are_equal_just_where_values_are(first: Any, second: Any) -> None:
    """To the type: repr tells plain values apart; a mapping's order does not count, as `described` is sorted."""
    assert (key(value=first) == key(value=second)) == (repr(_ordered(first)) == repr(_ordered(second)))


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value)}
    return type(value)(map(_ordered, value)) if isinstance(value, list | tuple) else value


def test_a_global_constant_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is not what the module says."""
    before = key(measure=of_level)
    monkeypatch.setattr(sys.modules[__name__], "LEVEL", 100)
    assert key(measure=of_level) != before


def test_a_helper_of_a_measure_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A constant that a measure imports from another module of its package is part of its key."""
    package = tmp_path / "own_measures"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "constants.py").write_text("SCALE = 1\n", encoding="utf-8")
    (package / "measure.py").write_text("from .constants import SCALE\ndef f(x): return x * SCALE\n", encoding="utf-8")
    script = "from own_measures.measure import f\nfrom memorization_claims.store.key import key\nprint(key(measure=f))"
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def keyed() -> str:
        return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    before = keyed()
    assert before == keyed()
    (package / "constants.py").write_text("SCALE = 100\n", encoding="utf-8")
    assert keyed() != before


def test_a_docstring_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a comment: values are kept through either."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    script = "from commented import f\nfrom memorization_claims.store.key import key\nprint(key(measure=f))"
    found = set()
    for text in ('def f(x):\n    """One."""\n    return x', '# two\n\ndef f(x):\n    """Two."""\n    return x'):
        (tmp_path / "commented.py").write_text(text, encoding="utf-8")
        command = [sys.executable, "-c", script]
        found.add(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert len(found) == 1


OPAQUE = [object(), iter([]), torch.Generator(), [1, object()], np.array([object()]), partial(print, object())]


@pytest.mark.parametrize("value", OPAQUE, ids=map(str, range(len(OPAQUE))))
def test_what_cannot_be_named_is_refused(value: Any) -> None:
    """In one line that names the option and says what is legal."""
    with pytest.raises(SettingError, match=r"^[^\n]*option[^\n]* cannot be named in a key[^\n]*; legal are None, numb"):
        key(option=value)


def test_a_closure_over_what_cannot_be_named_is_refused() -> None:
    """And says which of its values it is."""
    held = object()
    with pytest.raises(SettingError, match=r"^held in the closure of option is <object object"):
        key(option=lambda: held)


def test_a_function_without_source_is_refused() -> None:
    """One that was typed in, say, has no code to be told by."""
    namespace: dict[str, Any] = {"__name__": "nowhere"}
    exec("def f(x): return x", namespace)
    with pytest.raises(SettingError, match=r"^option is <function f at .*>, whose code cannot be named in a key"):
        key(option=namespace["f"])


def test_the_name_of_a_function() -> None:
    """Of a partial one it is that of the function within, which seeds what a measure draws."""
    assert name_of(scaled) == name_of(partial(partial(scaled, 1))) == "scaled"


def test_a_description_is_plain() -> None:
    """Numbers and strings stand for themselves."""
    assert described({"a": (1, "b", None)}) == {"mapping": [["a", {"tuple": [1, "b", None]}]]}


@torch.no_grad()
def without_gradients(value: torch.Tensor) -> torch.Tensor:
    """A function behind a decorator that keeps an object."""
    return value


def test_a_decorated_function_can_be_named() -> None:
    """By the function within and by what the decorator holds."""
    assert key(measure=without_gradients) == key(measure=without_gradients)
    assert key(measure=without_gradients) != key(measure=torch.no_grad()(scaled))


def test_keys_of_several_things_are_those_of_each() -> None:
    """What they share is described once, and counts as if it were each one's own."""
    together = keys({"a": {"run": 1}, "b": {"run": 2}}, code=of_level)
    assert together == {name: key(run=run, code=of_level) for name, run in (("a", 1), ("b", 2))}
