"""What mutants make of the search for critical samples, and of the nets that are searched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from memorization_claims.plan.plan import Plan, Setting
from memorization_claims.spec.run import RunSpec

STOPS_BELOW = 0.02
"""Share of a batch newly found below which the search is given up for all of it."""


def keeps_weights(setting: Setting) -> bool:
    """Whether nets are there to be measured when they have been trained."""
    return isinstance(setting, Plan) and isinstance(setting.base, RunSpec) and setting.base.record.weights != "none"


def without_extent(search: Callable[..., Any]) -> Callable[..., Any]:
    """A search in a box of half-width 0."""
    return lambda logits, inputs, **options: search(logits, inputs, **{**options, "radius": 0.0})


def of_softmax(search: Callable[..., Any]) -> Callable[..., Any]:
    """A search that takes probabilities for logits, and so the softmax twice."""
    return lambda logits, inputs, **options: search(lambda x: logits(x).softmax(-1), inputs, **options)


def too_small(search: Callable[..., Any]) -> Callable[..., Any]:
    """A Langevin search whose steps, for pixels of 0 to 255, are taken on pixels of 0 to 1."""

    def broken(logits: Any, inputs: Any, **options: Any) -> Any:
        from memorization_claims.training.lass import PAPER_ALPHA, PAPER_BETA

        tiny = {"alpha": PAPER_ALPHA / 255, "beta": PAPER_BETA / 255}
        given = {name: value for name, value in options.items() if value is not None}
        return search(logits, inputs, **{**tiny, **given})

    return broken


def batch_wide(search: Callable[..., Any]) -> Callable[..., Any]:
    """A search that ends for all samples as soon as a step finds few new ones."""

    def broken(logits: Any, inputs: Any, *, generators: Any, steps: int = 10, **options: Any) -> Any:
        begun, found = [generator.get_state() for generator in generators], None
        for taken in range(1, steps + 1):
            for generator, state in zip(generators, begun, strict=True):
                generator.set_state(state)
            before, found = found, search(logits, inputs, generators=generators, steps=taken, **options)
            if before is not None and (found & ~before).double().mean() < STOPS_BELOW:
                break
        return found

    return broken


def in_training_mode(make: Callable[..., Any]) -> Callable[..., Any]:
    """Engines whose nets are asked in training mode, where batch norm sees the batch."""

    def broken(name: Any, models: Any, recipe: Any, device: Any) -> Any:
        for model in models:
            model.eval = model.train
        return make(name, models, recipe, device)

    return broken
