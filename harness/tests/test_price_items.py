"""What single items cost, which share runs, and the stages that follow from it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.plan.plan import Cases, Plan
from memorization_claims.price import devices, totals
from memorization_claims.price.bill import Asked, bill
from memorization_claims.price.items import groups, needs, parts
from memorization_claims.price.stages import stages
from memorization_claims.spec.recipe import Recipe
from memorization_claims.tests.training_samples import CPU, spec

BASE = spec(model="mlp-1x4", recipe=Recipe(rate=0.1, batch=10, epochs=2))
LONG = replace(BASE, recipe=replace(BASE.recipe, epochs=20))
ONE, OTHER = (Plan(base=BASE, conditions={"only": {"recipe": replace(BASE.recipe, rate=rate)}}) for rate in (0.1, 0.2))
BOTH = Plan(base=BASE, conditions={"one": {}, "other": {"recipe": replace(BASE.recipe, rate=0.2)}})
ELSE = Plan(base=LONG, conditions={"only": {}})
PROCESSOR = devices.BUILT_IN["cpu"]


@pytest.fixture
def laboratory(tmp_path: Path) -> Laboratory:
    """A place with an empty store and no data but digits."""
    return Laboratory(tmp_path / "store", tmp_path / "data", CPU)


def test_each_item_by_itself(laboratory: Laboratory) -> None:
    """Its own runs at the first look, whoever needs them too; a theorem has none, what is not counted has no end."""
    asked = [Asked(ONE, (12, 24)), Asked(BOTH, (12, 24)), Asked(ELSE, (6,)), Asked(Cases(number=3), (3,))]
    unpriced = replace(ONE, generator={"kind": "pca", "latent": 3})
    found = needs([*asked, Asked(unpriced, (12,))], laboratory, 700_000, PROCESSOR)
    one, both, other, case, unknown = (sum(each.values()) for each in found)
    assert both == pytest.approx(2 * one)
    assert other == pytest.approx(one * 10 * 6 / 12, rel=0.2)
    assert case == 0
    assert unknown == math.inf
    assert not laboratory.store_path.exists()


def test_those_that_share_runs(laboratory: Laboratory) -> None:
    """Also by way of a third; what they share is paid once, in equal parts."""
    asked = [Asked(each, (12,)) for each in (ONE, ELSE, OTHER, BOTH, Cases(number=3))]
    found = needs(asked, laboratory, 700_000, PROCESSOR)
    assert groups(found) == [0, 1, 0, 0, 4]
    one, other, both = (sum(found[item].values()) for item in (0, 2, 3))
    assert parts(found)[0] == pytest.approx(one / 2)
    assert parts(found)[0] + parts(found)[2] + parts(found)[3] == pytest.approx(both) == pytest.approx(one + other)


def test_what_is_stored_costs_nothing(laboratory: Laboratory) -> None:
    """Where only what is lacking counts."""
    laboratory.runs(ONE, [700_000])
    asked = [Asked(ONE, (12,)), Asked(BOTH, (12,))]
    one, both = needs(asked, laboratory, 700_000, PROCESSOR, lacking=True)
    assert list(one.values()) == [0.0]
    assert sum(cost == 0 for cost in both.values()) == 1
    whole, _ = needs(asked, laboratory, 700_000, PROCESSOR)
    assert sum(whole.values()) > 0


@given(st.lists(st.one_of(st.integers(0, 5), st.just(math.inf))))
def test_stages_are_halves(costs: list[float]) -> None:
    """Each has the larger half of what is left, none of it dearer than any later one, and of equal costs the first."""
    found, left = stages(costs), len(costs)
    for stage in range(1, max(found, default=0) + 1):
        assert found.count(stage) == (left + 1) // 2
        left -= found.count(stage)
    assert left == 0
    items = sorted(range(len(costs)), key=lambda item: (found[item], costs[item], item))
    assert items == sorted(range(len(costs)), key=lambda item: (costs[item], item))


def test_a_stage_costs_what_is_left_to_it(laboratory: Laboratory) -> None:
    """What an earlier one has trained is not paid again, so that all of them cost what the session does."""
    asked = [Asked(ONE, (12, 24), 1), Asked(BOTH, (12, 24), 2), Asked(ELSE, (12, 24), 2)]
    jobs = bill(asked, laboratory, 700_000)["jobs"]
    assert sorted(job["stage"] for job in jobs) == [1, 2, 2]
    first, second = totals.by_stage(jobs, PROCESSOR, [1, 2, 2])
    assert (first["stage"], first["items"], second["stage"], second["items"]) == (1, 1, 2, 2)
    for look, name in zip(totals.LOOKS, ("seconds", "most_seconds"), strict=True):
        together = totals.at(jobs, PROCESSOR, look, 1)["seconds"]
        assert first[name] + second[name] == pytest.approx(together)
    (own,) = needs([asked[0]], laboratory, 700_000, PROCESSOR)
    assert first["seconds"] == pytest.approx(sum(own.values()))
