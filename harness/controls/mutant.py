"""A mutant: the science broken in one named way, to see which claims notice."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from functools import wraps
from types import ModuleType
from typing import Any, Literal, get_args

from memorization_claims.errors import SettingError
from memorization_claims.plan.plan import Setting

Replaceable = Callable[..., Any]
"""A function or a class."""
Spoiled = Literal["runs", "values", "nothing"]


def _unchanged(setting: Setting) -> Setting:
    return setting


def _whole(target: Replaceable) -> Replaceable:
    return target


@dataclass(frozen=True)
class Mutant:
    """One way of breaking the science: it changes what a claim asks for, or replaces a function or a class.

    Raises:
        SettingError: for a name of another form, no sentence, a target that is no function or class, a target without
            a replacement or the reverse, a mutant that neither changes nor replaces anything, other spoils than there
            are, and spoils or a test without a target.
    """

    name: str
    """Lower-case words joined by hyphens, by which it is asked for."""
    says: str
    """What is broken, in a sentence."""
    _: KW_ONLY
    setting: Callable[[Setting], Setting] = _unchanged
    """Changes what a claim asks for."""
    target: Replaceable | None = None
    """The function or class that it replaces: the object itself, so that it may move and be renamed."""
    replacement: Callable[[Any], Replaceable] = _whole
    """Takes the target and gives what replaces it. By then the target's name may mean the replacement."""
    within: Callable[[Setting], bool] = lambda setting: True
    """Whether the target has a part in a claim that asks for this; claims without are not judged again."""
    spoils: Spoiled = "runs"
    """What of the store the broken code has made, which is made again and kept apart: runs and all that is measured of
    them, the values that are measured alone, or nothing, where it works on what is taken from there."""
    blunt: bool = False
    """It breaks claims whatever they say, so that one that it fails is not shown to be about what it says."""
    caught_by: str = ""
    """The test, as `path::function`, that fails where the target is replaced, though no claim may notice."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.name):
            raise SettingError(f"a mutant has the name {self.name!r}; legal are lower-case words joined by hyphens")
        if not self.says:
            raise SettingError(f"the mutant {self.name!r} says nothing; legal is a sentence on what is broken")
        if self.target is not None and not callable(self.target):
            raise SettingError(
                f"the mutant {self.name!r} has the target {self.target!r}; legal is a function or a class itself"
            )
        if (self.target is None) != (self.replacement is _whole):
            there, lacking = ("replacement", "target") if self.target is None else ("target", "replacement")
            raise SettingError(f"the mutant {self.name!r} has a {there} and no {lacking}; legal are both or neither")
        if self.spoils not in get_args(Spoiled):
            legal = ", ".join(get_args(Spoiled))
            raise SettingError(f"the mutant {self.name!r} spoils {self.spoils!r}; legal are {legal}")
        if self.target is None and (self.caught_by or self.spoils != "runs"):
            what = "no test can catch it" if self.caught_by else "its runs are others"
            raise SettingError(f"the mutant {self.name!r} replaces nothing, so that {what}; legal is one with a target")
        if self.target is None and self.setting is _unchanged:
            raise SettingError(f"the mutant {self.name!r} breaks nothing; legal is one with a setting or a target")

    def concerns(self, setting: Setting) -> bool:
        """Whether a claim that asks for this is judged on anything else than it would be."""
        return (self.target is not None and self.within(setting)) or self.setting(setting) != setting

    def code(self) -> tuple[Replaceable, ...]:
        """The functions whose code decides what is trained and measured under the mutant, besides the code it breaks.

        What `setting` does shows in what is asked for, so it is not among them.
        """
        return () if self.target is None else (self.replacement,)

    def patched(self) -> list[tuple[ModuleType, str, Replaceable]]:
        """Each module that refers to the target, by which global name, and what to put there; empty without a target.

        A module that is imported later finds what the defining one has by then.

        Raises:
            SettingError: where no module refers to the target, which then would be broken for nobody.
        """
        if self.target is None:
            return []
        broken = self._stand_in(self.target)
        return [(module, name, broken) for module, name in self._references(self.target)]

    def _stand_in(self, target: Replaceable) -> Replaceable:
        """The replacement under the target's name, by which measures are kept and seeded."""
        broken = self.replacement(target)
        if isinstance(target, type):
            return broken

        @wraps(target)
        def stand_in(*args: Any, **options: Any) -> Any:
            return broken(*args, **options)

        return stand_in

    def _references(self, target: Replaceable) -> list[tuple[ModuleType, str]]:
        # Not by vars, for which a module that is imported lazily would be loaded.
        modules = [module for module in list(sys.modules.values()) if isinstance(module, ModuleType)]
        scopes = [(module, object.__getattribute__(module, "__dict__")) for module in modules]
        references = [
            (module, name) for module, names in scopes for name, value in list(names.items()) if value is target
        ]
        # The module that states the mutant refers to the target for that alone, unless it defines it.
        stated = self.replacement.__module__ if self.replacement.__module__ != target.__module__ else None
        if all(module.__name__ == stated for module, _ in references):
            raise SettingError(
                f"the mutant {self.name!r} replaces {target.__module__}.{target.__qualname__}, to which no module "
                "refers by a global name; legal is a function or a class of a module"
            )
        return references
