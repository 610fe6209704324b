"""Mutants of nets that are compared, and of what compares them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from memorization_claims.controls.mutant import Mutant
from memorization_claims.measures.dissection.answers import Function, answers
from memorization_claims.measures.dissection.dissimilarity import kullback_leibler
from memorization_claims.plan.plan import Plan, Setting
from memorization_claims.spec.recipe import Recipe

Divergence = Callable[[Tensor, Tensor], Tensor]
Answers = Callable[[Function, Function, Tensor], tuple[Tensor, Tensor]]


def compares(setting: Setting) -> bool:
    """Whether it asks for nets to be compared."""
    return isinstance(setting, Plan) and setting.dissection is not None


def swapped(whole: Divergence) -> Divergence:
    """KL with its arguments in the other order."""
    return lambda first, second: whole(second, first)


def underflowing(whole: Divergence) -> Divergence:
    """KL from the probabilities of a float32 softmax, not finite where one of them is 0."""

    def broken(first: Tensor, second: Tensor) -> Tensor:
        p, q = first.float().softmax(-1), second.float().softmax(-1)
        return (p * (p.log() - q.log())).sum(dim=-1).double()

    return broken


def same_net(whole: Answers) -> Answers:
    """The first net's answers for both."""
    return lambda first, second, images: whole(first, first, images)


def dead(setting: Setting) -> Setting:
    """Nets that are the same for all images, or have not learned what they were to learn."""
    if not (isinstance(setting, Plan) and compares(setting)):
        return setting
    base = replace(setting.base, **_killing(vars(setting.base)))
    conditions = {name: {**changes, **_killing(changes)} for name, changes in setting.conditions.items()}
    return replace(setting, base=base, conditions=conditions)


def _killing(fields: Mapping[str, Any]) -> dict[str, Any]:
    recipe = fields.get("recipe")
    return {"recipe": replace(recipe, rate=1000 * recipe.rate_at(0), epochs=2)} if isinstance(recipe, Recipe) else {}


MUTANTS = (
    Mutant(
        "kl-arguments-swapped",
        "KL(f2 || f1) is taken for KL(f1 || f2)",
        target=kullback_leibler,
        replacement=swapped,
        within=compares,
        spoils="values",
        caught_by="harness/tests/test_dissimilarity.py::test_kl_takes_its_arguments_in_the_papers_order",
    ),
    Mutant(
        "underflowing-softmax",
        "KL is taken from probabilities in float32, of which some are 0",
        target=kullback_leibler,
        replacement=underflowing,
        within=compares,
        spoils="values",
        caught_by="harness/tests/test_dissimilarity.py::test_kl_does_not_underflow",
    ),
    Mutant(
        "same-net-twice",
        "the second net of every pair is the first one",
        target=answers,
        replacement=same_net,
        within=compares,
        spoils="values",
    ),
    Mutant(
        "dead-nets",
        "nets that are compared have been trained for two epochs at a rate a thousand times too high",
        setting=dead,
        blunt=True,
    ),
)
