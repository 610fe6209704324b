"""Builds networks from the names of models, ready to train."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from memorization_claims.errors import SettingError, UndecidableError, UnfitDataError
from memorization_claims.models import noise
from memorization_claims.seed import stream
from memorization_claims.spec import named, names
from memorization_claims.spec.run import RunSpec
from memorization_claims.spec.user_code import user_code

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
        UndecidableError: where the recipe's dropout or noise has no place in it.
        UnfitDataError: for images that are too small for it.
    """
    # Modules draw their initial weights from the global generator: it is seeded here and put back.
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(stream(spec.seed, "init", net))
        model = _made(spec.model, shape, classes)
        try:
            model = noise.place(model, spec.recipe)
        except UndecidableError as error:
            raise UndecidableError(str(error).replace("the model", f"model {spec.model!r}", 1)) from error
        _try_out(model, spec.model, shape, classes)
    return model.train()


def _made(name: str, shape: Shape, classes: int) -> nn.Module:
    place, options = names.model(name)
    factory = named.find("model", place)
    try:
        with user_code(f"model {name!r}, called as factory({shape}, {classes}),"):
            made = factory(shape, classes, **options)
    except UnfitDataError as error:
        raise UnfitDataError(f"model {name!r} cannot take inputs of shape {shape}: {error}") from error
    if not isinstance(made, nn.Module):
        raise SettingError(f"model {name!r} returned {made!r}; legal is a torch.nn.Module")
    return made


@torch.no_grad()
def _try_out(model: nn.Module, name: str, shape: Shape, classes: int) -> None:
    """Pass two examples through, so that a misfit is told before training and noise layers learn their shapes."""
    hooks = [layer.register_forward_hook(_note) for layer in noise.layers(model).values()]
    model.eval()
    with user_code(f"model {name!r}, given inputs of shape {(2, *shape)} in evaluation mode,"):
        out = model(torch.zeros(2, *shape))
    for hook in hooks:
        hook.remove()
    check_logits(out, name, "evaluation", (2, classes))
    if lazy := [key for key, tensor in (*model.named_parameters(), *model.named_buffers()) if is_lazy(tensor)]:
        raise SettingError(f"model {name!r} leaves {lazy[0]!r} without a shape; legal are layers that forward uses")
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise SettingError(
            f"model {name!r} has no parameters that are trained; legal is one or more with requires_grad"
        )
    if odd := [key for key, value in model.state_dict().items() if not isinstance(value, Tensor)]:
        raise SettingError(
            f"model {name!r} keeps a state that is no tensor, {odd[0]!r}; legal are parameters, buffers, and an extra "
            "state that is a tensor"
        )


def _note(layer: nn.Module, given: object, out: Tensor) -> None:
    assert isinstance(layer, noise.Noise)
    layer.shapes.append(tuple(out.shape[1:]))


def check_logits(out: object, name: str, mode: str, shape: tuple[int, int]) -> None:
    """Refuse what a model gave if it is no tensor of logits.

    Args:
        out: what it gave.
        name: of the model.
        mode: "training" or "evaluation".
        shape: (examples, classes), as it is to be.

    Raises:
        SettingError: naming what came back and what is legal.
    """
    legal = f"legal is one tensor of logits, floating, {shape}"
    if not isinstance(out, Tensor):
        raise SettingError(f"model {name!r} gives a {type(out).__name__} in {mode} mode; {legal}")
    if tuple(out.shape) != shape or not out.is_floating_point():
        raise SettingError(f"model {name!r} gives {out.dtype} of shape {tuple(out.shape)} in {mode} mode; {legal}")
