"""The networks: the papers' parameter counts, the shapes inside, initial weights, and what is told of a misfit."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from memorization_claims.errors import UnfitDataError
from memorization_claims.models.build import Shape, build
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec

ZHANG = (3, 28, 28)


def _spec(model: str, *, seed: int = 0, dropout: float = 0.0) -> RunSpec:
    return RunSpec(data="digits", model=model, recipe=Recipe(rate=0.1, batch=10, epochs=1, dropout=dropout), seed=seed)


def _same(first: nn.Module, second: nn.Module) -> bool:
    pairs = zip(first.state_dict().items(), second.state_dict().items(), strict=True)
    return all(a == b and torch.equal(x, y) for (a, x), (b, y) in pairs)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("inception", 1_649_402),
        ("inception-96", 1_649_402),
        ("inception-nobn", 1_649_402),
        ("inception-nobn-96", 1_649_402),
        ("alexnet", 1_387_786),
        ("alexnet-64", 1_387_786),
        ("mlp-1x512", 1_209_866),
        ("mlp-3x512", 1_735_178),
    ],
)
def test_parameter_counts_are_those_of_the_paper(name: str, count: int) -> None:
    """Zhang et al. 2017, table 1, for 3x28x28 inputs and 10 classes."""
    assert sum(p.numel() for p in build(_spec(name), ZHANG, 10).parameters()) == count


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("mlp-0x1", (1, 8, 8)),
        ("mlp-2x16", (3, 5, 7)),
        ("cnn-4", (1, 8, 8)),
        ("cnn-4", (2, 4, 6)),
        ("cnn-bn-4", (1, 8, 8)),
        ("cnn-bn-1", (3, 16, 16)),
        ("inception", (1, 8, 8)),
        ("inception-1", (1, 8, 8)),
        ("inception-16", (3, 16, 16)),
        ("inception-nobn-8", (1, 8, 8)),
        ("alexnet-1", (1, 8, 8)),
        ("alexnet-16", (3, 16, 16)),
        ("inception-nobn", (3, 9, 7)),
        ("alexnet", (1, 8, 8)),
        ("alexnet", (3, 28, 28)),
        ("arpit-cnn", (3, 32, 32)),
        ("arpit-cnn", (1, 29, 29)),
        ("vgg11", (3, 32, 32)),
    ],
)
def test_logits_have_one_value_for_each_class(name: str, shape: Shape) -> None:
    """A batch of three gives (3, classes) in training mode, and the gradient reaches every parameter."""
    model = build(_spec(name), shape, 7)
    assert model.training
    logits = model(torch.randn(3, *shape, generator=torch.Generator().manual_seed(0)))
    assert logits.shape == (3, 7)
    gradients = torch.autograd.grad(logits.square().sum(), list(model.parameters()))
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_inception_halves_its_images_twice() -> None:
    """The sizes of Zhang 2017, Fig. 3: 28 until the first downsampling, 14 until the second, then 7."""
    model = build(_spec("inception"), ZHANG, 10).eval()
    sizes, channels, values = [], [], torch.zeros(1, *ZHANG)
    for layer in list(model.children())[:-3]:
        values = layer(values)
        sizes.append(values.shape[2])
        channels.append(values.shape[1])
    assert sizes == [28, 28, 28, 14, 14, 14, 14, 14, 7, 7, 7]
    assert channels == [96, 64, 80, 160, 160, 160, 160, 144, 240, 336, 336]


@cache
def _widths(name: str) -> list[int]:
    return [
        layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels
        for layer in build(_spec(name), (1, 8, 8), 10).modules()
        if isinstance(layer, nn.Linear | nn.Conv2d)
    ]


@pytest.mark.parametrize("name", ["inception", "inception-nobn", "alexnet"])
@settings(deadline=None, max_examples=20)
@given(width=st.integers(1, 40))
def test_a_narrow_network_has_the_proportions_of_the_papers(name: str, width: int) -> None:
    """Every layer but the logits is rounded to its share of the paper's width, and never vanishes."""
    whole = _widths(name)
    by_hand = [max(1, round(each * width / whole[0])) for each in whole[:-1]]
    assert _widths(f"{name}-{width}") == [*by_hand, 10]


def test_inceptions_batch_norm_shifts_without_scaling() -> None:
    """With it each convolution has no bias; without it there are no running statistics."""
    normal, bare = build(_spec("inception"), ZHANG, 10), build(_spec("inception-nobn"), ZHANG, 10)
    norms = [module for module in normal.modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(norms) == 19
    assert not any(norm.affine for norm in norms)
    assert all(module.bias is None for module in normal.modules() if isinstance(module, nn.Conv2d))
    assert not list(bare.buffers())


def test_the_small_networks_batch_norm_is_all_that_it_adds() -> None:
    """Without it, the convolutions have biases; everything else is the same, layer for layer."""
    normal, bare = (list(build(_spec(name), (1, 8, 8), 10).children()) for name in ("cnn-bn-3", "cnn-3"))
    assert [type(layer) for layer in normal if not isinstance(layer, nn.BatchNorm2d)] == [type(own) for own in bare]
    kept = zip([layer for layer in normal if not isinstance(layer, nn.BatchNorm2d)], bare, strict=True)
    assert all(str(first).replace(", bias=False", "") == str(second) for first, second in kept)
    after = [type(normal[place + 1]) for place, layer in enumerate(normal) if isinstance(layer, nn.Conv2d)]
    assert after == [nn.BatchNorm2d, nn.BatchNorm2d]


def test_alexnets_normalisation_is_tensorflows() -> None:
    """The response is divided by (1 + 0.001/9 * the sum of squares over 9 channels)^0.75, summed by hand."""
    layer = next(m for m in build(_spec("alexnet"), ZHANG, 10).modules() if isinstance(m, nn.LocalResponseNorm))
    values = 100 * torch.randn(1, 12, 2, 2, generator=torch.Generator().manual_seed(0))
    sums = torch.stack([values[:, max(0, c - 4) : c + 5].square().sum(1) for c in range(12)], dim=1)
    torch.testing.assert_close(layer(values), values / (1 + 0.001 / 9 * sums) ** 0.75)


@settings(deadline=None, max_examples=20)
@given(
    depth=st.integers(0, 4),
    width=st.integers(1, 20),
    shape=st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 6)),
    classes=st.integers(2, 12),
)
def test_an_mlp_is_a_chain_of_products(depth: int, width: int, shape: Shape, classes: int) -> None:
    """Its logits are W_d relu(... relu(W_0 x + b_0)) + b_d, computed by hand from its weights."""
    model = build(_spec(f"mlp-{depth}x{width}"), shape, classes)
    values = torch.randn(4, *shape, generator=torch.Generator().manual_seed(0))
    tensors = list(model.parameters())
    assert len(tensors) == 2 * (depth + 1)
    by_hand = values.reshape(4, -1)
    for layer in range(depth + 1):
        by_hand = by_hand @ tensors[2 * layer].T + tensors[2 * layer + 1]
        by_hand = by_hand.clamp(min=0) if layer < depth else by_hand
    torch.testing.assert_close(model(values), by_hand)


def test_initial_weights_are_he_normal() -> None:
    """Variance 2 / fan-in (He et al. 2015, eq. 10) to a few standard errors; biases are zero."""
    for name, fan_in in (("mlp-1x512", 3 * 28 * 28), ("cnn-64", 3 * 9)):
        weight, bias = list(build(_spec(name), ZHANG, 10).requires_grad_(False).parameters())[:2]
        assert float(weight.var()) == pytest.approx(2 / fan_in, rel=5 * (2 / weight.numel()) ** 0.5)
        assert abs(float(weight.mean())) < 5 * (2 / fan_in / weight.numel()) ** 0.5
        assert not bias.any()


@pytest.mark.parametrize("name", ["mlp-1x8", "cnn-2", "inception"])
def test_the_seed_and_the_net_decide_the_weights(name: str) -> None:
    """Same seed and net, same bits; another seed or another net, other weights."""
    first = build(_spec(name, seed=3), (1, 8, 8), 10)
    assert _same(first, build(_spec(name, seed=3), (1, 8, 8), 10, net=0))
    assert not _same(first, build(_spec(name, seed=4), (1, 8, 8), 10))
    assert not _same(first, build(_spec(name, seed=3), (1, 8, 8), 10, net=1))


def test_noise_leaves_the_initial_weights_alone() -> None:
    """A net with dropout starts from the weights of the net without, so that arms share their initialisation."""
    with_noise, without = (build(_spec("mlp-2x8", dropout=p), (1, 8, 8), 10) for p in (0.5, 0.0))
    for first, second in zip(with_noise.parameters(), without.parameters(), strict=True):
        assert torch.equal(first, second)


@pytest.mark.parametrize(
    ("name", "shape", "side"),
    [("cnn-4", (1, 3, 8), 4), ("vgg11", (1, 8, 8), 32), ("vgg11", (3, 31, 32), 32), ("arpit-cnn", (3, 28, 28), 29)],
)
def test_images_too_small_for_a_network_are_told(name: str, shape: Shape, side: int) -> None:
    """The message names the smallest size, before PyTorch warns of empty layers."""
    with pytest.raises(UnfitDataError) as told:
        build(_spec(name), shape, 10)
    legal = f"legal are images of {side} x {side} pixels or more"
    assert str(told.value) == f"model {name!r} cannot take inputs of shape {shape}: {legal}"


def test_vggs_layers_are_those_of_configuration_a() -> None:
    """Eight convolutions of 64 to 512 channels and five pools (Simonyan & Zisserman 2015, table 1)."""
    layers = list(build(_spec("vgg11"), (3, 32, 32), 10).modules())
    widths = [layer.out_channels for layer in layers if isinstance(layer, nn.Conv2d)]
    assert widths == [64, 128, 256, 256, 512, 512, 512, 512]
    assert sum(isinstance(layer, nn.MaxPool2d) for layer in layers) == 5


def test_arpits_network_is_as_wide_as_asked() -> None:
    """200 channels in both convolutions as in the paper, or as many as its name says; the units stay 384 and 192."""
    for name, channels in (("arpit-cnn", 200), ("arpit-cnn-50", 50)):
        layers = build(_spec(name), (3, 32, 32), 10).children()
        widths = [layer.weight.shape[0] for layer in layers if isinstance(layer, nn.Conv2d | nn.Linear)]
        assert widths == [channels, channels, 384, 192, 10]


def test_arpits_network_crops_two_pixels() -> None:
    """Pixels on the two outermost rows and columns never reach the logits."""
    model = build(_spec("arpit-cnn"), (3, 32, 32), 10).eval()
    inputs: Tensor = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    framed = inputs.clone()
    framed[..., :2, :], framed[..., -2:, :], framed[..., :, :2], framed[..., :, -2:] = 9.0, 9.0, 9.0, 9.0
    assert torch.equal(model(inputs), model(framed))
    framed[..., 2, 2] = 9.0
    assert not torch.equal(model(inputs), model(framed))
