"""Cohorts of small convolutional nets: a run's numbers are its own, and how many are trained at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from memorization_claims.data.dataset import prepare
from memorization_claims.spec.run import Record
from memorization_claims.tests.training_samples import CPU, DIGITS, PLAIN, differing, spec, trained
from memorization_claims.training.portions import portions

NOISY = replace(PLAIN, dropout=0.2, input_dropout=0.1, input_noise=0.3, hidden_noise=0.1, weight_decay=0.001)
PROBES = Record(
    probes=("memorization_claims.measures.nets.gradients:input_gradient_magnitude",),
    gradient_probes=("memorization_claims.measures.nets.agreement:agreement",),
    gradient_batch=15,
)


@settings(deadline=None, max_examples=15)
@given(
    width=st.integers(1, 20),
    batch=st.integers(1, 30),
    subset=st.integers(20, 45),
    nets=st.integers(1, 3),
    crop=st.integers(4, 8),
    seeds=st.lists(st.integers(0, 2**40), min_size=2, max_size=5, unique=True),
    kind=st.sampled_from(["cnn", "cnn-bn", "inception"]),
)
def test_no_size_of_a_cnn_makes_a_run_depend_on_its_company(
    kind: str, width: int, batch: int, subset: int, nets: int, crop: int, seeds: list[int]
) -> None:
    """The last of several runs is what it is alone, bit for bit, gradients of examples and of inputs among it."""
    assume(kind == "cnn" or (batch > 1 and subset % batch != 1))  # batch norm takes no batch of one
    recipe = replace(NOISY, batch=batch, epochs=2)
    specs = [
        spec(seed, recipe, model=f"{kind}-{width}", subset=subset, nets=nets, crop=crop, validation=20, record=PROBES)
        for seed in seeds
    ]
    assert differing(trained(specs)[specs[-1]], trained(specs[-1:])[specs[-1]]) == []


@pytest.mark.parametrize(
    ("model", "nets", "runs"),
    [
        ("cnn-4", 1, [8, 4]),
        ("cnn-4", 4, [2] * 6),
        ("cnn-4", 9, [1] * 12),
        ("cnn-bn-4", 1, [8, 4]),
        ("alexnet-2", 1, [1] * 12),
    ],
)
def test_runs_are_trained_in_portions(model: str, nets: int, runs: list[int]) -> None:
    """Of small CNNs as many whole runs as have eight nets; where a loop trains them, one."""
    specs = [spec(seed, model=model, nets=nets) for seed in range(12)]
    divided = portions(specs, [prepare(run, DIGITS) for run in specs], CPU)
    assert [len(portion) for portion in divided] == runs
    assert [run for portion in divided for run in portion] == list(range(12))
