"""Mutants of the search for critical samples, and of the first layer as images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from memorization_claims.controls.mutant import Mutant
from memorization_claims.measures.nets.critical_samples import critical_samples
from memorization_claims.measures.nets.filters import first_filters
from memorization_claims.plan.plan import Cases, Plan, Setting
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.lass import PAPER_ALPHA, PAPER_BETA

Logits = Callable[[Tensor], Tensor]
Search = Callable[..., Tensor]

STOPS_BELOW = 0.02
"""Share of a batch newly found below which the search is given up for all of it."""


def keeps_weights(setting: Setting) -> bool:
    """Whether nets are there to be measured when they have been trained."""
    return isinstance(setting, Plan) and isinstance(setting.base, RunSpec) and setting.base.record.weights != "none"


def without_extent(whole: Search) -> Search:
    """A search in a box of half-width 0."""
    return lambda logits, inputs, **options: whole(logits, inputs, **{**options, "radius": 0.0})


def of_softmax(whole: Search) -> Search:
    """A search that takes probabilities for logits, and so the softmax twice."""
    return lambda logits, inputs, **options: whole(lambda x: logits(x).softmax(-1), inputs, **options)


def too_small(whole: Search) -> Search:
    """A Langevin search whose steps, for pixels of 0 to 255, are taken on pixels of 0 to 1."""

    def broken(logits: Logits, inputs: Tensor, **options: Any) -> Tensor:
        tiny = {"alpha": PAPER_ALPHA / 255, "beta": PAPER_BETA / 255}
        given = {name: value for name, value in options.items() if value is not None}
        return whole(logits, inputs, **{**tiny, **given})

    return broken


def of_zero_gradients(setting: Setting) -> bool:
    """Whether it asks for nets whose gradient is zero at the samples."""
    return isinstance(setting, Cases) and "surface" in setting.options


def without_noise(whole: Search) -> Search:
    """A Langevin search that follows the gradient alone."""
    return lambda logits, inputs, **options: whole(logits, inputs, **{**options, "beta": 0.0})


def batch_wide(whole: Search) -> Search:
    """A search that ends for all samples as soon as a step finds few new ones."""

    def broken(
        logits: Logits, inputs: Tensor, *, generators: Sequence[torch.Generator], steps: int = 10, **options: Any
    ) -> Tensor:
        begun = [generator.get_state() for generator in generators]
        critical = inputs.new_zeros(inputs.shape[:2], dtype=torch.bool)
        for taken in range(1, steps + 1):
            for generator, state in zip(generators, begun, strict=True):
                generator.set_state(state)
            before, critical = critical, whole(logits, inputs, generators=generators, steps=taken, **options)
            if taken > 1 and (critical & ~before).double().mean() < STOPS_BELOW:
                break
        return critical

    return broken


def scrambled(whole: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Filters whose weights stand in other places, the same for all of them."""

    def broken(*arguments: Any, **options: Any) -> Tensor:
        filters = whole(*arguments, **options)
        order = torch.randperm(filters[0].numel(), generator=torch.Generator().manual_seed(0))
        return filters.flatten(1)[:, order].view_as(filters)

    return broken


MUTANTS = (
    Mutant(
        "search-radius-zero",
        "critical samples are sought in a box without extent",
        target=critical_samples,
        replacement=without_extent,
        within=keeps_weights,
        spoils="values",
        blunt=True,
    ),
    Mutant(
        "search-steps-too-small",
        "the steps of the Langevin search are those for pixels of 0 to 255, taken on pixels of 0 to 1",
        target=critical_samples,
        replacement=too_small,
        within=keeps_weights,
        spoils="values",
    ),
    Mutant(
        "search-without-noise",
        "the Langevin search for critical samples adds no noise to its steps",
        target=critical_samples,
        replacement=without_noise,
        within=of_zero_gradients,
        spoils="values",
    ),
    Mutant(
        "search-of-softmax",
        "the softmax is taken twice when critical samples are sought",
        target=critical_samples,
        replacement=of_softmax,
        within=keeps_weights,
        spoils="values",
        caught_by="harness/tests/test_critical_samples.py::test_sure_nets_are_searched_as_well",
    ),
    Mutant(
        "search-stopped-for-all",
        "the search for critical samples ends for a whole batch when few new ones appear",
        target=critical_samples,
        replacement=batch_wide,
        within=keeps_weights,
        spoils="values",
        caught_by="harness/tests/test_critical_samples.py::test_a_found_sample_stays_found_and_stops_no_other",
    ),
    Mutant(
        "filters-scrambled",
        "the weights of a filter stand in other places than the pixels that they see",
        target=first_filters,
        replacement=scrambled,
        within=keeps_weights,
        spoils="values",
    ),
)
