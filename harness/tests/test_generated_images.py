"""Generators of a plan's runs: kept and shared as runs are, and what nets make of their images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.controls.find import find
from memorization_claims.errors import SettingError, UndecidableError
from memorization_claims.lab import content
from memorization_claims.lab.images import GENERATED
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.measures.nets.coverage import rarest_share
from memorization_claims.plan.plan import Plan
from memorization_claims.seed import torch_generator
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec

BASE = RunSpec(
    data="digits", subset=40, validation=30, model="mlp-1x8", recipe=Recipe(rate=0.1, batch=10, epochs=2), nets=2
)
CONDITIONS = {"true": {}, "random": {"corruption": Corruption(kind="random-labels")}}
PLAN = Plan(base=BASE, conditions=CONDITIONS, generator={"kind": "pca", "latent": 4})


def laboratory_at(place: Path, **options: Any) -> Laboratory:
    """A laboratory on the CPU."""
    return Laboratory(place, place, torch.device("cpu"), **options)


def test_a_generator_belongs_to_a_training_set(tmp_path: Path) -> None:
    """Arms with other labels and nets share it; it is trained once, and announced."""
    lines: list[str] = []
    runs = laboratory_at(tmp_path, announce=lines.append).runs(PLAN, range(5, 8))
    assert (runs.trained, len(runs.entries)) == (9, 9)
    assert lines[-1] == "training 3 generators: pca on digits"
    assert len({key for _, key in runs.generators.values()}) == 3
    again = laboratory_at(tmp_path).runs(PLAN, range(5, 8))
    assert (again.trained, again.seconds) == (0, runs.seconds)
    assert laboratory_at(tmp_path).runs(replace(PLAN.changed(model="mlp-1x9")), [5]).trained == 2
    assert laboratory_at(tmp_path).runs(replace(PLAN, generator={"kind": "pca", "latent": 5}), range(5, 8)).trained == 3
    assert laboratory_at(tmp_path).runs(replace(PLAN, generator=None), range(5, 8)).trained == 0


def test_it_learns_from_true_images(tmp_path: Path) -> None:
    """Of an arm whose images are noise, the generator is that of the arm whose images are not."""
    noisy = replace(PLAN, conditions={"noise": {"corruption": Corruption(kind="gaussian-inputs")}, **CONDITIONS})
    runs = laboratory_at(tmp_path).runs(noisy, range(5, 8))
    assert len({key for _, key in runs.generators.values()}) == 3
    spec = runs.specs["noise"][0]
    assert runs.generators[spec][0] == GeneratorSpec(
        data="digits", subset=40, validation=30, seed=5, kind="pca", latent=4
    )
    images = runs.generator(spec).images(torch.zeros(1, 4))
    true = runs.dataset(runs.specs["true"][0]).inputs
    torch.testing.assert_close(images[0], true.mean(0), rtol=1e-4, atol=1e-4)


GIVEN: list[Tensor] = []


def looks(logits: Any, inputs: Tensor) -> Tensor:
    """The mean logit; notes what it was given."""
    GIVEN.append(inputs)
    return logits(inputs).mean(dim=(1, 2))  # type: ignore[no-any-return]


def test_nets_are_measured_on_generated_images(tmp_path: Path) -> None:
    """Both nets of a run get the same images, drawn by seed; values are kept apart from those on other images."""
    given = GIVEN
    given.clear()
    runs = laboratory_at(tmp_path).runs(PLAN, range(5, 8))
    first = runs.measure(looks, "logits", on="generated")
    images, asked = torch.cat(given), len(given)
    assert images.shape == (12, GENERATED, 1, 8, 8)
    drawn = torch.randn(GENERATED, 4, generator=torch_generator(5, "measure", "latent"))
    expected = runs.generator(runs.specs["true"][0]).images(drawn)
    for lane in (0, 1, 6, 7):  # both nets of the first seed, in both conditions
        torch.testing.assert_close(images[lane], expected)
    assert not torch.allclose(images[0], images[2])
    assert runs.measure(looks, "logits", on="generated")["true"].tolist() == first["true"].tolist()
    assert len(given) == asked
    assert runs.measure(looks, "logits")["true"].tolist() != first["true"].tolist()
    other = laboratory_at(tmp_path).runs(replace(PLAN, generator={"kind": "pca", "latent": 5}), range(5, 8))
    assert other.measure(looks, "logits", on="generated")["true"].tolist() != first["true"].tolist()


def beside_held_out(logits: Any, inputs: Tensor, held_out: Tensor) -> Tensor:
    """The sum of the images that it is offered."""
    assert held_out.shape[1:] == (30, *inputs.shape[2:])
    return held_out.flatten(1).sum(dim=1)


def test_held_out_images_are_offered(tmp_path: Path) -> None:
    """A measure that has a parameter of that name gets each run's validation images, whatever it is measured on."""
    runs = laboratory_at(tmp_path).runs(PLAN, range(5, 8))
    expected = [float(runs.dataset(spec).validation_inputs.sum()) for spec in runs.specs["true"]]
    assert runs.measure(beside_held_out, "sum", on="generated")["true"].tolist() == pytest.approx(expected, rel=1e-4)
    assert runs.measure(beside_held_out, "sum", on="training")["true"].tolist() == pytest.approx(expected, rel=1e-4)


def test_a_plan_without_a_generator(tmp_path: Path) -> None:
    """Asking for its images is told."""
    runs = laboratory_at(tmp_path).runs(replace(PLAN, generator=None), [5])
    with pytest.raises(SettingError, match=r"^the plan has no generator; legal is one with `generator`"):
        runs.measure(rarest_share, "rarest share", on="generated")


def test_a_generator_that_failed_is_kept_and_undecidable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim that asks for it learns why, from the store as well."""

    def fails(spec: GeneratorSpec, *_: object) -> dict[str, np.ndarray]:
        raise UndecidableError("it was not to be")

    monkeypatch.setattr("memorization_claims.lab.laboratory.generators.train", fails)
    message = r"^none of 1 runs gave .*; 'true' at seed 5 gave no number: it was not to be$"
    for begun in (2, 0):
        lines: list[str] = []
        with pytest.raises(UndecidableError, match=message):
            laboratory_at(tmp_path, announce=lines.append).runs(replace(PLAN, conditions={"true": {}}), [5])
        assert len(lines) == begun


def test_the_key_of_a_generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows the spec, and the code of generators besides that which trains."""
    laboratory = laboratory_at(tmp_path)
    spec = GeneratorSpec.of(BASE, kind="dcgan")
    key = laboratory.key(spec)
    assert key == laboratory_at(tmp_path).key(spec)
    assert key != laboratory.key(replace(spec, width=16))
    monkeypatch.setitem(content.CODE, GeneratorSpec, "memorization_claims.seed")
    assert laboratory_at(tmp_path).key(spec) != key


def test_the_mutant_of_generators() -> None:
    """Whatever is generated is learned no more; other claims are not judged again."""
    mutant = find("untrained-generator")
    changed = mutant.setting(PLAN)
    assert isinstance(changed, Plan)
    assert changed.generator == {"kind": "pca", "latent": 4, "learned": False}
    assert [mutant.concerns(each) for each in (PLAN, replace(PLAN, generator=None))] == [True, False]


def answers(*rows: list[float]) -> Any:
    """A net whose logits are the images' own values."""
    return torch.tensor(rows)[None]


def itself(inputs: Tensor) -> Tensor:
    """Logits that are the inputs."""
    return inputs


def test_rarest_share_in_closed_form() -> None:
    """Three images of one class and one of the other; a third class that is never found has no share."""
    images = answers([1.0, 0.0], [2.0, 1.0], [3.0, 0.0], [0.0, 1.0])
    assert rarest_share(itself, images).tolist() == [0.25]
    assert rarest_share(itself, torch.cat([images, images - 9], dim=2)[..., :3]).tolist() == [0.0]


@settings(deadline=None, max_examples=30)
@given(nets=st.integers(1, 3), images=st.integers(1, 230), classes=st.integers(2, 6), seed=st.integers(0, 999))
def test_measures_of_images_by_hand(nets: int, images: int, classes: int, seed: int) -> None:
    """One image at a time, in any order: the same numbers, within their bounds."""
    logits = 3 * torch.randn(nets, images, classes, generator=torch.Generator().manual_seed(seed))
    rare = rarest_share(itself, logits)
    for net in range(nets):
        counts = [0] * classes
        for row in logits[net].tolist():
            counts[row.index(max(row))] += 1
        assert float(rare[net]) == pytest.approx(min(counts) / images)
    assert bool(((rare >= 0) & (rare <= 1 / classes)).all())
    torch.testing.assert_close(rarest_share(itself, logits.flip(1)), rare)
