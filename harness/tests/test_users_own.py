"""A user's own corruption, data set, model and generator, from a module of theirs to trained runs."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from memorization_claims.data import source
from memorization_claims.data.corruption import Corrupted, corrupt, corrupt_held_out
from memorization_claims.errors import DataError, SettingError
from memorization_claims.generators import generator
from memorization_claims.lab.images import images
from memorization_claims.lab.laboratory import Laboratory
from memorization_claims.lab.runs import Runs
from memorization_claims.plan.plan import Plan
from memorization_claims.spec import names
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.facts import Facts, facts_of
from memorization_claims.spec.generator import GeneratorSpec
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec

OWN = """
import numpy as np
import torch
from torch import nn
from memorization_claims.generators.kind import Kind
from memorization_claims.spec.facts import touches

def stripes(root):
    images = np.random.default_rng(0).integers(0, 9, (60, 4, 4), dtype=np.uint8)
    images[1::2, ::2] = 9
    return {"x_train": images, "y_train": np.arange(60) % 2, "range": (0, 9)}

def swapped(images, labels, classes, chosen, generator):
    images, labels = images.copy(), labels.copy()
    images[chosen], labels[chosen] = -images[chosen], classes - 1 - labels[chosen]
    return images, labels, classes

@touches("labels", new_classes=True)
def parity(images, labels, classes, chosen, generator):
    return images, np.arange(len(labels)) % 3, 3

@touches("inputs", one_draw=True)
def offset(images, labels, classes, chosen, generator):
    images = images.copy()
    images[chosen] += generator.normal()
    return images, labels, classes

def linear(shape, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], classes))

def mean(spec, inputs):
    return {"mean": inputs.mean(dim=0).cpu().numpy()}

def around(spec, tensors):
    return lambda latent: tensors["mean"] + 0 * latent.sum(dim=1)[:, None, None, None]

MEAN = Kind(mean, around)

def short(images, labels, classes, chosen, generator):
    return images[1:], labels, classes
def letters(images, labels, classes, chosen, generator):
    return images, labels.astype(str), classes
def pair(images, labels, classes, chosen, generator):
    return images, labels
def alone(images, labels, classes, chosen, generator):
    return images
def more(images, labels, classes, chosen, generator):
    return images, labels, classes + 1
def beyond(images, labels, classes, chosen, generator):
    return images, labels + classes, classes
@touches("labels")
def untrue(images, labels, classes, chosen, generator):
    return images + 1, labels, classes
def careless(images, labels, classes, chosen, generator):
    labels[:] = 0
    return images, labels, classes

def no_labels(root):
    return {"x_train": np.zeros((4, 2, 2))}
def half(root):
    return {"x_train": np.zeros((4, 2, 2)), "y_train": np.arange(4) % 2, "x_test": np.zeros((4, 2, 2))}
def other(root):
    return {"x_train": np.zeros((4, 2, 2)), "y_train": np.arange(4) % 2, "images": 3}
def medical(root):
    images, labels = np.arange(72).reshape(6, 4, 3) * 3 % 255, np.arange(6)[:, None] % 2 + 1
    parts = {"train": slice(None), "val": slice(2), "test": slice(4)}
    return {f"{part}_images": images[of] for part, of in parts.items()} | {
        f"{part}_labels": labels[of] for part, of in parts.items()
    }
def reverse(root):
    return {"x_train": np.zeros((4, 2, 2)), "y_train": np.arange(4) % 2, "range": (1, 0)}
def beyond_it(root):
    return {"x_train": np.arange(16).reshape(4, 2, 2) % 3, "y_train": np.arange(4) % 2, "range": (0, 1)}
def masked(root):
    return {"x_train": np.ma.masked_less(np.ones((4, 2, 2)), 0), "y_train": np.arange(4) % 2}
def ragged(root):
    return {"x_train": [[1, 2], [3]], "y_train": [0, 1]}
def listed(root):
    return [1, 2]
def absent(root):
    return open(root / "nothing")
text = "a string"
"""
IMAGES = np.random.default_rng(1).random((20, 1, 4, 4), dtype=np.float32)
LABELS = np.arange(20) % 2


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of a user's own on the path, which is not imported yet."""
    (tmp_path / "users_own.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "users_own", raising=False)
    return "users_own"


def trained(place: Path, own: str, **conditions: Any) -> Runs:
    """Runs of one seed of the user's own net on the user's own data."""
    recipe = Recipe(rate=0.5, batch=10, epochs=20)
    base = RunSpec(data=f"{own}:stripes", subset=40, validation=20, model=f"{own}:linear", recipe=recipe)
    plan = Plan(base=base, conditions=conditions, generator={"kind": f"{own}:MEAN"})
    return Laboratory(place, place, torch.device("cpu")).runs(plan, [0])


def test_all_of_it_is_trained(tmp_path: Path, own: str) -> None:
    """Data, net, corruptions and generator of a user's own do what they say, and are found in the store again."""
    arms = {"swapped": "swapped", "offset": "offset", "parity": "parity"}
    changes = {name: {"corruption": Corruption(kind=f"{own}:{each}")} for name, each in arms.items()}
    runs = trained(tmp_path, own, true={}, **changes)
    assert (runs.trained, len(runs.entries)) == (5, 5)  # four runs and the generator that they share
    assert runs.array("true", "train_accuracy")[0, 0, -1] > 0.9
    assert runs.array("true", "validation_accuracy")[0, 0, -1] >= 0.8
    assert runs.array("swapped", "train_accuracy")[0, 0, -1] > 0.9
    assert runs.dataset(runs.specs["parity"][0]).classes == 3
    true, swapped = (runs.dataset(runs.specs[name][0]) for name in ("true", "swapped"))
    assert torch.equal(swapped.labels, 1 - true.labels)
    drawn = images(runs, runs.specs["true"][0], "generated")
    torch.testing.assert_close(drawn[7], true.inputs.mean(dim=0))
    assert trained(tmp_path, own, true={}, **changes).trained == 0


def test_held_out_images_get_what_is_drawn_once(tmp_path: Path, own: str) -> None:
    """The offset that training images got, drawn behind the choice of these, is that of held-out images."""
    runs = trained(tmp_path, own, true={}, offset={"corruption": Corruption(kind=f"{own}:offset")})
    true, offset = (runs.dataset(runs.specs[name][0]) for name in ("true", "offset"))
    span = float(true.span or 0)  # the corruption of training images comes before they are standardised
    expected = (offset.inputs - true.inputs).mean() / span
    held_out = images(runs, runs.specs["offset"][0], "held-out")
    torch.testing.assert_close(held_out - true.validation_inputs, expected.expand(held_out.shape))


def test_what_a_corruption_says_of_itself(own: str) -> None:
    """A bare function counts as touching both, without classes of its own."""
    assert facts_of(f"{own}:swapped") == Facts(labels=True, inputs=True, new_classes=False, one_draw=False)
    assert facts_of(f"{own}:parity") == Facts(labels=True, inputs=False, new_classes=True, one_draw=False)


def corrupted(kind: str, fraction: float = 1.0) -> Corrupted:
    """A small training set, corrupted."""
    return corrupt(IMAGES, LABELS, 2, Corruption(kind=kind, fraction=fraction), 0)


def test_a_part_of_the_examples_is_touched(own: str) -> None:
    """The indices that a function is given are those that are told afterwards."""
    out = corrupted(f"{own}:swapped", 0.25)
    assert out.changed.sum() == 5
    np.testing.assert_array_equal(out.labels != LABELS, out.changed)
    np.testing.assert_array_equal(out.images[out.changed], -IMAGES[out.changed])
    assert out.labels.dtype == np.int64


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("alone", "returned ndarray; legal is a tuple (images, labels, classes)"),
        ("pair", "returned a tuple of 2; legal is a tuple (images, labels, classes)"),
        ("short", "returned as images float32 of shape (19, 1, 4, 4); legal is float32 of (20, 1, 4, 4)"),
        ("letters", "returned as labels <U21 of shape (20,); legal is int64 of (20,)"),
        ("more", "returned 3 classes; legal is 2, or new_classes=True in its `touches`"),
        ("beyond", "returned labels from 2 to 3 for 2 classes; legal is 0 to 1"),
        ("untrue", "returned other images, which its `touches` does not name"),
    ],
)
def test_a_corruption_that_returns_no_training_set_is_refused(own: str, name: str, message: str) -> None:
    """The message names the function, what it returned, and what is legal."""
    with pytest.raises(SettingError) as told:
        corrupted(f"{own}:{name}")
    assert str(told.value) == f"corruption '{own}:{name}' {message}"


def test_a_corruption_cannot_write_into_what_it_is_given(own: str) -> None:
    """NumPy refuses it, so that neither true labels nor images that runs share are lost; the line says where."""
    message = r"^corruption 'users_own:careless' raised ValueError: .*read-only \(users_own.py, line \d+\)$"
    with pytest.raises(SettingError, match=message):
        corrupted(f"{own}:careless")


def test_new_classes_are_those_of_every_example(own: str) -> None:
    """A part of the examples cannot have them, in training as elsewhere."""
    corruption = Corruption(kind=f"{own}:parity", fraction=0.5)
    message = r"^users_own:parity touch every example; the fraction is 0\.5, legal is 1\.0$"
    with pytest.raises(SettingError, match=message):
        corrupt(IMAGES, LABELS, 2, corruption, 0)
    with pytest.raises(SettingError, match=message):
        corrupt_held_out(IMAGES, LABELS, 2, corruption, seed=0, examples=9)


def test_a_missing_function_is_told(own: str) -> None:
    """The module is there, the function is not."""
    with pytest.raises(SettingError, match=r"^corruption 'users_own:nothing': users_own has no callable 'nothing'$"):
        corrupted(f"{own}:nothing")


def test_a_users_data_set(own: str, tmp_path: Path) -> None:
    """The arrays of a function, in the layouts of an .npz file, with the range that it names; it counts as there."""
    name = f"{own}:stripes"
    assert source.available(name, tmp_path)
    found = source.load(name, tmp_path)
    assert (found.name, found.images.shape, found.range, found.classes) == (name, (60, 1, 4, 4), (0, 9), 2)
    assert found.test_images is None
    assert found.images.dtype == np.uint8


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "no_labels",
            "{place} lacks y_train; it has x_train; legal are x_train, y_train, x_test, y_test, or as others",
        ),
        ("half", "{place} has only one of x_test and y_test; give both or neither"),
        ("other", "{place} returned 'images' too; legal are x_train, y_train, x_test, y_test, range"),
        ("listed", "{place} returned list; legal is a mapping with x_train, y_train, x_test, y_test, range"),
        ("reverse", "{place} returned (1, 0) as range; legal is (low, high), the lower number first"),
        ("beyond_it", "pixels in {place} go from 0 to 2, beyond the range 0 to 1 that is given for them; give a range"),
        ("masked", "x_train in {place} is a masked array; legal is a plain one: fill what is masked, or leave it out"),
        ("ragged", "x_train in {place} cannot be made an array ("),
        ("absent", "dataset '{place}' cannot be loaded: FileNotFoundError: "),
    ],
)
def test_a_data_set_that_cannot_be_is_refused(own: str, name: str, message: str, tmp_path: Path) -> None:
    """The message names the function, what it returned, and what is legal."""
    with pytest.raises(DataError) as told:
        source.load(f"{own}:{name}", tmp_path)
    assert str(told.value).startswith(message.format(place=f"{own}:{name}"))


def test_a_data_set_that_is_no_function_is_refused(own: str, tmp_path: Path) -> None:
    """Nor is one that is not in its module."""
    for name in ("text", "nothing"):
        with pytest.raises(SettingError, match=rf"^dataset 'users_own:{name}'.* has no "):
            source.load(f"{own}:{name}", tmp_path)


def test_a_generator_that_is_no_kind_is_refused(own: str, tmp_path: Path) -> None:
    """The message says what is legal."""
    laboratory = Laboratory(tmp_path, tmp_path, torch.device("cpu"))
    spec = GeneratorSpec(data="digits", subset=20, kind=f"{own}:text")
    with pytest.raises(SettingError) as told:
        generator.train(spec, laboratory.dataset(spec), torch.device("cpu"))
    legal = "legal is a memorization_claims.generators.kind.Kind"
    assert str(told.value) == f"generator 'users_own:text' is 'a string'; {legal}"


def test_a_run_is_keyed_on_what_its_names_stand_for(tmp_path: Path, own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place and the options behind a short name count, and a further line in the index does not."""

    def key_of(spec: RunSpec | GeneratorSpec) -> str:
        """As a session of its own makes it."""
        return Laboratory(tmp_path, tmp_path, torch.device("cpu")).key(spec)

    recipe = Recipe(rate=0.5, batch=10, epochs=20)
    spec = RunSpec(data="digits", subset=40, model="vgg3-4", recipe=recipe)
    key = key_of(spec)
    monkeypatch.setitem(names.MODELS, "new-net", (f"{own}:linear", {}))
    monkeypatch.setitem(names.CORRUPTIONS, "swapped", f"{own}:swapped")
    assert key_of(spec) == key
    place, options = names.MODELS["vgg3-{width}"]
    monkeypatch.setitem(names.MODELS, "vgg3-{width}", (place, {**options, "convolutions": 2}))
    other = key_of(spec)
    monkeypatch.setitem(names.MODELS, "vgg3-{width}", (f"{own}:linear", options))
    assert len({key, other, key_of(spec)}) == 3


def test_the_code_of_a_users_own_is_part_of_the_key(tmp_path: Path, own: str) -> None:
    """An edit of a corruption or a generator gives other keys to what uses it, and to nothing else."""

    def key_of(spec: RunSpec | GeneratorSpec) -> str:
        """As a session of its own makes it."""
        return Laboratory(tmp_path, tmp_path, torch.device("cpu")).key(spec)

    run = RunSpec(data="digits", subset=40, model="mlp-1x4", recipe=Recipe(rate=0.5, batch=10, epochs=1))
    corrupted_run = replace(run, corruption=Corruption(kind=f"{own}:swapped"))
    specs = (run, corrupted_run, GeneratorSpec(data="digits", subset=40, kind=f"{own}:MEAN"))
    before = [key_of(spec) for spec in specs]
    file = tmp_path / "users_own.py"
    file.write_text(file.read_text(encoding="utf-8") + "\nlater = 1\n", encoding="utf-8")
    after = [key_of(spec) for spec in specs]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, False]
