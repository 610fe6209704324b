"""Langevin adversarial sample search, LASS (Arpit et al. 2017, section 4.1, Algorithm 1): another prediction close by.

It stands with training because adversarial training is done on what it finds; `measures.nets.critical_samples` counts
that.

Departures from Algorithm 1 as printed:

- Printed, the search ascends the output of the predicted class along the gradient at the sample itself. It then moves
  away from every boundary and finds nothing. The text describes the fast gradient sign method with noise, so here the
  search descends the log-softmax of the predicted class, along the gradient at the moving point.
- The sign of that gradient is taken from the log-odds f_k - logsumexp of the others. They differ from the log-softmax
  by the positive factor 1 - p_k, which rounds to zero in float32 once a fitted net is 17 nats sure.

As printed, the moving point is clipped to the box and not to the range of the pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from memorization_claims.errors import SettingError

# Footnotes 4 and 6: alpha = 0.25, beta = 0.2 and r = 0.3 on pixels of 0 to 255. Only their ratios carry over.
PAPER_ALPHA = 0.25 / 0.3
PAPER_BETA = 0.2 / 0.3


def lass(
    logits: Callable[[Tensor], Tensor],
    inputs: Tensor,
    *,
    radius: float,
    generators: Sequence[torch.Generator],
    steps: int = 10,
    alpha: float | None = None,
    beta: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Search the box around each sample for a point that its net predicts another class for; several nets at once.

    A sample that was found stays found, and stops the search of no other. What is found depends on the predicted class
    alone, never on the label. A net whose logits are NaN finds nothing: leave diverged nets out.

    Args:
        logits: maps inputs (nets, examples, *shape) to logits (nets, examples, classes); net i sees row i only, in
            evaluation mode. Parameters keep their `.grad`.
        inputs: shape (nets, examples, *shape), floating point.
        radius: half-width r of the box (l-infinity) in the units of `inputs`, at least 0.
        generators: one CPU generator per net. Each advances by one draw, which seeds the noise of its net, drawn where
            the inputs are: what is found for a net does not depend on the nets beside it.
        steps: number of steps, at least 1.
        alpha: step along the sign of the gradient, in multiples of the radius, at least 0; the paper's 0.25/0.3.
        beta: standard deviation of the noise, in multiples of the radius, at least 0; the paper's 0.2/0.3.

    Returns:
        Shape (nets, examples), bool: True where another prediction was found within the box. And the points, shape
        (nets, examples, *shape): the first that was found, and the sample itself where none was.

    Raises:
        SettingError: for a value outside the ranges above.

    Source:
        Arpit et al. 2017, section 4.1, Algorithm 1; departures in the docstring of this module.
    """
    alpha, beta = PAPER_ALPHA if alpha is None else alpha, PAPER_BETA if beta is None else beta
    _check(inputs, radius, generators, steps, alpha, beta)
    seeds = [int(torch.randint(2**62, (), generator=g)) for g in generators]
    streams = [torch.Generator(inputs.device).manual_seed(seed) for seed in seeds]
    center = points = inputs.detach()
    low, high = center - radius, center + radius
    with torch.enable_grad():
        moving = center.clone().requires_grad_()
        outputs = logits(moving)
        predicted = outputs.argmax(dim=-1)
        chosen = predicted[..., None] == torch.arange(outputs.shape[-1], device=outputs.device)
        critical = torch.zeros_like(predicted, dtype=torch.bool)
        for _ in range(steps):
            (uphill,) = torch.autograd.grad(_log_odds(outputs, chosen).sum(), moving)
            step = -alpha * radius * uphill.sign()
            if beta:
                step += beta * radius * _noise(center, streams)
            moving = (moving.detach() + step).clamp(low, high).requires_grad_()
            outputs = logits(moving)
            new = (outputs.argmax(dim=-1) != predicted) & ~critical
            points = torch.where(new.view(*new.shape, *[1] * (center.ndim - 2)), moving.detach(), points)
            critical = critical | new
            # A GPU would be waited for; what was found stays as it is.
            if inputs.is_cpu and critical.all():
                break
    return critical, points


def _log_odds(outputs: Tensor, chosen: Tensor) -> Tensor:
    """The logit of the chosen class, marked by a mask, less the logsumexp of all others, shape (nets, examples).

    By a mask: the gradient of an index is a scattered sum, which has no fixed order on CUDA, or a slow one.
    """
    others = outputs.masked_fill(chosen, -math.inf).logsumexp(dim=-1)
    return outputs.where(chosen, 0).sum(dim=-1) - others


def _noise(like: Tensor, streams: Sequence[torch.Generator]) -> Tensor:
    """Standard normal draws in the shape of the inputs, one block per net, found or not."""
    return torch.stack(
        [torch.randn(like.shape[1:], generator=stream, dtype=like.dtype, device=like.device) for stream in streams]
    )


def _check(
    inputs: Tensor, radius: float, generators: Sequence[torch.Generator], steps: int, alpha: float, beta: float
) -> None:
    if inputs.ndim < 3 or 0 in inputs.shape or not inputs.is_floating_point():
        raise SettingError(
            f"inputs are {inputs.dtype} of shape {tuple(inputs.shape)}: "
            "need floating point of shape (nets, examples, *shape), none empty"
        )
    if len(generators) != inputs.shape[0]:
        raise SettingError(f"{len(generators)} generators for {inputs.shape[0]} nets: need one per net")
    if steps < 1:
        raise SettingError(f"steps is {steps}: at least 1")
    for name, value in (("radius", radius), ("alpha", alpha), ("beta", beta)):
        if not 0 <= value < math.inf:
            raise SettingError(f"{name} is {value}: finite and at least 0")
