"""Factors that a plan crosses, and conditions selected by their levels."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.plan.conditions import TRUE, random_labels
from memorization_claims.plan.crossed import Level, crossed, levels_of, where
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.tests import miniature

BASE = RunSpec(data="digits", subset=20, model="mlp-1x4", recipe=Recipe(rate=0.1, batch=10, epochs=2))
DATA = {"real": TRUE, "randY": random_labels()}
WIDTHS = {"narrow": Level(4, {"model": "mlp-1x4"}), "wide": Level(16, {"model": "mlp-1x16"})}
PLAN = Plan.crossed(BASE, {"data": DATA, "width": WIDTHS}, most=64)


def test_every_combination_is_a_condition() -> None:
    """Named by its levels, the last factor fastest; each replaces what all of its levels replace."""
    assert list(PLAN.conditions) == ["real, narrow", "real, wide", "randY, narrow", "randY, wide"]
    assert PLAN.specs(range(7, 10))["randY, wide"] == [
        replace(BASE, **random_labels(), model="mlp-1x16", seed=seed) for seed in (7, 8, 9)
    ]
    assert (PLAN.most, PLAN.needs_data) == (64, False)


def test_a_level_is_a_number_or_a_name() -> None:
    """A width is known as a number, and needs not be read out of a name."""
    assert PLAN.factors["randY, wide"] == {"data": "randY", "width": 16}
    assert levels_of(PLAN.factors, "width") == [4, 16]
    assert levels_of(PLAN.factors, "data") == ["real", "randY"]


def test_conditions_are_selected_by_levels() -> None:
    """In the order of the plan; by no level at all, all of them."""
    assert where(PLAN.factors, data="randY") == ["randY, narrow", "randY, wide"]
    assert where(PLAN.factors, width=16) == ["real, wide", "randY, wide"]
    assert where(PLAN.factors, width=16, data="real") == ["real, wide"]
    assert where(PLAN.factors) == list(PLAN.conditions)


@given(sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_there_are_as_many_as_the_product(sizes: list[int]) -> None:
    """Any one level selects as many conditions as the other factors have combinations."""
    factors = {f"f{place}": {f"{place}{n}": Level(n, {}) for n in range(size)} for place, size in enumerate(sizes)}
    conditions, levels = crossed(factors)
    total = len(conditions)
    assert levels.keys() == conditions.keys()
    for place, size in enumerate(sizes):
        assert all(len(where(levels, **{f"f{place}": n})) * size == total for n in range(size))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: where(PLAN.factors, width=8), "no condition has width=8; data is real, randY; width is 4, 16"),
        (lambda: where({}, width=8), "no condition has width=8; the plan's conditions have no factors"),
        (
            lambda: levels_of(PLAN.factors, "depth"),
            "no condition has a level of 'depth'; data is real, randY; width is 4, 16",
        ),
        (
            lambda: crossed({"width": WIDTHS, "depth": {"deep": {"model": "mlp-2x4"}}}),
            "depth replaces 'model', as another factor does; legal is one of them",
        ),
        (
            lambda: replace(PLAN, conditions={"real": TRUE}),
            "a plan has factors of real, narrow, real, wide, randY, narrow, randY, wide; "
            "legal are those of its conditions, real",
        ),
    ],
)
def test_what_is_not_there_is_named(call: Callable[[], Any], message: str) -> None:
    """Beside what there is."""
    with pytest.raises(SettingError, match=f"^{re.escape(message)}$"):
        call()


def test_factors_stay_when_a_plan_is_changed() -> None:
    """By options, and where it is made small."""
    small: Any = miniature.smaller(PLAN, miniature.LIMITS)
    for plan in (PLAN.changed(subset=10), PLAN.trained(rate=0.2), small):
        assert plan.factors == PLAN.factors
        assert plan != PLAN
