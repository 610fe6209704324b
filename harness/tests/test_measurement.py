"""Nets measured as they were at epochs whose weights were kept, on parts of the images, in evaluation mode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.lab import measure as measurement
from memorization_claims.lab.images import images
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.lab.runs import Runs
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record, RunSpec

BASE = RunSpec(
    data="digits",
    subset=40,
    validation=30,
    model="mlp-1x8",
    recipe=Recipe(rate=0.1, batch=10, epochs=6),
    record=Record(weights=(4, 0, 2, 50)),
    nets=2,
)
PLAN = Plan(base=BASE, conditions={"true": {}, "noise": {"corruption": Corruption(kind="gaussian-inputs")}})


def runs_at(place: Path, plan: Plan = PLAN, seeds: int = 1) -> Runs:
    """The runs of a plan, in a laboratory on the CPU."""
    return Laboratory(place, place, torch.device("cpu")).runs(plan, range(3, 3 + seeds))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Runs that the tests of this module share."""
    return runs_at(tmp_path_factory.mktemp("store"), seeds=2)


def mean_logit(logits: Any, inputs: Tensor, *, generators: Sequence[torch.Generator], times: float = 1.0) -> Tensor:
    """A measure: the mean of all logits."""
    assert len(generators) == len(inputs)
    return times * logits(inputs).mean(dim=(1, 2))  # type: ignore[no-any-return]


def test_a_course_is_that_of_the_weights_kept(runs: Runs) -> None:
    """At every named epoch the nets are those of that epoch, as nets trained to there and no further show."""
    course = runs.traced("logit", mean_logit)
    np.testing.assert_array_equal(course.epochs("true"), [0, 2, 4])
    assert course.array("noise", "logit").shape == (2, 2, 3)
    for column, epochs in ((1, 2), (2, 4)):
        shorter = replace(BASE, recipe=replace(BASE.recipe, epochs=epochs), record=Record())
        ended = runs_at(runs.store.root, replace(PLAN, base=shorter), seeds=2).measure(mean_logit, "logit")
        for condition in PLAN.conditions:
            at = course.array(condition, "logit")[..., column].mean(axis=1)
            np.testing.assert_allclose(at, ended[condition], rtol=1e-5)


def test_other_traces_are_seen_at_the_same_epochs(runs: Runs) -> None:
    """What was recorded stands beside what is measured; the runs themselves stay as they were."""
    course = runs.traced("logit", mean_logit).traced("twice", mean_logit, times=2.0)
    recorded = runs.array("true", "train_accuracy")
    np.testing.assert_array_equal(course.array("true", "train_accuracy"), recorded[..., [0, 2, 4]])
    np.testing.assert_allclose(course.array("true", "twice"), 2 * course.array("true", "logit"), rtol=1e-6)
    assert len(runs.epochs("true")) == 7
    with pytest.raises(SettingError, match=r"^nothing was recorded as 'logit'"):
        runs.array("true", "logit")


def test_what_was_evaluated_at_the_end_alone_has_no_course(tmp_path: Path) -> None:
    """The end is had; the course is refused, and not handed out as NaN."""
    plan = replace(PLAN, base=replace(BASE, record=Record(weights="none", validation="final")))
    late = runs_at(tmp_path / "late", plan, seeds=2)
    throughout = runs_at(tmp_path / "throughout", replace(PLAN, base=replace(BASE, record=Record())), seeds=2)
    np.testing.assert_array_equal(late.final("validation_error")["true"], throughout.final("validation_error")["true"])
    with pytest.raises(SettingError, match=r"^'validation_error' was recorded at the end of training alone; legal"):
        late.array("true", "validation_error")


def test_a_course_is_measured_once(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values of all epochs are kept; another option is another course."""
    first = runs.traced("logit", mean_logit, times=3.0).array("true", "logit")
    again = runs_at(runs.store.root, seeds=2)
    with monkeypatch.context() as patch:
        patch.setattr(measurement, "measure_few", lambda *arguments: pytest.fail("measured again"))
        np.testing.assert_array_equal(again.traced("logit", mean_logit, times=3.0).array("true", "logit"), first)
    assert not np.allclose(again.traced("logit", mean_logit, times=4.0).array("true", "logit"), first)
    assert again.trained == 0


def test_a_net_that_stopped_stays_as_it_was(tmp_path: Path) -> None:
    """Nets that stop between two named epochs are measured, and seen, as they stopped from then on."""
    recipe = Recipe(rate=0.02, batch=5, epochs=40, stop_accuracy=0.9)
    base = replace(BASE, model="mlp-1x16", recipe=recipe, record=Record(weights=(1, 30, 40)), nets=3)
    runs = runs_at(tmp_path, Plan(base=base, conditions={"true": {}}))
    course = runs.traced("logit", mean_logit)
    stopped = runs.arrays(runs.first)["stopped"]
    assert ((1 < stopped) & (stopped < 30)).all()
    np.testing.assert_allclose(course.final("logit")["true"], runs.measure(mean_logit, "logit")["true"])
    np.testing.assert_array_equal(
        course.array("true", "train_accuracy")[0, :, 1:],
        np.repeat(runs.array("true", "train_accuracy")[0, np.arange(3), stopped][:, None], 2, axis=1),
    )
    assert course.final("train_accuracy")["true"] == pytest.approx(runs.final("train_accuracy")["true"])


def test_moments_of_a_course(runs: Runs) -> None:
    """Each is read at the last evaluation that is not after it, and stays after the end."""
    moments = {"before": -1.0, "first": 0.0, "between": 3.0, "last": 4.0, "after": 99.0}
    found = runs.traced("logit", mean_logit).over("logit", "true", moments, "mean logit")
    assert runs.budget == 6
    course = runs.traced("logit", mean_logit).array("true", "logit").mean(axis=1)
    for name, column in {"before": 0, "first": 0, "between": 1, "last": 2, "after": 2}.items():
        np.testing.assert_allclose(found[name], course[:, column])


def test_weights_of_the_end_alone_have_no_course(tmp_path: Path) -> None:
    """The message says what must be kept."""
    runs = runs_at(tmp_path, PLAN.changed(record=Record()))
    with pytest.raises(
        SettingError, match=r"^weights are kept at 'final'; legal for a further trace is a tuple of epochs$"
    ):
        runs.traced("logit", mean_logit)


def test_a_part_of_the_images(runs: Runs) -> None:
    """The two halves average to the whole, and are kept apart in the store."""
    whole = runs.measure(mean_logit, "logit", on="training")["true"]
    halves = [runs.measure(mean_logit, "logit", on="training", part=slice(own, None, 2))["true"] for own in (0, 1)]
    np.testing.assert_allclose(np.mean(halves, axis=0), whole, rtol=1e-5)
    assert not np.allclose(halves[0], halves[1])


def test_held_out_images_are_like_those_trained_on(runs: Runs) -> None:
    """True ones as they are; of noise as many new ones, with the moments of the images and the same each time."""
    true, noise = (images(runs, runs.specs[name][0], "held-out") for name in ("true", "noise"))
    real = runs.dataset(runs.specs["noise"][0]).validation_inputs
    torch.testing.assert_close(true, real)
    assert noise.shape == real.shape
    assert noise.dtype == real.dtype
    assert abs(float(noise.mean() - real.mean())) < 0.1
    assert abs(float(noise.std() / real.std()) - 1) < 0.1
    assert float(torch.corrcoef(torch.stack([noise.flatten(), real.flatten()]))[0, 1]) < 0.1
    torch.testing.assert_close(images(runs, runs.specs["noise"][0], "held-out"), noise)
    trained_on = runs.dataset(runs.specs["noise"][0]).inputs
    assert float((trained_on.flatten(1)[:, None] - noise.flatten(1)).abs().amax(2).min()) > 0.5


def test_held_out_images_are_shuffled_as_those_trained_on(tmp_path: Path) -> None:
    """Where all images have their pixels in one other order, held-out images have them in that order too."""
    base = replace(BASE, recipe=replace(BASE.recipe, epochs=1), record=Record(), nets=1)
    shuffled = {"corruption": Corruption(kind="shuffled-pixels")}
    runs = runs_at(tmp_path, Plan(base=base, conditions={"true": {}, "shuffled": shuffled}))
    true, moved = (runs.dataset(runs.specs[name][0]) for name in ("true", "shuffled"))
    pixels = [tuple(column) for column in true.inputs.flatten(1).T.tolist()]
    order = [pixels.index(tuple(column)) for column in moved.inputs.flatten(1).T.tolist()]
    distinct = [place for place, pixel in enumerate(order) if pixels.count(pixels[pixel]) == 1]
    assert len(distinct) > 50  # some pixels are blank in all images
    held_out = images(runs, runs.specs["shuffled"][0], "held-out").flatten(1)
    real = true.validation_inputs.flatten(1)
    assert torch.equal(held_out[:, distinct], real[:, [order[place] for place in distinct]])
    assert not torch.equal(held_out, real)


def test_nets_are_measured_in_evaluation_mode(tmp_path: Path) -> None:
    """With batch norm and dropout, what an image gets does not depend on the images beside it, nor on a draw."""
    recipe = Recipe(rate=0.1, batch=10, epochs=1, dropout=0.5)
    base = replace(BASE, model="cnn-bn-4", recipe=recipe, record=Record(), nets=1)
    runs = runs_at(tmp_path, Plan(base=base, conditions={"true": {}}))

    def first_logit(logits: Any, inputs: Tensor, *, generators: Sequence[torch.Generator]) -> Tensor:
        return logits(inputs)[:, 0, 0]  # type: ignore[no-any-return]

    alone, among = (runs.measure(first_logit, "logit", part=slice(count))["true"] for count in (1, 30))
    np.testing.assert_allclose(alone, among, rtol=1e-4)
