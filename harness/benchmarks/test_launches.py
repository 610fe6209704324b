"""How many operations a step of training launches on a GPU, counted on a pretended one.

A launch costs the host some microseconds, however little it does: small nets train there as fast as they are launched.
The counts are each row's `extra_info`; the times are those of pretending. Counted with torch 2.14: mlp-2x64 30 for any
number of nets, cnn-16 38 for one and 131 for four, with batch norm 44 and 155.
"""

from __future__ import annotations

from typing import Any

import pytest

from memorization_claims.data.dataset import prepare
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.tests.pretended_gpu import GPU, pretended
from memorization_claims.tests.training_samples import DIGITS
from memorization_claims.training.cohort import train

BATCH = 6


def launches(model: str, nets: int) -> int:
    """Operations of a step of so many nets: those that an epoch of three steps has more than one of two."""
    return _epoch(model, nets, 3) - _epoch(model, nets, 2)


def _epoch(model: str, nets: int, steps: int) -> int:
    recipe = Recipe(rate=0.01, batch=BATCH, epochs=1)
    run = RunSpec(data="digits", model=model, subset=BATCH * steps, validation=10, recipe=recipe, nets=nets)
    with pretended() as ledger:
        list(train([run], [prepare(run, DIGITS)], GPU))
    return ledger.launches


@pytest.mark.parametrize("model", ["mlp-2x64", "cnn-16", "cnn-bn-16"])
def test_launches(model: str, benchmark: Any) -> None:
    """Of one net and of four; a stack of MLPs takes no more than one of them."""
    benchmark.group = "launches of a step"
    one, four = launches(model, 1), benchmark.pedantic(launches, args=(model, 4), rounds=1)
    benchmark.extra_info.update({"launches of one net": one, "launches of four nets": four})
    assert 0 < one <= four <= 4 * one
    if model.startswith("mlp"):
        assert one == four
