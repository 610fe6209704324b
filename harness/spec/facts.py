"""What is known of a corruption whatever it draws: what it touches, and whether its classes are the data's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from memorization_claims.errors import SettingError
from memorization_claims.spec import named, names

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a corruption; the defaults are those of a function that says nothing about itself."""

    labels: bool = True
    """It may change labels."""
    inputs: bool = True
    """It may change images. If not, runs share the images in memory, and the function may be called without any."""
    new_classes: bool = False
    """Its labels are not those of the data: it touches every example, and accuracy on real labels is void."""
    one_draw: bool = False
    """What it draws does not depend on which or how many examples it touches, and other images of the run, such as
    held-out ones, get the training set's own draw. If not, they get a fresh one."""


def touches(
    *what: Literal["labels", "inputs"], new_classes: bool = False, one_draw: bool = False
) -> Callable[[Function], Function]:
    """Decorate a corruption with what it touches; the arguments are those of `Facts`."""

    def decorated(function: Function) -> Function:
        facts = Facts(labels="labels" in what, inputs="inputs" in what, new_classes=new_classes, one_draw=one_draw)
        function.facts = facts  # type: ignore[attr-defined]
        return function

    return decorated


def facts_of(kind: str) -> Facts:
    """What is known of a corruption, by its short name or `package.module:function`.

    Raises:
        SettingError: for an unknown kind.
    """
    facts = getattr(named.find("corruption", names.corruption(kind)), "facts", None)
    return facts if isinstance(facts, Facts) else Facts()


def check_fraction(kind: str, fraction: float) -> None:
    """Refuse a corruption of some examples that makes classes of its own, which cannot stand beside the data's."""
    if fraction != 1.0 and facts_of(kind).new_classes:
        raise SettingError(f"{kind} touch every example; the fraction is {fraction}, legal is 1.0")
