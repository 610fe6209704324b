"""A mutant of the generators whose images nets are measured on."""

from __future__ import annotations

from dataclasses import replace

from memorization_claims.controls.mutant import Mutant
from memorization_claims.plan.plan import Plan, Setting


def untrained(setting: Setting) -> Setting:
    """Generators that have learned nothing of the images."""
    if not (isinstance(setting, Plan) and setting.generator is not None):
        return setting
    return replace(setting, generator={**setting.generator, "learned": False})


MUTANTS = (
    Mutant(
        "untrained-generator",
        "the generator has its initial weights, or random directions in the place of principal ones",
        setting=untrained,
    ),
)
