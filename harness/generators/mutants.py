"""Mutants of the generators whose images nets are measured on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from memorization_claims.controls.mutant import Mutant
from memorization_claims.generators.generator import Generator, restore
from memorization_claims.plan.plan import Plan, Setting


def untrained(setting: Setting) -> Setting:
    """Generators that have learned nothing of the images."""
    if not (isinstance(setting, Plan) and setting.generator is not None):
        return setting
    return replace(setting, generator={**setting.generator, "learned": False})


def collapsed(whole: Callable[..., Generator]) -> Callable[..., Generator]:
    """Generators that make one image of all latent values that they get."""

    def broken(*arguments: Any) -> Generator:
        made = whole(*arguments)
        return replace(made, images=lambda latent: made.images(latent[:1].expand_as(latent)))

    return broken


def generates(setting: Setting) -> bool:
    """Whether nets are measured on generated images."""
    return isinstance(setting, Plan) and setting.generator is not None


MUTANTS = (
    Mutant(
        "untrained-generator",
        "the generator has its initial weights, or random directions in the place of principal ones",
        setting=untrained,
    ),
    Mutant(
        "generator-collapsed",
        "the generator makes one image of all latent values",
        target=restore,
        replacement=collapsed,
        within=generates,
    ),
)
