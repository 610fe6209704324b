"""Adversarial training: each batch beside what the net, as it is now, predicts another class for close by."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from memorization_claims.data.dataset import Dataset
from memorization_claims.errors import SettingError
from memorization_claims.spec.recipe import Recipe
from memorization_claims.training.engine import Engine
from memorization_claims.training.lass import lass


def radius_of(recipe: Recipe, data: Dataset) -> float:
    """Half-width of the box that is searched, in the unit of the inputs; 0 without adversarial training.

    Raises:
        SettingError: where the images have no common range.
    """
    if not recipe.adversarial:
        return 0.0
    if data.span is None:
        raise SettingError(
            "adversarial training searches within a share of the pixels' range, and preprocessing is whiten, which "
            "leaves images without a common one; legal is standardize"
        )
    return recipe.adversarial_radius * data.span


def doubled(
    engine: Engine,
    inputs: Tensor,
    labels: Tensor,
    *,
    recipe: Recipe,
    radius: float,
    generators: Sequence[torch.Generator],
) -> tuple[Tensor, Tensor, Tensor]:
    """A batch and, behind it, its critical samples with the batch's labels.

    An example without a critical sample stands there itself, so that its loss is the ordinary one.

    Args:
        engine: nets in training.
        inputs: shape (nets, examples, *shape).
        labels: shape (nets, examples), int64.
        recipe: names the weight of the adversarial loss and the steps of the search.
        radius: half-width of the box in the unit of the inputs.
        generators: one for each net, which its search draws from.

    Returns:
        Inputs and labels of twice as many examples, and the share of each in the loss, shape (2 examples,).

    Source:
        Arpit et al. 2017, section 5 and footnote 7; the sum of two losses is Goodfellow et al.'s (2015).
    """
    _, points = lass(engine.logits, inputs, radius=radius, generators=generators, steps=recipe.adversarial_steps)
    examples = labels.shape[1]
    clean, adversarial = (1 - recipe.adversarial) / examples, recipe.adversarial / examples
    shares = torch.cat([inputs.new_full((examples,), share) for share in (clean, adversarial)])
    return torch.cat([inputs, points], 1), torch.cat([labels, labels], 1), shares
