"""Nets as they were at some moment of their training, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy

import numpy as np
import torch

from memorization_claims.data.dataset import Dataset
from memorization_claims.lab.trained import Trained
from memorization_claims.models.build import build
from memorization_claims.spec.run import RunSpec
from memorization_claims.spec.user_code import user_code
from memorization_claims.training.engine import choose, make

Logits = Callable[[torch.Tensor], torch.Tensor]
Chosen = Sequence[tuple[RunSpec, int]]
"""Nets of one architecture, each by its run and its index there."""
END = "final"
"""The moment at which a net stopped."""


def logits(runs: Trained, chosen: Chosen, data: Dataset, moment: str = END) -> Logits:
    """Nets as they were at one moment, as one function.

    Args:
        runs: a plan's runs.
        chosen: which nets.
        data: of one of the runs, for the shape of inputs and the number of classes.
        moment: name of the weights that were kept.

    Returns:
        From inputs (nets, examples, *shape) to logits (nets, examples, classes), in evaluation mode.
    """
    models, spec = restored(runs, chosen, data, moment), chosen[0][0]
    shape = data.inputs.shape[1:]
    answers = make(choose(models[0], spec.recipe, shape), models, spec.recipe, runs.device, shape).logits
    return answers if ":" not in spec.model else _told(answers, spec.model)


def _told(answers: Logits, name: str) -> Logits:
    """The same function; what a user's net raises is told in a line."""

    def told(inputs: torch.Tensor) -> torch.Tensor:
        with user_code(f"model {name!r}, measured on inputs of shape {tuple(inputs.shape[1:])},"):
            return answers(inputs)

    return told


def restored(runs: Trained, chosen: Chosen, data: Dataset, moment: str = END) -> list[torch.nn.Module]:
    """Models with the weights that nets had at one moment, on the CPU; arguments as above."""
    channels, height, width = data.inputs.shape[1:]
    untrained, models = dict[object, torch.nn.Module](), []
    for spec, net in chosen:
        kind = (spec.model, spec.recipe)
        if kind not in untrained:
            untrained[kind] = build(spec, (channels, height, width), data.classes)
        models.append(load(deepcopy(untrained[kind]), runs.arrays(spec), net, moment))
    return models


def load(model: torch.nn.Module, arrays: Mapping[str, np.ndarray], net: int, moment: str = END) -> torch.nn.Module:
    """Give a model the weights that one net of a run had at one moment, and return it."""
    weights = {key: torch.tensor(arrays[f"weights/{moment}/{key}"][net]) for key in model.state_dict()}
    model.load_state_dict(weights)
    return model
