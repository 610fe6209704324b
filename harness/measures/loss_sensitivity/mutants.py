"""Mutants of gradients through training, and of their norms."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn.functional import cross_entropy

from memorization_claims.controls.mutant import Mutant
from memorization_claims.measures.loss_sensitivity.direct import directly
from memorization_claims.measures.loss_sensitivity.disparity import Array, gini
from memorization_claims.measures.loss_sensitivity.norms import norms
from memorization_claims.measures.loss_sensitivity.second_order import Weights
from memorization_claims.measures.loss_sensitivity.unrolled import through_updates
from memorization_claims.plan.plan import Plan, Setting


def unrolled(setting: Setting) -> bool:
    """Whether it asks for gradients through training."""
    return isinstance(setting, Plan) and setting.unrolled


def at_the_end(whole: Callable[..., tuple[Tensor, Weights]]) -> Callable[..., tuple[Tensor, Weights]]:
    """The plain gradient of the final loss in the inputs that it is taken on, at all times."""

    def broken(
        models: list[nn.Module],
        inputs: Tensor,
        labels: Tensor,
        *course: object,
        terms: Tensor,
        **options: object,
    ) -> tuple[Tensor, Weights]:
        gradients, recorded = whole(models, inputs, labels, *course, terms=terms, **options)
        model, final = deepcopy(models[0]).to(inputs.device), {name: own[:, -1] for name, own in recorded.items()}

        def loss(x: Tensor, parameters: Weights, y: Tensor, term: Tensor) -> Tensor:
            return term @ cross_entropy(functional_call(model, parameters, (x,)), y, reduction="none")

        plain: Tensor = vmap(vmap(grad(loss), in_dims=(None, None, None, 0)))(inputs, final, labels, terms.to(inputs))
        return plain[:, None].expand_as(gradients), recorded

    return broken


def nothing_directly(whole: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Zeros for what the loss owes to the inputs that it is taken on."""
    return lambda *arguments, **options: torch.zeros_like(whole(*arguments, **options))


def euclidean(whole: Callable[[Tensor], dict[str, Tensor]]) -> Callable[[Tensor], dict[str, Tensor]]:
    """The l2 norm under the name of every other."""
    return lambda gradients: dict.fromkeys(("l1", "l2", "linf"), whole(gradients)["l2"])


def over_nets(whole: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """The Gini coefficient over nets in the place of that over examples, of (runs, nets, ..., examples)."""

    def broken(values: Array) -> Array:
        if values.ndim < 3:
            return whole(values)
        averaged = whole(np.swapaxes(values, 1, -1)).mean(axis=1)
        return np.broadcast_to(averaged[:, None], values.shape[:-1])

    return broken


MUTANTS = (
    Mutant(
        "plain-input-gradient",
        "loss-sensitivity is the gradient of the final loss in its own inputs, not through the updates",
        target=through_updates,
        replacement=at_the_end,
        within=unrolled,
        spoils="values",
        caught_by="harness/tests/test_loss_sensitivity.py::test_one_update_of_a_linear_model_from_zero",
    ),
    Mutant(
        "direct-part-left-out",
        "the total derivative lacks what the loss owes to the inputs that it is taken on",
        target=directly,
        replacement=nothing_directly,
        within=unrolled,
        spoils="values",
        caught_by="harness/tests/test_sensitivity.py::test_the_total_derivative_has_the_direct_part_besides",
    ),
    Mutant(
        "wrong-norm",
        "loss-sensitivity has the l2 norm in the place of the others",
        target=norms,
        replacement=euclidean,
        within=unrolled,
        spoils="values",
        caught_by="harness/tests/test_loss_sensitivity.py::test_norms_of_a_known_gradient",
    ),
    Mutant(
        "gini-over-nets",
        "the Gini coefficient of loss-sensitivity is taken over nets, not over examples",
        target=gini,
        replacement=over_nets,
        within=unrolled,
        spoils="nothing",
        caught_by="harness/tests/test_disparity.py::test_sensitivities_are_averaged_before_they_are_compared",
    ),
)
