"""Small convolutional nets in the batched engine: against autograd, the loop, and themselves in other company."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from memorization_claims.models import noise
from memorization_claims.models.build import build
from memorization_claims.models.inception import Beside
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.batched import Batched
from memorization_claims.training.engine import EngineName, choose, make
from memorization_claims.training.layers import Drawn
from memorization_claims.training.stacked import layers_of

CPU, CLASSES = torch.device("cpu"), 10
NOISE: dict[str, Any] = {"dropout": 0.3, "hidden_noise": 0.1, "input_noise": 0.2, "input_dropout": 0.1}
CASES: dict[str, tuple[str, tuple[int, int, int], dict[str, Any]]] = {
    "cnn": ("cnn-4", (1, 8, 8), {}),
    "odd sizes, noise": ("cnn-3", (3, 7, 5), NOISE),
    "rectangles, adam": ("cnn-5", (2, 9, 6), {"optimizer": "adam", "weight_decay": 0.01}),
    "two convolutions a stage": ("vgg6-3", (1, 8, 8), {"dropout": 0.2}),
    "one row at the end": ("vgg3-2", (2, 8, 8), {}),
    "batch norm": ("cnn-bn-3", (3, 8, 8), {"weight_decay": 0.01}),
    "batch norm, odd sizes, noise": ("cnn-bn-5", (1, 7, 5), NOISE | {"optimizer": "adam"}),
    "batch norm without weights": ("inception-6", (1, 8, 8), {}),
    "paths beside each other": ("inception-nobn-6", (1, 8, 8), {"weight_decay": 0.01}),
    "paths of odd sizes, noise": ("inception-nobn-12", (2, 7, 5), NOISE | {"optimizer": "adam"}),
}


def nets_of(name: str, shape: tuple[int, int, int], recipe: Recipe, nets: int) -> list[nn.Module]:
    """Networks of one architecture, in float64."""
    spec = RunSpec(data="digits", model=name, recipe=recipe)
    return [build(spec, shape, CLASSES, net).double() for net in range(nets)]


def batch_at(step: int, nets: int, examples: int, shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Inputs (nets, examples, *shape) in float64 with a blank border, where max pools tie, and labels."""
    generator = torch.Generator().manual_seed(step)
    inputs = torch.randn(nets, examples, *shape, generator=generator, dtype=torch.float64)
    inputs[..., :3, :] = inputs[..., -2:] = 0
    return inputs, torch.randint(CLASSES, (nets, examples), generator=generator)


def noise_at(model: nn.Module, step: int, nets: int, examples: int) -> Drawn:
    """What the noise layers draw at a step."""
    generator = torch.Generator().manual_seed(1000 + step)
    return {
        name: [torch.stack([layer.draw(examples, generator)[0] for _ in range(nets)]).double()]
        for name, layer in noise.layers(model).items()
    }


@pytest.mark.parametrize("case", CASES)
def test_a_stack_is_a_loop(case: str) -> None:
    """Weights after eight steps, `keep` in between, logits, slopes in inputs, products: in float64 to 1e-11."""
    name, shape, changes = CASES[case]
    recipe = Recipe(rate=0.02, batch=6, epochs=1, **changes)
    kinds: tuple[EngineName, ...] = ("batched", "loop")
    stack, loop = (make(kind, nets_of(name, shape, recipe, 3), recipe, CPU, shape) for kind in kinds)
    model, rows = nets_of(name, shape, recipe, 1)[0], torch.arange(3)
    for step in range(8):
        if step == 5:
            rows = torch.tensor([0, 2])
            stack.keep(rows)
            loop.keep(rows)
        (inputs, labels), drawn = batch_at(step, 3, 6, shape), noise_at(model, step, 3, 6)
        for engine in (stack, loop):
            engine.step(inputs[rows], labels[rows], {key: [own[rows]] for key, (own,) in drawn.items()}, 0.5)
    found, expected = (engine.weights(torch.arange(2)) for engine in (stack, loop))
    assert list(found) == list(expected) == list(model.state_dict())
    for key, tensor in expected.items():
        torch.testing.assert_close(found[key], tensor, rtol=0, atol=1e-11)
        assert found[key].is_contiguous()
    inputs, labels = batch_at(99, 2, 7, shape)
    inputs.requires_grad_()
    ours, theirs = stack.logits(inputs), loop.logits(inputs)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-11)
    torch.testing.assert_close(stack.logits(inputs.detach()), theirs, rtol=0, atol=1e-11)
    first, second = (torch.autograd.grad(logits.square().sum(), inputs)[0] for logits in (ours, theirs))
    torch.testing.assert_close(first, second, rtol=0, atol=1e-10)
    first, second = (engine.products(inputs.detach(), labels) for engine in (stack, loop))
    torch.testing.assert_close(first, second, rtol=1e-10, atol=1e-10)


KINDS = st.tuples(
    st.integers(1, 18),
    st.sampled_from([1, 3]),
    st.sampled_from([1, 2]),
    st.sampled_from([None, False, True]),
    st.sampled_from([(), (2,), (3, 2, 1)]),
)
"""Of a convolution its width, its kernel and its stride, batch norm with or without weights, and a pool."""


@settings(deadline=None, max_examples=60)
@given(
    height=st.integers(1, 9),
    width=st.integers(1, 8),
    channels=st.integers(1, 4),
    kinds=st.lists(KINDS, min_size=1, max_size=3),
    nets=st.integers(1, 3),
    noisy=st.booleans(),
    late=st.booleans(),
    bias=st.booleans(),
    mean=st.booleans(),
)
def test_the_written_out_backward_is_autograds(
    height: int,
    width: int,
    channels: int,
    kinds: list[Any],
    nets: int,
    noisy: bool,
    late: bool,
    bias: bool,
    mean: bool,
) -> None:
    """One step at rate 1 without momentum moves each weight by its gradient: in float64 to 1e-9, for any sizes."""
    layers: list[nn.Module] = []
    sizes = torch.zeros(1, channels, height, width)
    for outputs, kernel, stride, weights, pool in kinds:
        layers.append(nn.Conv2d(sizes.shape[1], outputs, kernel, stride, padding=kernel // 2, bias=bias))
        layers += [] if weights is None else [nn.BatchNorm2d(outputs, eps=0.1, momentum=0.3, affine=weights)]
        layers.append(nn.ReLU())
        sizes = nn.Sequential(*layers).eval()(torch.zeros(1, channels, height, width))
        layers += [nn.MaxPool2d(*pool)] if pool and min(sizes.shape[2:]) > 1 else []
        sizes = layers[-1](sizes)
    layers += [nn.AdaptiveAvgPool2d(1)] if mean else []
    units = sizes.shape[1] if mean else sizes[0].numel()
    end = [nn.Flatten(), nn.ReLU()] if late else [nn.Flatten()]
    plain = nn.Sequential(*layers, *end, nn.Linear(units, CLASSES, bias=bias))
    recipe = Recipe(rate=1.0, batch=5, epochs=1, momentum=0.0, **(NOISE if noisy else {}))
    model = noise.place(plain, recipe).double().eval()
    shape, generator = (channels, height, width), torch.Generator().manual_seed(height * width + len(kinds))
    for layer in noise.layers(model).values():
        layer.register_forward_hook(lambda own, _, out: own.shapes.append(tuple(out.shape[1:])))
    inputs, labels = batch_at(height + width, nets, 5, shape)
    model(inputs[0])
    for layer in noise.layers(model).values():
        layer._forward_hooks.clear()
    start = {
        key: torch.randn(nets, *p.shape, generator=generator, dtype=torch.float64)
        for key, p in model.named_parameters()
    }
    buffers = {key: torch.stack([buffer] * nets) for key, buffer in model.named_buffers()}
    drawn = noise_at(model, 0, nets, 5)
    engine = Batched(model, {key: tensor.clone() for key, tensor in (start | buffers).items()}, recipe, shape)
    engine.step(inputs, labels, drawn)
    after = engine.weights(torch.arange(nets))
    model.train()
    for net in range(nets):
        own = {key: tensor[net].requires_grad_() for key, tensor in start.items()}
        running = {key: tensor[net].clone() for key, tensor in buffers.items()}
        for key, layer in noise.layers(model).items():
            layer.give([drawn[key][0][net]])
        logits = torch.func.functional_call(model, own | running, (inputs[net],))
        gradients = torch.autograd.grad(cross_entropy(logits, labels[net]), list(own.values()))
        for (key, before), gradient in zip(own.items(), gradients, strict=True):
            torch.testing.assert_close(after[key][net], before.detach() - gradient, rtol=1e-9, atol=1e-9)
        for key, buffer in running.items():
            torch.testing.assert_close(after[key][net], buffer, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    "pool", [nn.MaxPool2d(2), nn.MaxPool2d(3, stride=2, padding=1), nn.MaxPool2d((1, 3), stride=(2, 1))], ids=str
)
def test_a_slope_goes_to_the_first_of_the_largest_pixels(pool: nn.Module) -> None:
    """Row by row, as in PyTorch, through a ReLU before the pool too: of images of three values, where most tie."""
    convolution = nn.Conv2d(1, 1, 3, padding=1)
    with torch.no_grad():
        convolution.weight.zero_()
        convolution.weight[0, 0, 1, 1] = 1
        convolution.bias.zero_()  # type: ignore[union-attr]
    inputs = torch.randint(-1, 2, (1, 9, 1, 6, 8), generator=torch.Generator().manual_seed(0)).float().requires_grad_()
    front = nn.Sequential(convolution, nn.ReLU(), pool, nn.Flatten())
    model = nn.Sequential(*front, nn.Linear(front(inputs[0]).shape[1], 2))
    logits = make("batched", [model], Recipe(rate=0.1, batch=1, epochs=1), CPU, (1, 6, 8)).logits(inputs)
    (found,) = torch.autograd.grad(logits[0, :, 0].sum(), inputs)
    (expected,) = torch.autograd.grad(model(inputs[0])[:, 0].sum(), inputs)
    assert torch.equal(found != 0, expected != 0)
    torch.testing.assert_close(found, expected)


def test_two_calls_may_be_differentiated_in_any_order() -> None:
    """What the way back needs is each call's own."""
    recipe, shape = Recipe(rate=0.1, batch=1, epochs=1), (1, 8, 8)
    engine = make("batched", nets_of("cnn-3", shape, recipe, 2), recipe, CPU, shape)
    first, second = (batch_at(step, 2, 3, shape)[0].requires_grad_() for step in range(2))
    alone = [torch.autograd.grad(engine.logits(inputs).sum(), inputs)[0] for inputs in (first, second)]
    both = engine.logits(first).sum(), engine.logits(second).sum()
    (last,), (before,) = torch.autograd.grad(both[1], second), torch.autograd.grad(both[0], first)
    assert torch.equal(before, alone[0])
    assert torch.equal(last, alone[1])


def test_only_the_layers_it_knows_are_batched() -> None:
    """Convolutions 1x1 and 3x3, pools, and batch norm with running statistics, on images of at most 8 columns."""

    def known(*layers: nn.Module, width: int = 8) -> bool:
        end = (nn.Flatten(), nn.Linear(3, 2))
        return layers_of(nn.Sequential(*layers, *end), (2, 8, width)) is not None

    plain = nn.Conv2d(2, 2, 3, padding=1)
    assert known(plain, nn.ReLU(), nn.MaxPool2d(2), plain, plain, nn.MaxPool2d((2, 2), stride=2))
    assert known(plain, nn.MaxPool2d(2), nn.ReLU(), nn.MaxPool2d(3, stride=1, padding=1), nn.AdaptiveAvgPool2d(1))
    assert known(nn.Conv2d(2, 2, 1, stride=2), nn.BatchNorm2d(2), Beside(plain, nn.Sequential(plain, nn.ReLU())))
    assert not known(plain, width=9)
    for odd in (
        nn.Conv2d(2, 2, 3),
        nn.Conv2d(2, 2, 5, padding=2),
        nn.Conv2d(2, 2, 3, padding="same"),
        nn.Conv2d(2, 2, 3, padding=1, stride=3),
        nn.Conv2d(2, 2, 1, padding=1),
        nn.Conv2d(2, 2, 3, padding=2, dilation=2),
        nn.Conv2d(2, 2, 3, padding=1, groups=2),
        nn.Conv2d(2, 2, 3, padding=1, padding_mode="circular"),
    ):
        assert not known(odd)
    for after in (
        nn.MaxPool2d(2, ceil_mode=True),
        nn.MaxPool2d(2, dilation=2),
        nn.MaxPool2d(2, return_indices=True),
        nn.AvgPool2d(2),
        nn.AdaptiveAvgPool2d(2),
        nn.BatchNorm2d(2, momentum=None),
        nn.BatchNorm2d(2, track_running_stats=False),
        nn.InstanceNorm2d(2),
        Beside(plain, nn.AvgPool2d(3, 1, 1)),
    ):
        assert not known(plain, after)
        assert not known(plain, Beside(plain, after))
    for first in (nn.MaxPool2d(2), nn.BatchNorm2d(2), Beside(plain, plain)):
        assert not known(first)
        assert not known(first, plain)
    assert layers_of(nn.Sequential(plain, nn.Flatten(), nn.Linear(3, 2))) is None
    assert layers_of(nn.Sequential(nn.Flatten(), nn.Linear(3, 2), plain), (2, 8, 8)) is None


def test_only_buffers_of_batch_norm_are_held() -> None:
    """A net with others, or with one batch norm in two places, goes through the loop."""

    def chosen(norm: nn.Module, other: nn.Module) -> EngineName:
        model = nn.Sequential(nn.Conv2d(1, 2, 1), norm, nn.ReLU(), other, nn.Flatten(), nn.Linear(32, 2))
        return choose(model, Recipe(rate=0.1, batch=2, epochs=1), (1, 4, 4))

    norm, changed = nn.BatchNorm2d(2, affine=False), nn.BatchNorm2d(2)
    changed.register_buffer("mine", torch.zeros(2))
    assert chosen(norm, nn.BatchNorm2d(2)) == "batched"
    assert chosen(norm, norm) == "loop"
    assert chosen(norm, changed) == "loop"
    assert chosen(norm, nn.BatchNorm2d(2).double()) == "loop"
    assert chosen(norm, nn.BatchNorm2d(2).requires_grad_(False)) == "loop"


def differing() -> list[str]:
    """Cases in which a net's bits depend on its place or its company: of many sizes, in float32, after three steps."""
    found = []
    for name, shape, batch in [
        *((f"cnn-{width}", (channels, 8, 8), 9) for width in (1, 3, 12, 16) for channels in (1, 3)),
        *(("cnn-5", (2, height, width), 7) for height, width in ((4, 4), (5, 7), (6, 6), (9, 8))),
        *(("cnn-16", (1, 8, 8), batch) for batch in (1, 2, 32)),
        *((model, (1, 8, 8), 10) for model in ("vgg3-3", "vgg3-16", "vgg6-5")),
        ("inception-nobn-9", (3, 7, 5), 3),
        ("inception-16", (1, 8, 8), 7),
        *((f"cnn-bn-{width}", (channels, 8, 8), 25) for width, channels in ((3, 1), (12, 3))),
        ("cnn-bn-5", (2, 7, 5), 3),
    ]:
        recipe = Recipe(rate=0.05, batch=batch, epochs=1, dropout=0.2, optimizer="adam")
        models = [model.float() for model in nets_of(name, shape, recipe, 5)]
        steps = [
            (*batch_at(step, 5, batch, shape), noise_at(models[0], step, 5, batch), batch_at(9, 5, 11, shape))
            for step in range(3)
        ]

        def trained(nets: list[int]) -> list[Tensor]:
            own = [model.float() for model in nets_of(name, shape, recipe, 5)]  # noqa: B023
            engine = make("batched", [own[net] for net in nets], recipe, CPU, shape)  # noqa: B023
            values: list[Tensor] = []
            for inputs, labels, drawn, (others, their) in steps:  # noqa: B023
                noises = {key: [each[nets].float()] for key, (each,) in drawn.items()}
                engine.step(inputs[nets].float(), labels[nets], noises)
                asked = others[nets].float().requires_grad_()
                logits = engine.logits(asked)
                values += [logits.detach(), *torch.autograd.grad(logits.sum(), asked)]
                values += [engine.logits(asked.detach()), engine.products(asked.detach(), their[nets])]
            return values + list(engine.weights(torch.arange(len(nets))).values())

        together = trained([0, 1, 2, 3, 4])
        for nets in ([4], [3, 4], [4, 0, 1], [2, 1, 4, 0]):
            pairs = zip(trained(nets), together, strict=True)
            if not all(torch.equal(ours[nets.index(4)], theirs[4]) for ours, theirs in pairs):
                found.append(f"{name} on {shape} in batches of {batch} among {nets}")
    return found


@pytest.mark.parametrize("instructions", ["", "avx2", "default"])
def test_a_nets_bits_are_its_own(instructions: str) -> None:
    """Weights, logits, slopes and products, on one thread, with all that the processor can and with less."""
    own = {} if not instructions else {"ATEN_CPU_CAPABILITY": instructions}
    code = (
        "import torch; torch.set_num_threads(1); "
        "from memorization_claims.tests.test_engine_convolutions import differing; print(differing())"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **own}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
