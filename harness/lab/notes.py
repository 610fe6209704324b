"""How a plan is judged on its data, where that depends on these: what stands in the record beside a verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from memorization_claims.data.dataset import Dataset, prepare
from memorization_claims.data.held_out import shortage
from memorization_claims.data.source import Source
from memorization_claims.models.build import build
from memorization_claims.models.noise import places
from memorization_claims.plan.plan import Plan
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.own import make


def notes(plan: Plan, source: Source) -> tuple[str, ...]:
    """The sentences, each once, whether or not anything is trained.

    Args:
        plan: what is judged.
        source: its data set.
    """
    said = (*source.notes, *_of_validation(plan, source), *_of_radii(plan, source), *_of_nets(plan, source))
    return tuple(dict.fromkeys(said))


def _of_validation(plan: Plan, source: Source) -> Iterator[str]:
    """What the validation sets are, where there are too few examples for them."""
    return (said for specs in plan.specs().values() if (said := shortage(specs[0], source)))


def _of_radii(plan: Plan, source: Source) -> Iterator[str]:
    """How far adversarial training searches."""
    for specs in plan.specs().values():
        if isinstance(specs[0], RunSpec) and specs[0].recipe.adversarial:
            yield f"adversarial training searches within {_share(specs[0].recipe.adversarial_radius, source)}"


def of_radius(radius: float, source: Source) -> str:
    """How far a measure searched, as a share of the range of the pixels and in their unit."""
    return f"the radius in which critical samples are sought is {_share(radius, source)}"


def _share(radius: float, source: Source) -> str:
    low, high = source.range
    return f"{radius:.4g} of the pixels' range: {radius * (high - low):.4g} of {low:g} to {high:g}"


def _of_nets(plan: Plan, source: Source) -> Iterator[str]:
    """Where noise stands in nets of a user's, and at which rates an optimizer of a user's runs by itself."""
    for specs in plan.specs().values():
        spec = specs[0]
        if isinstance(spec, RunSpec) and ":" in f"{spec.model}{spec.recipe.optimizer}":
            yield from _of_net(spec, prepare(replace(spec, subset=2, validation=1), source))


def _of_net(spec: RunSpec, data: Dataset) -> Iterator[str]:
    channels, height, width = data.inputs.shape[1:]
    quiet = replace(spec, recipe=replace(spec.recipe, dropout=0.0, hidden_noise=0.0))
    model = build(quiet, (channels, height, width), data.classes)
    if ":" in spec.model and (spec.recipe.dropout or spec.recipe.hidden_noise):
        kinds = Counter(type(getattr(parent, name)).__name__ for parent, name in places(model))
        if kinds:
            shown = ", ".join(f"{number} x {kind}" for kind, number in kinds.items())
            yield f"dropout and noise of hidden units stand after the activations of {spec.model}: {shown}"
    if spec.recipe.rate is None:
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        rates = dict.fromkeys(
            f"{group['lr']:g}" for group in make(spec.recipe, parameters).param_groups if "lr" in group
        )
        yield f"optimizer {spec.recipe.optimizer} runs at its own rates, {', '.join(rates) or 'which it does not name'}"
