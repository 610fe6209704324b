"""Specs read from the plain values that they give, as JSON has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memorization_claims.spec.data import Corruption, DataSpec
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record, RunSpec

KINDS: dict[str, type[DataSpec]] = {"run": RunSpec, "fit": KernelSpec, "generator": GeneratorSpec}
PARTS: dict[str, Any] = {"corruption": Corruption, "recipe": Recipe, "record": Record}
"""Fields that are made of others."""


def spec_of(kind: str, values: Mapping[str, Any]) -> DataSpec:
    """The run, fit or generator whose `to_dict` gave these values, whether or not they were JSON meanwhile.

    Args:
        kind: run, fit or generator.
        values: by field.
    """
    fields = {name: PARTS[name](**_tuples(value)) if name in PARTS else value for name, value in values.items()}
    return KINDS[kind](**_tuples(fields))


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same with tuples again where JSON has lists."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
