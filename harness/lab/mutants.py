"""Mutants of how nets are measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from memorization_claims.controls.mutant import Mutant
from memorization_claims.lab.nets import restored
from memorization_claims.measures.nets.mutants import keeps_weights


def in_training_mode(whole: Callable[..., list[nn.Module]]) -> Callable[..., list[nn.Module]]:
    """Trained nets that stay in training mode, where batch norm sees the batch."""

    def broken(*arguments: Any, **options: Any) -> list[nn.Module]:
        models = whole(*arguments, **options)
        for model in models:
            model.eval = model.train  # type: ignore[method-assign]
            model.register_forward_hook(lambda *_: None)  # which keeps it out of a stack, where there are no modes
        return models

    return broken


MUTANTS = (
    Mutant(
        "measured-in-training-mode",
        "nets are measured in training mode",
        target=restored,
        replacement=in_training_mode,
        within=keeps_weights,
        measures=True,
        caught_by="harness/tests/test_measurement.py::test_nets_are_measured_in_evaluation_mode",
    ),
)
