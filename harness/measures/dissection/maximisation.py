"""Activation maximisation: images that a class of a net answers to most strongly, among those that a generator makes.

Departures from the paper: latent vectors stay in the ball of radius sqrt(latent), in which a generator of standard
normal variables was trained; without a bound a logit grows as far as the images leave the data. And the objective and
its climber are parameters: the paper does not say whether f_j is a logit or a probability.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.spec.dissection import Dissection, Objective
from memorization_claims.spec.recipe import Recipe
from memorization_claims.training import optimizer

Function = Callable[[Tensor], Tensor]


def maximise(
    logits: Function,
    images: Function,
    *,
    latent: int,
    classes: int,
    how: Dissection,
    generators: Sequence[torch.Generator],
    device: torch.device | str = "cpu",
) -> Tensor:
    """Find, for several nets at once, latent vectors whose images a class answers to most strongly.

    No net, class or start has a part in the search of another: each goes up its own objective.

    Args:
        logits: maps images (nets, examples, *shape) to logits (nets, examples, classes); net i sees row i only, each
            example by itself, in evaluation mode. Parameters keep their `.grad`.
        images: maps latent vectors (nets, examples, latent) to images (nets, examples, *shape), differentiably.
        latent: number of latent values, standard normal where the generator was trained.
        classes: number of classes, of which each is maximised.
        how: objective, climber, rate, steps and starts.
        generators: one CPU generator for each net; each advances by the draw of its starts.
        device: where the latent vectors are changed: that of the nets and of what makes images.

    Returns:
        Latent vectors (nets, classes, starts, latent), float32 on the device, none longer than sqrt(latent).

    Raises:
        SettingError: for no net, no latent value, or logits of another shape than the above.

    Source:
        Gu & Tresp 2019, section 3, equation 1; departures in the docstring of this module.
    """
    if latent < 1 or not generators:
        raise SettingError(f"{latent} latent values and {len(generators)} generators; legal is 1 or more of each")
    z = starts(latent, classes, how, generators).to(device)
    # A mask: the gradient of an index is a scattered sum, which has no fixed order on CUDA, or a slow one.
    wanted = torch.eye(classes, dtype=torch.bool, device=device).repeat_interleave(how.starts, dim=0)
    recipe = _recipe(how)
    state = optimizer.State(recipe, [z])
    for _ in range(how.steps):
        point = z.detach().requires_grad_()
        with torch.enable_grad():
            answers = logits(images(point))
            if answers.shape != (*z.shape[:2], classes):
                raise SettingError(f"logits of shape {tuple(answers.shape)}; legal is {(*z.shape[:2], classes)}")
            height = _objective(how.objective, answers).where(wanted, 0).sum()
        (uphill,) = torch.autograd.grad(height, point)
        optimizer.step(recipe, how.rate, [z], [-uphill], state)
        z.copy_(into_the_ball(z))
    return z.reshape(len(generators), classes, how.starts, latent)


def starts(latent: int, classes: int, how: Dissection, generators: Sequence[torch.Generator]) -> Tensor:
    """Standard normal latent vectors, drawn into the ball: (nets, classes * starts, latent), float32."""
    drawn = [torch.randn(classes * how.starts, latent, generator=generator) for generator in generators]
    return into_the_ball(torch.stack(drawn))


def into_the_ball(z: Tensor) -> Tensor:
    """Shorten vectors (..., latent) that are longer than sqrt(latent) to that."""
    longest = math.sqrt(z.shape[-1])
    lengths: Tensor = torch.linalg.vector_norm(z, dim=-1, keepdim=True)
    return z * (longest / lengths.clamp_min(longest))


def _objective(objective: Objective, answers: Tensor) -> Tensor:
    if objective == "logit":
        return answers
    return answers.log_softmax(-1) if objective == "log-probability" else answers.softmax(-1)


def _recipe(how: Dissection) -> Recipe:
    kind: Literal["adam", "sgd"] = "adam" if how.climber == "adam" else "sgd"
    return Recipe(rate=how.rate, batch=1, epochs=1, optimizer=kind, momentum=0.0)
