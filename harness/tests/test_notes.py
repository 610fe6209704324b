"""How a plan is judged on its data, in sentences that do not depend on what has been trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from memorization_claims.data.source import Source
from memorization_claims.lab.notes import notes, of_radius
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec

RECIPE = Recipe(rate=0.1, batch=10, epochs=2)
BASE = RunSpec(data="own", subset=20, validation=30, model="mlp-1x4", recipe=RECIPE)
PLAN = Plan(base=BASE, conditions={"true": {}, "less": {"subset": 10}})
IMAGES = np.random.default_rng(0).integers(0, 17, (50, 1, 4, 4)).astype(np.float32)
OWN = Source("own", IMAGES, np.arange(50) % 2, None, None, (0.0, 16.0))


def test_nothing_is_said_where_all_is_as_the_claim_asks() -> None:
    """Neither of nets nor of kernels."""
    assert notes(PLAN, OWN) == ()
    assert notes(Plan(base=KernelSpec(data="own", subset=20), conditions={"true": {}}), OWN) == ()


def test_what_was_made_of_the_data_is_said() -> None:
    """As the source says it."""
    assert notes(PLAN, replace(OWN, notes=("labels became classes",))) == ("labels became classes",)


def test_radii_are_said_in_both_units() -> None:
    """As shares of the range and in the unit of the pixels, once for all conditions that share one."""
    adversarial = replace(RECIPE, adversarial=0.5, adversarial_radius=0.25)
    plan = Plan(base=BASE, conditions={name: {"recipe": adversarial} for name in "ab"})
    assert notes(plan, OWN) == ("adversarial training searches within 0.25 of the pixels' range: 4 of 0 to 16",)
    found = of_radius(0.3 / 16, OWN)
    assert found == "the radius in which critical samples are sought is 0.01875 of the pixels' range: 0.3 of 0 to 16"
    shifted = replace(OWN, range=(-1.0, 1.0))
    assert of_radius(0.3 / 16, shifted).endswith("is 0.01875 of the pixels' range: 0.0375 of -1 to 1")


def test_small_validation_sets_are_said() -> None:
    """Once for each size, as the subsets of conditions leave it."""
    plan = PLAN.changed(validation=45)
    assert notes(plan, OWN) == tuple(
        f"45 validation examples were asked for; these are the {left} of x_train that are not trained on"
        for left in (30, 40)
    )
