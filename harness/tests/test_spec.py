"""Run specs: what is legal, what the errors say, and that equal specs have equal names."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.spec import names
from memorization_claims.spec.data import Corruption, DataSpec
from memorization_claims.spec.facts import facts_of
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.spec.reading import spec_of
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import Record, RunSpec

RECIPE = Recipe(rate=0.1, batch=32, epochs=10)
SPEC = RunSpec(data="digits", model="mlp-1x512", recipe=RECIPE)
KINDS = tuple(names.CORRUPTIONS)


_WEIGHTS: st.SearchStrategy[Literal["final", "none"] | tuple[int, ...]] = st.one_of(
    st.just("final"), st.just("none"), st.lists(st.integers(0, 99), max_size=3).map(tuple)
)


_PROBES: st.SearchStrategy[tuple[str, ...]] = st.lists(st.just("some.module:probe"), max_size=2).map(tuple)


@st.composite
def _specs(draw: st.DrawFn) -> RunSpec:
    share, size = st.floats(0, 1), st.none() | st.integers(1, 10**6)
    kind = draw(st.sampled_from(KINDS))
    return RunSpec(
        data=draw(st.sampled_from(["digits", "mnist", "cifar10", "/data/ö.npz"])),
        model=draw(st.text(max_size=5)),
        recipe=Recipe(
            rate=draw(st.floats(0, 10)),
            batch=draw(st.integers(1, 1000)),
            epochs=draw(st.integers(1, 1000)),
            stop_accuracy=draw(st.none() | share),
            optimizer=draw(st.sampled_from(["sgd", "adam"])),
            momentum=draw(st.floats(0, 1, exclude_max=True)),
            crop=draw(st.integers(0, 4)),
            flip=draw(st.booleans()),
        ),
        subset=draw(size),
        validation=draw(size),
        crop=draw(size),
        preprocessing=draw(st.sampled_from(["standardize", "whiten"])),
        corruption=Corruption(kind=kind, fraction=1.0 if facts_of(kind).new_classes else draw(share)),
        record=Record(
            every=draw(st.integers(1, 9)),
            weights=draw(_WEIGHTS),
            probes=draw(_PROBES),
            gradient_probes=draw(_PROBES),
            gradient_batch=draw(st.integers(1, 99)),
            examples=draw(st.sampled_from(["none", "final", "every"])),
            validation=draw(st.sampled_from(["every", "final"])),
        ),
        nets=draw(st.integers(1, 100)),
        seed=draw(st.integers(-5, 10**9)),
    )


def _read(name: str) -> DataSpec:
    """A spec from its name."""
    return spec_of("run", json.loads(name))


ILLEGAL_RECIPES = [
    ({"rate": -0.1}, "the learning rate is -0.1; legal is 0 or more"),
    ({"rate": float("nan")}, "rate is nan; legal is a finite number or None"),
    ({"rate": float("inf")}, "rate is inf; legal is a finite number or None"),
    ({"rate": "fast"}, "rate is 'fast'; legal is a finite number or None"),
    ({"rate": None}, "the learning rate is None; legal for sgd is 0 or more"),
    ({"batch": 0}, "batch is 0; legal is 1 or more"),
    ({"batch": 1.5}, "batch is 1.5; legal is a whole number"),
    ({"epochs": 0}, "epochs is 0; legal is 1 or more"),
    ({"decay_every": 0}, "decay_every is 0; legal is 1 or more"),
    ({"stop_accuracy": 1.1}, "stop_accuracy is 1.1; legal is 0.0 to 1.0"),
    ({"stop_accuracy": -0.1}, "stop_accuracy is -0.1; legal is 0.0 to 1.0"),
    ({"stop_accuracy": "all"}, "stop_accuracy is 'all'; legal is a finite number or None"),
    ({"optimizer": "rmsprop"}, "the optimizer is 'rmsprop'; legal are sgd, adam, or package.module:factory"),
    ({"momentum": 1.0}, "momentum is 1.0; legal is 0 to below 1"),
    ({"momentum": -0.1}, "momentum is -0.1; legal is 0 to below 1"),
    ({"dropout": 1.0}, "dropout is 1.0; legal is 0 to below 1"),
    ({"adversarial": 1.5}, "adversarial is 1.5; legal is 0.0 to 1.0"),
    ({"adversarial_radius": -0.3}, "adversarial_radius is -0.3; legal is 0 or more"),
    ({"adversarial_steps": 0}, "adversarial_steps is 0; legal is 1 or more"),
    ({"input_dropout": -0.5}, "input_dropout is -0.5; legal is 0 to below 1"),
    ({"decay": -1.0}, "decay is -1.0; legal is 0 or more"),
    ({"weight_decay": -1e-4}, "weight_decay is -0.0001; legal is 0 or more"),
    ({"input_noise": -1.0}, "input_noise is -1.0; legal is 0 or more"),
    ({"hidden_noise": -1.0}, "hidden_noise is -1.0; legal is 0 or more"),
    ({"crop": -1}, "crop is -1; legal is 0 or more"),
    ({"flip": 2}, "flip is 2; legal is True or False"),
    ({"flip": "no"}, "flip is 'no'; legal is True or False"),
]


@pytest.mark.parametrize(("change", "message"), ILLEGAL_RECIPES)
def test_illegal_recipes(change: dict[str, Any], message: str) -> None:
    """Each illegal setting of a recipe is refused by name, with what is legal."""
    with pytest.raises(SettingError) as refused:
        replace(RECIPE, **change)
    assert str(refused.value) == message


ILLEGAL_CORRUPTIONS = [
    ({"kind": "noise"}, f"unknown corruption 'noise'; legal are {', '.join(KINDS)}, or package.module:function"),
    ({"fraction": 1.5}, "the fraction of corrupted examples is 1.5; legal is 0.0 to 1.0"),
    ({"fraction": -0.5}, "the fraction of corrupted examples is -0.5; legal is 0.0 to 1.0"),
    ({"fraction": float("nan")}, "fraction is nan; legal is a finite number"),
    (
        {"kind": "unique-labels", "fraction": 0.5},
        "unique-labels touch every example; the fraction is 0.5, legal is 1.0",
    ),
]


@pytest.mark.parametrize(("change", "message"), ILLEGAL_CORRUPTIONS)
def test_illegal_corruptions(change: dict[str, Any], message: str) -> None:
    """Each illegal corruption is refused by name, with what is legal."""
    with pytest.raises(SettingError) as refused:
        Corruption(**change)
    assert str(refused.value) == message


WEIGHTS = "legal are final, none or a tuple of epochs, each 0 or more"
ILLEGAL_RECORDS = [
    ({"every": 0}, "evaluations are every 0 epochs; legal is 1 or more"),
    (
        {"early_epochs": 3, "early_updates": 0},
        "3 early epochs are evaluated every 0 updates; legal are 0 or more epochs and 1 or more updates",
    ),
    ({"weights": "all"}, f"weights are kept at 'all'; {WEIGHTS}"),
    ({"weights": [1, 2]}, f"weights are kept at [1, 2]; {WEIGHTS}"),
    ({"weights": (1, -1)}, f"weights are kept at (1, -1); {WEIGHTS}"),
    ({"weights": (1.0,)}, f"weights are kept at (1.0,); {WEIGHTS}"),
    ({"probes": "some.module:probe"}, "probes are 'some.module:probe'; legal is a tuple of names"),
    ({"gradient_probes": ["a:b"]}, "gradient probes are ['a:b']; legal is a tuple of names"),
    ({"gradient_batch": 0}, "gradient_batch is 0; legal is 1 or more"),
]


@pytest.mark.parametrize(("change", "message"), ILLEGAL_RECORDS)
def test_illegal_records(change: dict[str, Any], message: str) -> None:
    """Each illegal record is refused by name, with what is legal."""
    with pytest.raises(SettingError) as refused:
        Record(**change)
    assert str(refused.value) == message


ILLEGAL_SPECS = [
    ({"subset": 0}, "subset is 0; legal is 1 or more, or None for all"),
    ({"subset": 2.5}, "subset is 2.5; legal is a whole number or None"),
    ({"validation": 0}, "validation is 0; legal is 1 or more, or None for all"),
    ({"crop": -3}, "crop is -3; legal is 1 or more, or None for all"),
    ({"preprocessing": "zca"}, "the preprocessing is 'zca'; legal are standardize, whiten"),
    ({"nets": 0}, "a run trains 0 nets; legal is 1 or more"),
    ({"seed": None}, "seed is None; legal is a whole number"),
]


@pytest.mark.parametrize(("change", "message"), ILLEGAL_SPECS)
def test_illegal_specs(change: dict[str, Any], message: str) -> None:
    """Each illegal setting of a run is refused by name, with what is legal."""
    with pytest.raises(SettingError) as refused:
        replace(SPEC, **change)
    assert str(refused.value) == message


ILLEGAL_KERNELS = [
    ({"features": "sift"}, "features is 'sift'; legal are pixels, gabor, convolutional"),
    ({"extra": "some"}, "extra is 'some'; legal are none, true, random"),
    ({"centres": "grid"}, "centres is 'grid'; legal are data, random"),
    ({"filters": 0}, "filters is 0; legal is 1 or more"),
    ({"bandwidth": 0.0}, "bandwidth is 0.0; legal is above 0, or None for a choice by validation"),
    ({"ridge": -1.0}, "ridge is -1.0; legal is 0 or more, or None for a choice by validation"),
    ({"centres": "random", "ridge": 0.1}, "ridge is 0.1 with random centres; legal is 0.0"),
    ({"subset": 0}, "subset is 0; legal is 1 or more, or None for all"),
]


@pytest.mark.parametrize(("change", "message"), ILLEGAL_KERNELS)
def test_illegal_fits(change: dict[str, Any], message: str) -> None:
    """Each illegal setting of a kernel fit is refused by name, with what is legal."""
    with pytest.raises(SettingError) as refused:
        KernelSpec(data="digits", **change)
    assert str(refused.value) == message


@pytest.mark.parametrize("low", ["rate", "stop_accuracy", "momentum", "decay", "weight_decay", "dropout", "crop"])
def test_the_lowest_values_are_legal(low: str) -> None:
    """Zero is a legal value wherever the message says so."""
    change: dict[str, Any] = {low: 0}
    assert getattr(replace(RECIPE, **change), low) == 0


def test_the_edges_of_the_rest_are_legal() -> None:
    """Fractions of 0 and 1, accuracies of 1, one example, one net, epoch 0."""
    for fraction in (0.0, 1.0):
        assert Corruption(kind="random-labels", fraction=fraction).fraction == fraction
    assert replace(RECIPE, stop_accuracy=1.0, batch=1, epochs=1, decay_every=1).stop_accuracy == 1.0
    assert replace(SPEC, subset=1, validation=1, crop=1, nets=1, seed=-1).seed == -1
    assert Record(weights=(0,), every=1).weights == (0,)


def test_specs_cannot_be_changed() -> None:
    """A spec is hashable and frozen, so that its name cannot drift from its run."""
    with pytest.raises(FrozenInstanceError):
        SPEC.seed = 1  # type: ignore[misc]
    assert hash(SPEC) == hash(replace(SPEC))


EQUAL_NUMBERS = [
    ("rate", 1, 1.0),
    ("rate", -0.0, 0.0),
    ("flip", 1, True),
    ("epochs", 9.0, 9),
    ("batch", np.int64(3), 3),
]


@pytest.mark.parametrize(("field", "given", "plain"), EQUAL_NUMBERS)
def test_equal_numbers_of_other_types_have_equal_names(field: str, given: Any, plain: Any) -> None:
    """1, 1.0, True and NumPy's scalars are equal to Python, and so is the JSON of specs made of them."""
    one, other = (replace(SPEC, recipe=replace(RECIPE, **{field: value})) for value in (given, plain))
    assert one == other
    assert one.name == other.name
    assert type(getattr(one.recipe, field)) is type(plain)


def test_the_name_in_full() -> None:
    """The name is JSON on one line with sorted keys and every default written out."""
    assert SPEC.name == (
        '{"border": 0, "corruption": {"fraction": 1.0, "kind": "none"}, "crop": null, "data": "digits", '
        '"model": "mlp-1x512", '
        '"nets": 1, "preprocessing": "standardize", "recipe": {"adversarial": 0.0, '
        '"adversarial_radius": 0.001176470588235294, "adversarial_steps": 10, "batch": 32, "crop": 0, '
        '"decay": 1.0, "decay_every": 1, '
        '"dropout": 0.0, "epochs": 10, "flip": false, "hidden_noise": 0.0, "input_dropout": 0.0, "input_noise": 0.0, '
        '"momentum": 0.9, "optimizer": "sgd", "rate": 0.1, "stop_accuracy": null, "weight_decay": 0.0}, '
        '"record": {"early_epochs": 0, "early_updates": 1, "every": 1, "examples": "none", "gradient_batch": 128, '
        '"gradient_probes": [], "probes": [], "validation": "every", "weights": "final"}, '
        '"seed": 0, "shrink": 1, "subset": null, "validation": null}'
    )


@given(spec=_specs())
def test_the_name_tells_the_whole_spec(spec: RunSpec) -> None:
    """The spec read back from its name equals it and has the same name; the JSON has no NaN or infinity."""
    assert _read(spec.name) == spec
    assert _read(spec.name).name == spec.name
    assert json.dumps(json.loads(spec.name), sort_keys=True, allow_nan=False) == spec.name


@given(one=_specs(), other=_specs())
def test_specs_are_equal_when_their_names_are(one: RunSpec, other: RunSpec) -> None:
    """Names separate what equality separates, and nothing else."""
    assert (one == other) == (one.name == other.name)


def test_the_rate_decays_in_steps() -> None:
    """A rate of 0.1 decaying by one half every third epoch."""
    recipe = replace(RECIPE, decay=0.5, decay_every=3)
    assert [recipe.rate_at(epoch) for epoch in range(7)] == [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025]


@given(rate=st.floats(0, 10), decay=st.floats(0, 1), every=st.integers(1, 5), epoch=st.integers(0, 50))
def test_the_rate_is_a_product_of_its_decays(rate: float, decay: float, every: int, epoch: int) -> None:
    """Multiplying once per completed step gives the same rate."""
    expected = rate
    for _ in range(every, epoch + 1, every):
        expected *= decay
    got = replace(RECIPE, rate=rate, decay=decay, decay_every=every).rate_at(epoch)
    assert got == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"border": -1, "crop": 4}, "border is -1"),
        ({"border": 1}, "border is 1 with crop None"),
        ({"border": 1, "crop": 4, "shrink": 2}, "shrink 2"),
        ({"border": 1, "crop": 4}, "random crops reach 0 pixels"),
    ],
)
def test_a_border_is_what_random_crops_reach_into(fields: dict[str, Any], says: str) -> None:
    """It belongs to a crop of the data, and to random crops that reach as far."""
    with pytest.raises(SettingError, match=says):
        replace(SPEC, **{"crop": None, "shrink": 1, **fields})
