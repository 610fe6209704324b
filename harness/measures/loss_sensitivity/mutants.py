"""What mutants put in the place of gradients through training, and of their norms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from memorization_claims.plan.plan import Plan, Setting


def unrolled(setting: Setting) -> bool:
    """Whether it asks for gradients through training."""
    return isinstance(setting, Plan) and setting.unrolled


def at_the_end(through_updates: Callable[..., Any]) -> Callable[..., Any]:
    """The plain gradient of the final loss in the inputs that it is taken on, at all times."""

    def broken(models: Any, inputs: Any, labels: Any, batches: Any, recipe: Any, *, at: Any, terms: Any) -> Any:
        from torch.func import functional_call, grad, vmap
        from torch.nn.functional import cross_entropy

        from memorization_claims.measures.loss_sensitivity.course import course

        def loss(x: Any, own: Any, y: Any, term: Any) -> Any:
            return term @ cross_entropy(functional_call(models[0].to(inputs.device), own, (x,)), y, reduction="none")

        _, weights = next(course(models, inputs, labels, batches, recipe))
        found = vmap(vmap(grad(loss), in_dims=(None, None, None, 0)))(inputs, weights, labels, terms.to(inputs))
        return found[:, None].expand(-1, len(at), *found.shape[1:])

    return broken


def euclidean(norms: Callable[..., Any]) -> Callable[..., Any]:
    """The l2 norm under the name of every other."""
    return lambda gradients: dict.fromkeys(("l1", "l2", "linf"), norms(gradients)["l2"])
