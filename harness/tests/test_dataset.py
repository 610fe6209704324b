"""A run's tensors: who is in them, and what is corrupted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.data.corruption import corrupt
from memorization_claims.data.held_out import shortage
from memorization_claims.data.source import Source
from memorization_claims.errors import UnfitDataError
from memorization_claims.spec.data import Corruption
from memorization_claims.tests.dataset_samples import (
    KINDS,
    PIXEL_KINDS,
    WITH,
    WITHOUT,
    numbers_of,
    prepared,
    raw_bytes,
    spec_of,
)

# Who is in them


@given(subset=st.integers(1, 99), seed=st.integers(0, 2**40), part=st.integers(1, 99))
def test_training_and_validation_are_disjoint(subset: int, seed: int, part: int) -> None:
    """Without a test set the validation examples are drawn from those that the subset leaves, each at most once."""
    validation = None if part > 100 - subset else part
    data = prepared(WITHOUT, subset=subset, validation=validation, seed=seed)
    train, held_out = numbers_of(data.inputs, WITHOUT), numbers_of(data.validation_inputs, WITHOUT)
    assert len(set(train)) == subset
    assert len(set(held_out)) == (validation or 100 - subset)
    assert not set(train) & set(held_out)
    assert data.labels.tolist() == [number % 5 for number in train]
    assert data.validation_labels.tolist() == [number % 5 for number in held_out]


@given(subset=st.none() | st.integers(1, 100), validation=st.none() | st.integers(1, 40), seed=st.integers(0, 2**40))
def test_validation_comes_from_the_test_set(subset: int | None, validation: int | None, seed: int) -> None:
    """Where there is a test set, training examples come from the training set and validation from the test set."""
    data = prepared(WITH, subset=subset, validation=validation, seed=seed)
    train, held_out = numbers_of(data.inputs, WITH), numbers_of(data.validation_inputs, WITH)
    assert (len(set(train)), len(set(held_out))) == (subset or 100, validation or 40)
    assert max(train) < 100 <= min(held_out)
    assert data.validation_labels.tolist() == [(number - 100) % 5 for number in held_out]


def test_whole_sets_keep_their_order() -> None:
    """Without a subset the examples are those of the source in their order, each with its label."""
    data = prepared(WITH, seed=3)
    assert numbers_of(data.inputs, WITH) == list(range(100))
    assert data.labels.tolist() == data.true_labels.tolist() == [number % 5 for number in range(100)]
    assert numbers_of(data.validation_inputs, WITH) == list(range(100, 140))
    assert data.classes == 5
    assert not data.changed.any()


@pytest.mark.parametrize("source", [WITH, WITHOUT])
def test_seeds_draw_other_examples(source: Source) -> None:
    """Seeds differ in subset and validation; one seed always draws the same."""
    one, same, other = (prepared(source, subset=30, validation=20, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one.inputs, same.inputs)
    assert torch.equal(one.validation_inputs, same.validation_inputs)
    assert numbers_of(one.inputs, source) != numbers_of(other.inputs, source)
    assert numbers_of(one.validation_inputs, source) != numbers_of(other.validation_inputs, source)


@pytest.mark.parametrize("source", [WITH, WITHOUT])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("preprocessing", ["standardize", "whiten"])
def test_arms_share_everything_but_the_corruption(source: Source, kind: str, preprocessing: str) -> None:
    """Whatever the corruption, the subset is the same, and validation has the real images and labels bit for bit."""
    real, arm = (
        prepared(source, subset=50, validation=20, seed=4, corruption=corruption, preprocessing=preprocessing)
        for corruption in (Corruption(), Corruption(kind=kind))
    )
    assert torch.equal(real.validation_inputs, arm.validation_inputs)
    assert torch.equal(real.validation_labels, arm.validation_labels)
    assert torch.equal(real.inputs, arm.inputs) == (kind not in PIXEL_KINDS)
    assert torch.equal(real.labels, arm.labels) == (kind in PIXEL_KINDS)
    assert arm.changed.all()


@pytest.mark.parametrize("source", [WITH, WITHOUT])
@pytest.mark.parametrize("kind", [*KINDS, "binary-labels"])
def test_validation_is_never_corrupted(source: Source, kind: str) -> None:
    """Whatever happens to the training set, nets are judged on real images and their true labels."""
    real, arm = (
        prepared(source, subset=30, validation=20, seed=4, corruption=each)
        for each in (Corruption(), Corruption(kind=kind))
    )
    assert torch.equal(arm.validation_inputs, real.validation_inputs)
    assert torch.equal(arm.validation_labels, real.validation_labels)


@pytest.mark.parametrize("source", [WITH, WITHOUT])
def test_arms_of_other_sizes_nest_and_share_validation(source: Source) -> None:
    """A smaller subset is the beginning of a larger one, and both are judged on the same validation examples."""
    small, large = (prepared(source, subset=subset, validation=20, seed=4) for subset in (30, 80))
    assert torch.equal(small.inputs, large.inputs[:30])
    assert torch.equal(small.validation_inputs, large.validation_inputs)


def test_the_whole_set_shares_validation_with_its_subsets() -> None:
    """With a test set, the validation examples of a seed are the same whether or not there is a subset."""
    part, whole = (prepared(WITH, subset=subset, validation=20, seed=4) for subset in (30, None))
    assert torch.equal(part.validation_inputs, whole.validation_inputs)
    assert torch.equal(part.validation_labels, whole.validation_labels)


@pytest.mark.parametrize("kind", ["none", "random-labels", "permuted-labels", "unique-labels"])
def test_whole_sets_are_one_tensor(kind: str) -> None:
    """Runs of all seeds on whole images share memory, for training and for validation."""
    one, other = (prepared(WITH, corruption=Corruption(kind=kind), seed=seed) for seed in (1, 2))
    assert one.inputs is other.inputs
    assert one.validation_inputs is other.validation_inputs
    assert one.labels is not other.labels


def test_other_pixels_are_another_tensor() -> None:
    """Neither a pixel corruption nor another crop or preprocessing writes into the shared tensor."""
    real = prepared(WITH)
    before = real.inputs.clone()
    for kind in PIXEL_KINDS:
        assert not torch.equal(prepared(WITH, corruption=Corruption(kind=kind)).inputs, before)
    assert prepared(WITH).inputs is real.inputs
    assert prepared(WITH, crop=2).inputs.shape == (100, 2, 2, 2)
    assert not torch.equal(prepared(WITH, preprocessing="whiten").inputs, before)
    assert torch.equal(real.inputs, before)


@pytest.mark.parametrize("kind", ["none", *KINDS])
def test_the_source_is_left_alone(kind: str) -> None:
    """No run writes into the source's arrays."""
    digest = replace(WITH).digest
    prepared(WITH, corruption=Corruption(kind=kind), subset=50).labels.zero_()
    data = prepared(WITH, corruption=Corruption(kind=kind))
    data.labels.zero_()
    data.validation_labels.zero_()
    assert replace(WITH).digest == digest


@pytest.mark.parametrize(
    ("source", "changes", "message"),
    [
        (WITH, {"subset": 101}, "a subset of 101 was asked of with, which has 100 training examples"),
        (WITHOUT, {"subset": 100}, "without leaves no example for validation: give an x_test, or more examples"),
        (WITHOUT, {}, "without leaves no example for validation: give an x_test, or more examples"),
        (WITH, {"crop": 5}, "a crop of 5 pixels was asked of images of 4 x 6"),
        (WITH, {"crop": 5, "subset": 9}, "a crop of 5 pixels was asked of images of 4 x 6"),
        (WITH, {"shrink": 4}, "shrink is 4 for images of 4 x 6; legal is a divisor of both sides"),
        (WITH, {"shrink": 2, "crop": 3}, "shrink is 2 for images of 3 x 3; legal is a divisor of both sides"),
    ],
)
def test_what_the_data_do_not_allow(source: Source, changes: dict[str, Any], message: str) -> None:
    """Too large a subset or crop, or no validation set at all, is refused with what the data have."""
    with pytest.raises(UnfitDataError) as refused:
        prepared(source, **changes)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("source", "subset", "wanted", "parts"),
    [
        (WITH, 30, 40, None),
        (WITH, 30, 41, "40 of x_test and 1 of x_train that are not trained on"),
        (WITH, 30, 110, "40 of x_test and 70 of x_train that are not trained on"),
        (WITH, 30, 111, "40 of x_test and 70 of x_train that are not trained on"),
        (WITH, None, 41, "40 of x_test"),
        (WITH, 100, 41, "40 of x_test"),
        (WITHOUT, 30, 70, None),
        (WITHOUT, 30, 71, "70 of x_train that are not trained on"),
    ],
)
def test_a_validation_set_is_as_large_as_it_can_be(
    source: Source, subset: int | None, wanted: int, parts: str | None
) -> None:
    """The test set first, then what the subset leaves, no example twice and none that is trained on; and it is said."""
    changes: dict[str, Any] = {"subset": subset, "validation": wanted, "seed": 5}
    data = prepared(source, **changes)
    trained, judged = numbers_of(data.inputs, source), numbers_of(data.validation_inputs, source)
    tests = 40 if source is WITH else 0
    assert len(judged) == len(set(judged)) == min(wanted, tests + (100 - subset if subset else 0))
    assert not set(trained) & set(judged)
    assert sum(number >= 100 for number in judged) == min(tests, wanted)
    labels = [number % 5 for number in judged]  # labels of both sets repeat every five examples, as 100 does
    assert data.validation_labels.tolist() == labels
    said = f"{wanted} validation examples were asked for; these are the {parts}" if parts else ""
    assert shortage(spec_of(**changes), source) == said


def test_all_that_the_data_allow() -> None:
    """The largest subset, validation set and crop are legal."""
    assert len(prepared(WITH, subset=100, validation=40, crop=4).inputs) == 100
    assert len(prepared(WITHOUT, subset=99).validation_inputs) == 1


# Corruption


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("subset", [None, 30])
def test_corruption_is_that_of_the_subset(kind: str, subset: int | None) -> None:
    """Training images and labels are those that `corrupt` makes of the run's own raw images, in [0, 1]."""
    corruption = Corruption(kind=kind)
    real, arm = (
        prepared(WITH, subset=subset, seed=6, corruption=corruption) for corruption in (Corruption(), corruption)
    )
    raw = (raw_bytes(real.inputs, WITH) / 255).astype(np.float32)
    expected = corrupt(raw, real.labels.numpy(), 5, corruption, 6)
    mean, deviation = WITH.images.mean() / 255, WITH.images.std() / 255
    np.testing.assert_allclose(arm.inputs.numpy(), (expected.images - mean) / deviation, atol=1e-5)
    assert arm.labels.tolist() == expected.labels.tolist()
    assert arm.classes == expected.classes
    assert arm.changed.tolist() == expected.changed.tolist()
