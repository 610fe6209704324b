"""Plans that mutants change or leave alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from memorization_claims.plan.plan import Plan
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.dissection import Dissection
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec

RECIPE = Recipe(rate=0.1, batch=10, epochs=2)
BASE = RunSpec(data="digits", model="mlp-1x4", recipe=RECIPE, corruption=Corruption(kind="random-labels"))
CONDITIONS: Mapping[str, Mapping[str, Any]] = {
    "true": {"corruption": Corruption()},
    "random": {"corruption": Corruption(kind="random-labels", fraction=0.5)},
    "permuted": {"corruption": Corruption(kind="permuted-labels")},
    "noise": {"corruption": Corruption(kind="gaussian-inputs", fraction=0.5)},
    "decaying": {"recipe": replace(RECIPE, weight_decay=0.1)},
}
PLAN = Plan(base=BASE, conditions=CONDITIONS)
NETS = replace(PLAN, conditions={"narrow": {"model": "mlp-1x4"}, "wide": {"model": "mlp-1x9"}})
GENERATED = replace(PLAN, generator={"kind": "pca"})
KERNELS = Plan(base=KernelSpec(data="digits"), conditions={"a": {"ridge": 1.0}, "b": {"centres": "random"}})
COMPARED = replace(GENERATED, dissection=Dissection())
TRUE_LABELS = Plan(base=replace(BASE, corruption=Corruption()), conditions={"true": {}})
