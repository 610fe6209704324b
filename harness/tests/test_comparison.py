"""Nets of trained runs set beside each other, on images that were sought and on real ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from memorization_claims.controls.find import find
from memorization_claims.errors import SettingError
from memorization_claims.lab import compare as comparison
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.lab.runs import Runs
from memorization_claims.measures.dissection.dissimilarity import dissimilarity, found, recognised
from memorization_claims.models.build import build
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.dissection import Dissection
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec

BASE = RunSpec(
    data="digits", subset=60, validation=100, model="mlp-1x16", recipe=Recipe(rate=0.02, batch=10, epochs=20), nets=2
)
PLAN = Plan(
    base=BASE,
    conditions={
        "true": {},
        "wider": {"model": "mlp-1x24"},
        "random": {"corruption": Corruption(kind="random-labels")},
    },
    generator={"kind": "pca", "latent": 6},
    dissection=Dissection(starts=2),
)
PAIRS = {"seed": ("true", "true"), "width": ("true", "wider")}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that the tests of this module share."""
    return tmp_path_factory.mktemp("store")


def runs_at(place: Path, plan: Plan = PLAN, seeds: int = 3, **options: Any) -> Runs:
    """The runs of a plan, in a session of their own."""
    return Laboratory(place, place, torch.device("cpu"), **options).runs(plan, range(3, 3 + seeds))


def net_of(runs: Runs, spec: RunSpec, net: int) -> torch.nn.Module:
    """One trained net, by itself."""
    arrays, data = runs.entries[runs.keys[spec]].arrays, runs.dataset(spec)
    model = build(spec, (1, 8, 8), data.classes, net)
    model.load_state_dict({key: torch.tensor(arrays[f"weights/final/{key}"][net]) for key in model.state_dict()})
    return model.eval()


def test_every_net_is_set_beside_the_others_of_another_index(place: Path) -> None:
    """Distances of two seeds are those of both orders; of two models those of both nets, on images of the first."""
    runs = runs_at(place)
    samples = runs.compare(dissimilarity, "dissimilarity", "nats", pairs=PAIRS)
    assert (samples.name, samples.unit, samples.seeds, set(samples.values)) == (
        "dissimilarity", "nats", (3, 4, 5), {"seed", "width"}
    )  # fmt: skip
    for condition, (one, other) in PAIRS.items():
        for row, (first, second) in enumerate(zip(runs.specs[one], runs.specs[other], strict=True)):
            (shown,) = comparison.sought(runs, [first])
            distances = []
            for net, beside in ((0, 1), (1, 0)):
                images = shown[net].flatten(0, 1)
                logits = [
                    net_of(runs, *each)(images).reshape(1, 10, 2, 10) for each in ((first, net), (second, beside))
                ]
                distances.append(dissimilarity(*logits).item())
            assert samples[condition][row] == pytest.approx(np.mean(distances), rel=1e-5)


def test_images_are_sought_for_the_class(place: Path) -> None:
    """A net gives the class to its own images more often than another net does, and than nets of random labels."""
    runs = runs_at(place)
    own = runs.compare(found, "found", pairs=PAIRS)
    others = runs.compare(recognised, "recognised", pairs={**PAIRS, "labels": ("true", "random")})
    assert own["seed"].mean() > 0.5
    assert own["seed"].mean() >= others["seed"].mean() > others["labels"].mean()
    np.testing.assert_array_equal(own["seed"], own["width"])


def test_images_are_sought_once(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another measure and another session find them and the answers in the store; few at a time are the same."""
    runs = runs_at(place)
    whole = runs.compare(dissimilarity, "dissimilarity", pairs=PAIRS)
    with monkeypatch.context() as patch:
        patch.setattr(comparison, "maximise", lambda *arguments, **options: pytest.fail("sought again"))
        patch.setattr(comparison, "logits", lambda *arguments, **options: pytest.fail("answered again"))
        kept = runs_at(place).compare(dissimilarity, "dissimilarity", pairs={"width": ("true", "wider")})
    np.testing.assert_array_equal(kept["width"], whole["width"])
    with monkeypatch.context() as patch:
        patch.setattr(comparison, "AT_ONCE", 1)
        apart = runs_at(tmp_path).compare(dissimilarity, "dissimilarity", pairs=PAIRS)
    for condition in PAIRS:
        np.testing.assert_allclose(apart[condition], whole[condition], rtol=1e-3)


def test_what_decides_the_images_is_part_of_their_name(place: Path) -> None:
    """Another search and another generator give other distances; options of a measure are passed on."""
    plans = (PLAN, replace(PLAN, dissection=Dissection(steps=0, starts=2)), replace(PLAN, generator={"latent": 3}))
    distances = [runs_at(place, plan).compare(dissimilarity, "d", pairs=PAIRS)["seed"] for plan in plans]
    assert not np.allclose(distances[0], distances[1])
    assert not np.allclose(distances[0], distances[2])
    kl = runs_at(place).compare(dissimilarity, "d", pairs=PAIRS, divergence="kullback-leibler")
    assert (kl["seed"] > distances[0]).all()


def test_real_images_where_there_is_no_generator(place: Path) -> None:
    """The same validation images of each class for both nets: what is recognised is how many a net has right."""
    runs = runs_at(place, replace(PLAN, generator=None, dissection=Dissection(starts=50)))
    samples = runs.compare(recognised, "recognised", pairs=PAIRS)
    spec = runs.specs["wider"][0]
    data = runs.dataset(spec)
    few = int(torch.bincount(data.validation_labels).min())
    right = []
    for net in range(2):
        predicted = net_of(runs, spec, net)(data.validation_inputs).argmax(dim=1)
        for each in range(10):
            right += (predicted == data.validation_labels)[data.validation_labels == each][:few].tolist()
    assert samples["width"][0] == pytest.approx(np.mean(right))


def test_the_same_net_twice(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant sets each net beside itself: no distance is left."""
    for patch in find("same-net-twice").patched():
        monkeypatch.setattr(*patch)
    samples = runs_at(place, patched="same-net-twice", retrains=False).compare(
        dissimilarity, "dissimilarity", pairs=PAIRS
    )
    np.testing.assert_allclose(samples["width"], 0, atol=1e-12)


def test_dead_nets() -> None:
    """The mutant changes every recipe of a plan whose nets are compared, and no other plan."""
    dead = find("dead-nets").setting
    own = replace(PLAN, conditions={**PLAN.conditions, "decayed": {"recipe": replace(BASE.recipe, weight_decay=0.1)}})
    broken = dead(own)
    assert isinstance(broken, Plan)
    recipes = [spec.recipe for specs in broken.specs().values() for spec in specs]
    assert {(recipe.rate, recipe.epochs) for recipe in recipes} == {(20.0, 2)}
    assert {recipe.weight_decay for recipe in recipes} == {0.0, 0.1}
    assert dead(replace(own, dissection=None)) == replace(own, dissection=None)


def test_what_cannot_be_compared(place: Path) -> None:
    """Runs of a single net, and plans that do not say how."""
    alone = runs_at(place, PLAN.changed(nets=1))
    with pytest.raises(SettingError, match=r"^nets is 1 of runs whose nets are compared; legal is 2 or more$"):
        alone.compare(dissimilarity, "dissimilarity", pairs=PAIRS)
    silent = runs_at(place, replace(PLAN, dissection=None))
    with pytest.raises(SettingError, match=r"^the plan has no dissection; legal is one with `dissection`, such as "):
        silent.compare(dissimilarity, "dissimilarity", pairs=PAIRS)
