"""What a claim asks for, before anything is run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from memorization_claims.errors import SettingError
from memorization_claims.plan.plan import Cases, Plan
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec

BASE = RunSpec(data="digits", subset=20, model="mlp-1x4", recipe=Recipe(rate=0.1, batch=10, epochs=2))
RANDOM: dict[str, Any] = {"corruption": Corruption(kind="random-labels")}
PLAN = Plan(base=BASE, conditions={"true": {}, "random": RANDOM})


def test_conditions_share_their_seeds() -> None:
    """At each place all conditions have one seed, and differ in what the condition says alone."""
    specs = PLAN.specs(range(7, 10))
    assert [spec.seed for spec in specs["true"]] == [7, 8, 9]
    assert specs["true"] == [replace(BASE, seed=seed) for seed in (7, 8, 9)]
    assert specs["random"] == [replace(spec, **RANDOM) for spec in specs["true"]]


def test_a_change_touches_the_base_alone() -> None:
    """A field that a condition sets stays as it sets it."""
    changed = PLAN.changed(model="cnn-4", corruption=Corruption(kind="permuted-labels"))
    assert {spec.model for specs in changed.specs().values() for spec in specs} == {"cnn-4"}
    assert {spec.corruption.kind for spec in changed.specs()["true"]} == {"permuted-labels"}
    assert {spec.corruption.kind for spec in changed.specs()["random"]} == {"random-labels"}
    assert PLAN.base == BASE


def test_training_changes_in_every_condition() -> None:
    """Recipes of conditions keep what else they set."""
    decayed = {"recipe": replace(BASE.recipe, weight_decay=0.1)}
    changed = replace(PLAN, conditions={"plain": {}, "decayed": decayed}).trained(optimizer="adam", rate=0.01)
    plain, after = (changed.specs()[name][0].recipe for name in ("plain", "decayed"))
    assert plain == replace(BASE.recipe, optimizer="adam", rate=0.01)
    assert after == replace(plain, weight_decay=0.1)


def test_what_a_plan_is_about() -> None:
    """A plan is about its data set; a theorem about cases of its own, which no data set replaces."""
    assert (PLAN.dataset, PLAN.needs_data) == ("digits", False)
    assert Cases().dataset == "generated"


@pytest.mark.parametrize("radius", [-0.1, float("inf"), float("nan")])
def test_a_radius_is_a_share(radius: float) -> None:
    """Not below 0, and finite; the data that it is a share of can be any."""
    with pytest.raises(SettingError) as refused:
        replace(PLAN, radius=radius)
    assert str(refused.value) == f"a plan has the radius {radius}; legal is a finite share of the range, 0 or more"
    assert replace(PLAN, radius=0.3 / 16).changed(data="mnist").radius == 0.3 / 16


def test_empty_plans_are_refused() -> None:
    """A plan without conditions or seeds says what is legal."""
    with pytest.raises(SettingError, match=r"^a plan has no conditions; legal is one or more$"):
        Plan(base=BASE, conditions={})
    with pytest.raises(SettingError, match=r"^a plan has at most 0 seeds; legal is 1 or more$"):
        Plan(base=BASE, conditions={"true": {}}, most=0)
