"""Named streams: each its own, pinned for good, and without a trace in the global generators."""

from __future__ import annotations

import hashlib
import pickle
from itertools import combinations
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.seed import Purpose, numpy_generator, stream, torch_generator

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


@pytest.mark.parametrize(
    ("purpose", "number"),
    [
        ("subset", 6414648906965436682),
        ("labels", 2475856185270890140),
        ("pixels", 5087023189580666785),
        ("init", 1519069808562059438),
        ("order", 5231958647509549229),
        ("noise", 5127903134280592399),
        ("augmentation", 7033547830291986484),
        ("measure", 1326181564885134152),
        ("placebo", 4879253416215517684),
    ],
)
def test_streams_stay_what_they_are(purpose: Purpose, number: int) -> None:
    """The numbers are those of the first release, whatever purposes were added since."""
    assert stream(0, purpose) == number


def test_parts_are_pinned_too() -> None:
    """A stream with parts is the hash of seed, purpose and parts joined by slashes."""
    assert stream(3, "init", 1, "late") == 2701267653580627760
    expected = int(hashlib.sha256(b"3/init/1/late").hexdigest()[:16], 16) // 2
    assert stream(3, "init", 1, "late") == expected


def test_generators_are_pinned() -> None:
    """The first draws of the stream (0, init), which every platform and device starts from."""
    assert torch.randint(1000, (4,), generator=torch_generator(0, "init")).tolist() == [404, 244, 349, 635]
    assert numpy_generator(0, "init").integers(1000, size=4).tolist() == [403, 812, 163, 870]


def test_all_purposes_differ() -> None:
    """A thousand seeds times all purposes, with and without a part, never share a number."""
    numbers = [
        stream(seed, purpose, *parts) for seed in range(1000) for purpose in PURPOSES for parts in ((), (0,), (1,))
    ]
    assert len(set(numbers)) == len(numbers) == 1000 * len(PURPOSES) * 3


@given(
    names=st.lists(
        st.tuples(st.integers(), st.sampled_from(PURPOSES), st.lists(st.integers(), max_size=3).map(tuple)),
        min_size=2,
        max_size=5,
        unique=True,
    )
)
def test_different_names_give_different_streams(names: list[tuple[int, Purpose, tuple[int, ...]]]) -> None:
    """Seed, purpose and every part count, in their order, and each number is legal for both libraries."""
    numbers = [stream(seed, purpose, *parts) for seed, purpose, parts in names]
    assert all(0 <= number < 2**63 for number in numbers)
    assert all(one != other for one, other in combinations(numbers, 2))


@given(seed=st.integers(), purpose=st.sampled_from(PURPOSES))
def test_generators_start_at_the_stream(seed: int, purpose: Purpose) -> None:
    """Both generators are the libraries' own, seeded by the stream's number."""
    number = stream(seed, purpose)
    assert torch_generator(seed, purpose).initial_seed() == number
    own, reference = numpy_generator(seed, purpose), np.random.default_rng(number)
    np.testing.assert_array_equal(own.random(3), reference.random(3))


def test_torch_generators_live_on_the_cpu() -> None:
    """Every device sees the same draws."""
    assert torch_generator(0, "order").device == torch.device("cpu")


def test_global_generators_are_left_alone() -> None:
    """Neither making a generator nor drawing from it moves torch's or NumPy's own state."""
    torch_before, numpy_before = torch.get_rng_state(), pickle.dumps(np.random.get_state())  # noqa: NPY002
    torch.rand(5, generator=torch_generator(1, "noise"))
    numpy_generator(1, "noise").random(5)
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert pickle.dumps(np.random.get_state()) == numpy_before  # noqa: NPY002
