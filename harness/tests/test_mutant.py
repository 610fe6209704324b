"""A mutant breaks its target wherever the process refers to it, and is refused where it could break nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from memorization_claims.controls.mutant import Mutant
from memorization_claims.errors import SettingError

HOME = """
def doubled(x):
    "Twice x."
    return 2 * x

class Box:
    size = 1

def asked(x):
    return doubled(x)
"""


def _module(monkeypatch: pytest.MonkeyPatch, name: str, source: str) -> Any:
    """A module of the process, for the time of a test."""
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(source, module.__dict__)
    return module


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that defines a function and a class."""
    return _module(monkeypatch, "mutant_home", HOME)


def negated(whole: Callable[[int], int]) -> Callable[[int], int]:
    """Minus the function."""
    return lambda x: -whole(x)


def test_all_that_refers_to_the_target_is_broken(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its own name and by another, in its own module and in others; all of it is whole when the patch is undone."""
    guest = _module(monkeypatch, "mutant_guest", "from mutant_home import doubled as twice, asked")
    whole = home.doubled
    mutant = Mutant("negated", "signs are turned", target=whole, replacement=negated)
    with monkeypatch.context() as patch:
        places = mutant.patched()
        assert {(module.__name__, name) for module, name, _ in places} == {
            ("mutant_home", "doubled"),
            ("mutant_guest", "twice"),
        }
        for each in places:
            patch.setattr(*each)
        assert [home.doubled(3), guest.twice(3), home.asked(3), guest.asked(3)] == [-6, -6, -6, -6]
    assert home.doubled is guest.twice is whole
    assert guest.asked(3) == 6


def test_a_moved_target_is_broken_where_it_is(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a move nor another name keeps the mutant from it."""
    mutant = Mutant("negated", "signs are turned", target=home.doubled, replacement=negated)
    elsewhere = _module(monkeypatch, "mutant_elsewhere", "from mutant_home import doubled as moved")
    del home.doubled
    ((module, name, broken),) = mutant.patched()
    assert (module, name) == (elsewhere, "moved")
    assert broken(3) == -6


def test_the_replacement_bears_the_name_of_the_target(home: Any) -> None:
    """Measures are kept and seeded by it; the broken function itself keeps its own."""
    mutant = Mutant("other", "x is left as it is", target=home.doubled, replacement=lambda whole: home.asked)
    ((_, _, broken),) = mutant.patched()
    assert (broken.__module__, broken.__qualname__) == ("mutant_home", "doubled")
    assert home.asked.__name__ == "asked"


def test_a_class_is_replaced_by_a_class(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It can be made and inherited from as before."""

    def large(whole: Any) -> type:
        return type("Large", (whole,), {"size": 2})

    mutant = Mutant("large-boxes", "boxes are large", target=home.Box, replacement=large)
    for each in mutant.patched():
        monkeypatch.setattr(*each)
    assert home.Box().size == 2


def test_a_target_that_nobody_refers_to(home: Any) -> None:
    """It is refused, whether it is gone or what is used is no global name."""
    mutant = Mutant("negated", "signs are turned", target=home.doubled, replacement=negated)
    del home.doubled
    message = (
        r"^the mutant 'negated' replaces mutant_home\.doubled, to which no module refers by a global name; legal is a "
        r"function or a class of a module$"
    )
    with pytest.raises(SettingError, match=message):
        mutant.patched()
    method = Mutant("method", "a method is broken", target=_module.__get__(home), replacement=negated)
    with pytest.raises(SettingError, match="to which no module refers by a global name"):
        method.patched()


def test_who_states_a_mutant_is_not_counted(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """That module imports the target for the mutant alone, which says nothing of whether anything uses it."""
    stated = "from mutant_home import doubled\ndef negated(whole):\n    return lambda x: -whole(x)"
    module = _module(monkeypatch, "mutant_stated", stated)
    mutant = Mutant("negated", "signs are turned", target=module.doubled, replacement=module.negated)
    assert len(mutant.patched()) == 2
    del home.doubled
    with pytest.raises(SettingError, match="to which no module refers"):
        mutant.patched()


def test_what_decides_under_a_mutant() -> None:
    """The function that breaks the target; what changes a setting shows in the setting."""
    assert Mutant("negated", "signs are turned", target=_module, replacement=negated).code() == (negated,)
    setting = Mutant("setting", "it changes", setting=lambda setting: setting)
    assert setting.code() == ()
    assert setting.patched() == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "Two words"}, "a mutant has the name 'Two words'; legal are lower-case words joined by hyphens"),
        ({"name": "a.b:c"}, "a mutant has the name 'a.b:c'; legal are lower-case words"),
        ({"says": ""}, "the mutant 'a' says nothing; legal is a sentence on what is broken"),
        (
            {"target": "package.module:function", "replacement": negated},
            "the mutant 'a' has the target 'package.module:function'; legal is a function or a class itself",
        ),
        ({"target": negated}, "the mutant 'a' has a target and no replacement; legal are both or neither"),
        ({"replacement": negated}, "the mutant 'a' has a replacement and no target; legal are both or neither"),
        ({}, "the mutant 'a' breaks nothing; legal is one with a setting or a target"),
        ({"spoils": "all"}, "the mutant 'a' spoils 'all'; legal are runs, values, nothing"),
        (
            {"setting": negated, "spoils": "values"},
            "the mutant 'a' replaces nothing, so that its runs are others; legal is one with a target",
        ),
        (
            {"setting": negated, "caught_by": "test_a.py::test_b"},
            "the mutant 'a' replaces nothing, so that no test can catch it; legal is one with a target",
        ),
    ],
)
def test_a_mutant_that_cannot_be(fields: dict[str, Any], message: str) -> None:
    """What is wrong with it is said where it is made."""
    with pytest.raises(SettingError, match=f"^{message}"):
        Mutant(**{"name": "a", "says": "b", **fields})
