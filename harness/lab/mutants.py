"""Mutants of how nets are measured, and of how what was recorded of them is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from torch import nn

from memorization_claims.controls.mutant import Mutant
from memorization_claims.lab.nets import restored
from memorization_claims.lab.runs import Runs
from memorization_claims.lab.trained import Array
from memorization_claims.measures.nets.mutants import keeps_weights
from memorization_claims.plan.plan import Plan, Setting
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.mutants import trains


def in_training_mode(whole: Callable[..., list[nn.Module]]) -> Callable[..., list[nn.Module]]:
    """Trained nets that stay in training mode, where batch norm sees the batch."""

    def broken(*arguments: Any, **options: Any) -> list[nn.Module]:
        models = whole(*arguments, **options)
        for model in models:
            model.eval = model.train  # type: ignore[method-assign]
            model.register_forward_hook(lambda *_: None)  # which keeps it out of a stack, where there are no modes
        return models

    return broken


def late(whole: type[Runs]) -> type[Runs]:
    """Runs whose records stand at the evaluation after the one that they were made at."""

    class Late(whole):  # type: ignore[misc, valid-type]
        def _recorded(self, condition: str, name: str) -> Array:
            values: Array = super()._recorded(condition, name)
            if name == "right" or name.endswith("_error"):
                return values
            return np.concatenate([values[..., :1], values[..., :-1]], axis=-1)

    return Late


def from_the_end(whole: type[Runs]) -> type[Runs]:
    """Runs whose nets, where they are measured along training, stand in reverse order."""

    class FromTheEnd(whole):  # type: ignore[misc, valid-type]
        def traced(self, trace: str, *arguments: Any, **options: Any) -> Runs:
            made: Runs = super().traced(trace, *arguments, **options)
            turned = {
                run: replace(entry, arrays=entry.arrays | {name: entry.arrays[name][..., ::-1]})
                for run, entry in made.entries.items()
                if (name := f"trace/{trace}") in entry.arrays
            }
            return replace(made, entries={**made.entries, **turned})

    return FromTheEnd


def keeps_courses(setting: Setting) -> bool:
    """Whether nets are there to be measured as they were at several epochs."""
    return (
        isinstance(setting, Plan)
        and isinstance(setting.base, RunSpec)
        and isinstance(setting.base.record.weights, tuple)
    )


MUTANTS = (
    Mutant(
        "measured-in-training-mode",
        "nets are measured in training mode",
        target=restored,
        replacement=in_training_mode,
        within=keeps_weights,
        spoils="values",
        caught_by="harness/tests/test_measurement.py::test_nets_are_measured_in_evaluation_mode",
    ),
    Mutant(
        "recorded-late",
        "what was recorded after an epoch stands at the next that was evaluated",
        target=Runs,
        replacement=late,
        within=trains,
        spoils="nothing",
        caught_by="harness/tests/test_laboratory.py::test_the_course_of_a_run",
    ),
    Mutant(
        "courses-reversed",
        "nets that are measured along training stand in reverse order",
        target=Runs,
        replacement=from_the_end,
        within=keeps_courses,
        spoils="nothing",
    ),
)
