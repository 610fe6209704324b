"""How a plan is judged on its data, where that depends on these: what stands in the record beside a verdict."""

from __future__ import annotations

from collections.abc import Iterator

from memorization_claims.data.held_out import shortage
from memorization_claims.data.source import Source
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.run import RunSpec


def notes(plan: Plan, source: Source) -> tuple[str, ...]:
    """The sentences, each once, whether or not anything is trained.

    Args:
        plan: what is judged.
        source: its data set.
    """
    return tuple(dict.fromkeys([*source.notes, *_of_validation(plan, source), *_of_radii(plan, source)]))


def _of_validation(plan: Plan, source: Source) -> Iterator[str]:
    """What the validation sets are, where there are too few examples for them."""
    return (said for specs in plan.specs(0).values() if (said := shortage(specs[0], source)))


def _of_radii(plan: Plan, source: Source) -> Iterator[str]:
    """How far is searched, as a share of the range of the pixels and in their unit."""
    if plan.radius is not None:
        yield f"the radius in which critical samples are sought is {_share(plan.radius, source)}"
    for specs in plan.specs(0).values():
        if isinstance(specs[0], RunSpec) and specs[0].recipe.adversarial:
            yield f"adversarial training searches within {_share(specs[0].recipe.adversarial_radius, source)}"


def _share(radius: float, source: Source) -> str:
    low, high = source.range
    return f"{radius:.4g} of the pixels' range: {radius * (high - low):.4g} of {low:g} to {high:g}"
