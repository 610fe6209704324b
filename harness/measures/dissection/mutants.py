"""What mutants make of nets that are compared, and of the functions that compare them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from memorization_claims.plan.plan import Plan, Setting
from memorization_claims.spec.recipe import Recipe


def compares(setting: Setting) -> bool:
    """Whether it asks for nets to be compared."""
    return isinstance(setting, Plan) and setting.dissection is not None


def swapped(kullback_leibler: Callable[..., Any]) -> Callable[..., Any]:
    """KL with its arguments in the other order."""
    return lambda first, second: kullback_leibler(second, first)


def underflowing(kullback_leibler: Callable[..., Any]) -> Callable[..., Any]:
    """KL from the probabilities of a float32 softmax, not finite where one of them is 0."""

    def broken(first: Any, second: Any) -> Any:
        p, q = first.float().softmax(-1), second.float().softmax(-1)
        return (p * (p.log() - q.log())).sum(dim=-1).double()

    return broken


def same_net(answers: Callable[..., Any]) -> Callable[..., Any]:
    """The first net's answers for both."""
    return lambda first, second, images: answers(first, first, images)


def dead(setting: Setting) -> Setting:
    """Nets that are the same for all images, or have not learned what they were to learn."""
    if not (isinstance(setting, Plan) and compares(setting)):
        return setting
    base = replace(setting.base, **_killing(vars(setting.base)))
    conditions = {name: {**changes, **_killing(changes)} for name, changes in setting.conditions.items()}
    return replace(setting, base=base, conditions=conditions)


def _killing(fields: Any) -> dict[str, Any]:
    recipe = fields.get("recipe")
    return {"recipe": replace(recipe, rate=1000 * recipe.rate, epochs=2)} if isinstance(recipe, Recipe) else {}
