"""The networks of Gu & Tresp 2019: sizes, stages, and what a residual block computes."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import batch_norm, conv2d, linear, max_pool2d

from memorization_claims.errors import UnfitDataError
from memorization_claims.models.build import Shape, build
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec

CIFAR = (3, 32, 32)
DIGITS = (1, 8, 8)


def made(model: str, shape: Shape, classes: int = 10, seed: int = 0) -> nn.Module:
    """A network with its initial weights."""
    return build(
        RunSpec(data="digits", model=model, recipe=Recipe(rate=0.1, batch=10, epochs=1), seed=seed), shape, classes
    )


def parameters(model: nn.Module) -> int:
    """How many there are."""
    return sum(parameter.numel() for parameter in model.parameters())


def noise(*shape: int) -> Tensor:
    """Normal inputs."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("name", "shape", "count"),
    [
        ("resnet32", CIFAR, 464_154),
        ("vgg11", CIFAR, 9_220_480 + 5130),
        ("vgg13", CIFAR, 9_404_992 + 5130),
        ("vgg3-16", DIGITS, 160 + 4640 + 18_496 + 4160 + 650),
        ("vgg6-16", DIGITS, 160 + 2320 + 4640 + 9248 + 18_496 + 36_928 + 4160 + 650),
        ("resnet8-16", CIFAR, 432 + 32 + 2 * (2304 + 32) + (4608 + 9216 + 128) + (18_432 + 36_864 + 256) + 650),
    ],
)
def test_parameter_counts(name: str, shape: Shape, count: int) -> None:
    """ResNet-32 by He et al. 2016, table 6; VGG by torchvision's convolutions; the small ones layer by layer."""
    assert parameters(made(name, shape)) == count


@pytest.mark.parametrize(("name", "configuration"), [("vgg11", "A"), ("vgg13", "B")])
def test_vggs_convolutions_are_torchvisions(name: str, configuration: str) -> None:
    """Same kinds of layers in the same order, with the same shapes of weights."""
    from torchvision.models import vgg

    theirs = list(vgg.make_layers(vgg.cfgs[configuration]))
    ours = list(made(name, CIFAR).children())
    assert [type(layer) for layer in ours] == [type(layer) for layer in theirs] + [nn.Flatten, nn.Linear]
    shapes = [[tuple(p.shape) for layer in net for p in layer.parameters()] for net in (ours[:-1], theirs)]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("name", ["vgg3-4", "vgg6-4"])
@pytest.mark.parametrize("shape", [DIGITS, (3, 16, 16), (1, 14, 14), (2, 9, 17)])
def test_small_vggs_by_hand(name: str, shape: Shape) -> None:
    """Convolutions, pools, a hidden layer and logits, computed from the weights alone."""
    model = made(name, shape, 7)
    tensors = list(model.parameters())
    layers = [tensors[place : place + 2] for place in range(0, len(tensors), 2)]
    depth, values = int(name[3]) // 3, noise(4, *shape)
    inputs = values
    for place, (weight, bias) in enumerate(layers[:-2]):
        values = conv2d(values, weight, bias, padding=1).clamp(min=0)
        values = max_pool2d(values, 2) if (place + 1) % depth == 0 else values
    assert [len(weight) for weight, _ in layers] == [4] * depth + [8] * depth + [16] * depth + [16, 7]
    hidden = linear(values.flatten(1), *layers[-2]).clamp(min=0)
    torch.testing.assert_close(model(inputs), linear(hidden, *layers[-1]))


def normalised(values: Tensor, weight: Tensor, stride: int = 1) -> Tensor:
    """A convolution whose outputs have mean 0 and variance 1 over the batch."""
    return batch_norm(conv2d(values, weight, stride=stride, padding=1), None, None, training=True)


@settings(deadline=None, max_examples=15)
@given(width=st.integers(1, 5), height=st.integers(1, 9), side=st.integers(1, 9), seed=st.integers(0, 99))
def test_residual_nets_by_hand(width: int, height: int, side: int, seed: int) -> None:
    """Each block adds its input, at every other pixel and beside channels of zeros where it has twice as many."""
    model = made(f"resnet8-{width}", (2, height, side), 7, seed)
    images = noise(4, 2, height, side)
    weights = [p for p in model.parameters() if p.dim() == 4]
    values = normalised(images, weights[0]).clamp(min=0)
    for stage in range(3):
        stride = 2 if stage else 1
        inner = normalised(values, weights[2 * stage + 1], stride).clamp(min=0)
        out = normalised(inner, weights[2 * stage + 2])
        out[:, : values.shape[1]] += values[:, :, ::stride, ::stride]
        values = out.clamp(min=0)
    assert values.shape[1] == 4 * width
    last = list(model.parameters())[-2:]
    torch.testing.assert_close(model(images), linear(values.mean((2, 3)), *last), rtol=1e-3, atol=1e-3)


def test_resnet32_has_thirty_one_convolutions() -> None:
    """Eleven of 16 channels, ten of 32 and ten of 64, on 32, 16 and 8 pixels a side."""
    sizes: list[tuple[int, int]] = []
    model = made("resnet32", CIFAR)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(lambda _, __, out: sizes.append((out.shape[1], out.shape[2])))
    model(noise(2, *CIFAR))
    assert sizes == [(16, 32)] * 11 + [(32, 16)] * 10 + [(64, 8)] * 10


@pytest.mark.parametrize(
    ("name", "shape", "side"),
    [("vgg13", (3, 28, 28), 32), ("vgg3-16", (1, 7, 8), 8), ("vgg6-16", (1, 8, 4), 8)],
)
def test_images_too_small_are_told(name: str, shape: Shape, side: int) -> None:
    """The message names the smallest size."""
    with pytest.raises(UnfitDataError) as told:
        made(name, shape)
    assert str(told.value) == (
        f"model {name!r} cannot take inputs of shape {shape}: legal are images of {side} x {side} pixels or more"
    )


@pytest.mark.parametrize("name", ["vgg11", "vgg13", "vgg3-4", "vgg6-4", "resnet32", "resnet8-4"])
def test_gradients_reach_every_parameter(name: str) -> None:
    """A batch of three gives (3, classes) in training mode, and no parameter is idle."""
    model = made(name, CIFAR, 7)
    logits = model(noise(3, *CIFAR))
    assert logits.shape == (3, 7)
    gradients = torch.autograd.grad(logits.square().sum(), list(model.parameters()))
    assert all(gradient.isfinite().all() and gradient.any() for gradient in gradients)
