"""From a model's name to a network ready to train."""

from __future__ import annotations

import re
from collections import Counter

import torch
from torch import nn

from memorization_claims.errors import SettingError
from memorization_claims.models import noise
from memorization_claims.models.alexnet import alexnet
from memorization_claims.models.arpit_cnn import arpit_cnn
from memorization_claims.models.cnn import cnn
from memorization_claims.models.inception import inception
from memorization_claims.models.mlp import mlp
from memorization_claims.models.names import PATTERNS, check_model
from memorization_claims.models.resnet import resnet, resnet32
from memorization_claims.models.vgg import small_vgg, vgg11, vgg13
from memorization_claims.seed import stream
from memorization_claims.spec import named
from memorization_claims.spec.run import RunSpec

Shape = tuple[int, int, int]

_SMALLEST = {"cnn": 4, "arpit-cnn": 29, "vgg11": 32, "vgg13": 32, "vgg3": 8, "vgg6": 8}
"""Pixels a side below which nothing would be left after the pools."""


def build(spec: RunSpec, shape: Shape, classes: int, net: int = 0) -> nn.Module:
    """The spec's network with the initial weights of its seed, in training mode, on the CPU.

    Our own networks start from He et al.'s normal initialisation (2015) with zero biases; a user's from its own.

    Args:
        spec: names the model, the seed, and the noise of its recipe.
        shape: (channels, height, width) of one input.
        classes: number of logits.
        net: index of the net within its run; each has an initialisation of its own.

    Raises:
        SettingError: for an unknown model, or one that cannot take such inputs or give such logits.
    """
    check_model(spec.model)
    # Modules draw their initial weights from the global generator: it is seeded here and put back.
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(stream(spec.seed, "init", net))
        model = _factory(spec.model, shape, classes)
        if ":" not in spec.model:
            _he_normal(model)
        model = noise.place(model, spec.recipe)
        _try_out(model, spec.model, shape, classes)
    return model.train()


def _factory(name: str, shape: Shape, classes: int) -> nn.Module:
    if ":" in name:
        built = named.find("model", name)(shape, classes)
        if not isinstance(built, nn.Module):
            raise SettingError(f"model {name!r} returned {built!r}; legal is a torch.nn.Module")
        return built
    side = next((side for kind, side in _SMALLEST.items() if name.startswith(kind)), 1)
    if min(shape[1:]) < side:
        raise SettingError(
            f"model {name!r} takes images from {side} x {side} pixels; these have {shape[1]} x {shape[2]}"
        )
    if match := re.fullmatch(PATTERNS["mlp-DxW"], name):
        return mlp(shape, classes, depth=int(match[1]), width=int(match[2]))
    if match := re.fullmatch(PATTERNS["cnn[-bn]-W"], name):
        return cnn(shape, classes, width=int(match[2]), batch_norm=bool(match[1]))
    if match := re.fullmatch(PATTERNS["inception[-nobn][-W]"], name):
        return inception(shape, classes, width=int(match[2] or 96), batch_norm=not match[1])
    if match := re.fullmatch(PATTERNS["alexnet[-W]"], name):
        return alexnet(shape, classes, width=int(match[1] or 64))
    if match := re.fullmatch(PATTERNS["vgg3-W"], name):
        return small_vgg(shape, classes, width=int(match[1]), convolutions=1)
    if match := re.fullmatch(PATTERNS["vgg6-W"], name):
        return small_vgg(shape, classes, width=int(match[1]), convolutions=2)
    if match := re.fullmatch(PATTERNS["resnet8-W"], name):
        return resnet(shape, classes, width=int(match[1]), blocks=1)
    return {"arpit-cnn": arpit_cnn, "vgg11": vgg11, "vgg13": vgg13, "resnet32": resnet32}[name](shape, classes)


def _he_normal(model: nn.Module) -> None:
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


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
