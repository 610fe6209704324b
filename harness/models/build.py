"""Builds networks from the names of models, ready to train."""

from __future__ import annotations

from collections import Counter

import torch
from torch import nn

from memorization_claims.errors import SettingError, UnfitDataError
from memorization_claims.models import noise
from memorization_claims.seed import stream
from memorization_claims.spec import named, names
from memorization_claims.spec.run import RunSpec

Shape = tuple[int, int, int]


def build(spec: RunSpec, shape: Shape, classes: int, net: int = 0) -> nn.Module:
    """The spec's network with the initial weights of its seed, in training mode, on the CPU.

    Its factory decides what these are: ours call `memorization_claims.models.initial.he_normal`. It is called as
    `factory(shape, classes, **options)`, and what it draws from torch's global generator is seeded.

    Args:
        spec: names the model, the seed, and the noise of its recipe.
        shape: (channels, height, width) of one input.
        classes: number of logits.
        net: index of the net within its run; each has an initialisation of its own.

    Raises:
        SettingError: for an unknown model, or one that cannot take such inputs or give such logits.
    """
    # Modules draw their initial weights from the global generator: it is seeded here and put back.
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(stream(spec.seed, "init", net))
        model = _made(spec.model, shape, classes)
        model = noise.place(model, spec.recipe)
        _try_out(model, spec.model, shape, classes)
    return model.train()


def _made(name: str, shape: Shape, classes: int) -> nn.Module:
    place, options = names.model(name)
    factory = named.find("model", place)
    try:
        made = factory(shape, classes, **options)
    except UnfitDataError as error:
        raise UnfitDataError(f"model {name!r} cannot take inputs of shape {shape}: {error}") from error
    except SettingError as error:
        raise SettingError(f"model {name!r} cannot take inputs of shape {shape}: {error}") from error
    if not isinstance(made, nn.Module):
        raise SettingError(f"model {name!r} returned {made!r}; legal is a torch.nn.Module")
    return made


@torch.no_grad()
def _try_out(model: nn.Module, name: str, shape: Shape, classes: int) -> None:
    """Pass two examples through, so that a misfit is told before training and noise layers learn their shapes."""
    uses: Counter[str] = Counter()
    hooks = [
        layer.register_forward_hook(lambda *_, key=key: uses.update([key]))
        for key, layer in noise.layers(model).items()
    ]
    model.eval()
    try:
        out = model(torch.zeros(2, *shape))
    except Exception as error:  # whatever a user's network raises
        raise SettingError(f"model {name!r} cannot take inputs of shape {shape}: {error}") from error
    if not isinstance(out, torch.Tensor):
        raise SettingError(f"model {name!r} gives a {type(out).__name__}; legal is a tensor of logits")
    if out.shape != (2, classes):
        raise SettingError(f"model {name!r} gives logits of shape {tuple(out.shape[1:])}; legal is ({classes},)")
    for hook in hooks:
        hook.remove()
    if repeated := [key for key, times in uses.items() if times > 1]:
        raise SettingError(
            f"model {name!r} passes more than once through {repeated[0]!r}, which would repeat its noise; "
            "legal is an nn.ReLU or nn.Dropout for each place"
        )
