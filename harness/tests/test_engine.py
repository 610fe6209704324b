"""The engines: against each other, against plain PyTorch, and the hand-written backward against autograd."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from memorization_claims.models import noise
from memorization_claims.models.build import build
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.batched import Batched
from memorization_claims.training.engine import Engine, EngineName, choose, make
from memorization_claims.training.layers import Drawn
from memorization_claims.training.stacked import layers_of

CPU, NETS, BATCH, CLASSES, SHAPE = torch.device("cpu"), 3, 7, 10, (1, 4, 5)
PLAIN = Recipe(rate=0.05, batch=BATCH, epochs=1)
NOISY = Recipe(
    rate=0.01,
    batch=BATCH,
    epochs=1,
    optimizer="adam",
    weight_decay=0.01,
    dropout=0.3,
    input_dropout=0.1,
    input_noise=0.2,
    hidden_noise=0.1,
)
ENGINES: list[EngineName] = ["batched", "loop"]


def nets_of(name: str, recipe: Recipe, nets: int = NETS) -> list[nn.Module]:
    """Networks of one architecture, each with an initialisation of its own."""
    spec = RunSpec(data="digits", model=name, recipe=recipe, nets=nets)
    return [build(spec, SHAPE, CLASSES, net) for net in range(nets)]


def batch_at(step: int, nets: int = NETS, *, shape: tuple[int, ...] = SHAPE) -> tuple[Tensor, Tensor]:
    """The batch of a step: inputs (nets, BATCH, *shape) and labels (nets, BATCH)."""
    generator = torch.Generator().manual_seed(step)
    inputs = torch.randn(nets, BATCH, *shape, generator=generator)
    return inputs, torch.randint(CLASSES, (nets, BATCH), generator=generator)


def noise_at(model: nn.Module, step: int, nets: int = NETS) -> Drawn:
    """What the noise layers draw at a step."""
    generator = torch.Generator().manual_seed(1000 + step)
    return {
        name: [torch.stack([layer.draw(BATCH, generator)[0] for _ in range(nets)])]
        for name, layer in noise.layers(model).items()
    }


def _train(engine: Engine, model: nn.Module, recipe: Recipe, steps: int, nets: int = NETS) -> None:
    for step in range(steps):
        engine.step(*batch_at(step, nets), noise_at(model, step, nets))


def every_net(nets: int = NETS) -> Tensor:
    """The index of every net."""
    return torch.arange(nets)


class _Reference(nn.Module):
    """The MLP that an engine is to train, written out with the noise handed in; parameters as `build` orders them."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.tensors = nn.ParameterList([p.detach().clone() for p in model.parameters()])

    def forward(self, inputs: Tensor, drawn: list[Tensor]) -> Tensor:
        own = iter(drawn)
        values = inputs * next(own) + next(own) if drawn else inputs
        values = values.flatten(1)
        for layer in range(0, len(self.tensors) - 2, 2):
            values = nn.functional.linear(values, self.tensors[layer], self.tensors[layer + 1]).relu()
            values = values * next(own) + next(own) if drawn else values
        return nn.functional.linear(values, self.tensors[-2], self.tensors[-1])


def _reference(recipe: Recipe, model: nn.Module, net: int, steps: int) -> list[Tensor]:
    """One net trained by a plain PyTorch loop with torch.optim; its weights."""
    own = _Reference(model)
    optimizer: torch.optim.Optimizer
    if recipe.optimizer == "adam":
        optimizer = torch.optim.Adam(own.parameters(), lr=recipe.rate_at(0), weight_decay=recipe.weight_decay)
    else:
        optimizer = torch.optim.SGD(own.parameters(), lr=recipe.rate_at(0), momentum=recipe.momentum)
    for step in range(steps):
        inputs, labels = batch_at(step)
        drawn = [tensor[net] for (tensor,) in noise_at(model, step).values()]
        optimizer.zero_grad()
        cross_entropy(own(inputs[net], drawn), labels[net]).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return [p.detach() for p in own.tensors]


@pytest.mark.parametrize("recipe", [PLAIN, NOISY], ids=["plain", "noisy"])
@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_trains_as_plain_pytorch_does(name: EngineName, recipe: Recipe) -> None:
    """Ten steps of an MLP, with every kind of noise, weight decay and Adam: the same weights to 1e-5."""
    models, steps = nets_of("mlp-2x9", recipe), 10
    expected = [_reference(recipe, model, net, steps) for net, model in enumerate(models)]
    engine = make(name, models, recipe, CPU, SHAPE)
    _train(engine, models[0], recipe, steps)
    weights = list(engine.weights(every_net()).values())
    for net in range(NETS):
        for ours, theirs in zip(weights, expected[net], strict=True):
            torch.testing.assert_close(ours[net], theirs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ENGINES)
def test_examples_count_by_their_shares(name: EngineName) -> None:
    """Ten steps on a weighted sum of the examples' losses are those of plain PyTorch: the same weights to 1e-5."""
    models, shares = nets_of("mlp-2x9", PLAIN), torch.linspace(0.0, 0.3, BATCH)
    engine, plain = make(name, nets_of("mlp-2x9", PLAIN), PLAIN, CPU, SHAPE), models
    for step in range(10):
        engine.step(*batch_at(step), {}, 1.0, shares)
    found = engine.weights(every_net())
    for net, model in enumerate(plain):
        optimizer = torch.optim.SGD(model.parameters(), lr=PLAIN.rate_at(0), momentum=PLAIN.momentum)
        for step in range(10):
            inputs, labels = batch_at(step)
            optimizer.zero_grad()
            losses = cross_entropy(model(inputs[net]), labels[net], reduction="none")
            (losses * shares).sum().backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        for key, tensor in model.state_dict().items():
            torch.testing.assert_close(found[key][net], tensor, rtol=0, atol=1e-5)


def normalised_nets() -> list[nn.Module]:
    """Small convolutional nets with batch norm."""
    generator = torch.Generator().manual_seed(0)
    models: list[nn.Module] = []
    for _ in range(NETS):
        model = nn.Sequential(
            *(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(4 * 2 * 3, CLASSES)),
        )
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) / 3)
        models.append(model)
    return models


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_normalises_batches_as_plain_pytorch_does(name: EngineName) -> None:
    """Weights and running statistics of CNNs after eight steps, and the logits that use them, agree to 1e-5."""
    engine, plain = make(name, normalised_nets(), PLAIN, CPU, (2, 4, 6)), normalised_nets()
    for net, model in enumerate(plain):
        optimizer = torch.optim.SGD(model.parameters(), lr=PLAIN.rate_at(0), momentum=PLAIN.momentum)
        for step in range(8):
            inputs, labels = batch_at(step, shape=(2, 4, 6))
            optimizer.zero_grad()
            cross_entropy(model.train()(inputs[net]), labels[net]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    for step in range(8):
        engine.step(*batch_at(step, shape=(2, 4, 6)), {})
    found, (inputs, _) = engine.weights(every_net()), batch_at(0, shape=(2, 4, 6))
    logits = engine.logits(inputs)
    for net, model in enumerate(plain):
        for key, tensor in model.state_dict().items():
            torch.testing.assert_close(found[key][net], tensor, rtol=0, atol=1e-5)
        torch.testing.assert_close(logits[net], model.eval()(inputs[net]), rtol=0, atol=1e-4)
    assert found["1.num_batches_tracked"].tolist() == [8] * NETS


@pytest.mark.parametrize("name", ENGINES)
def test_evaluation_leaves_running_statistics_alone(name: EngineName) -> None:
    """Logits are those of evaluation mode: asked for twice they are the same, and no weight or buffer moves."""
    engine = make(name, normalised_nets(), PLAIN, CPU, (2, 4, 6))
    engine.step(*batch_at(0, shape=(2, 4, 6)), {})
    before, (inputs, _) = engine.weights(every_net()), batch_at(1, shape=(2, 4, 6))
    assert torch.equal(engine.logits(inputs), engine.logits(inputs))
    assert all(torch.equal(before[key], now) for key, now in engine.weights(every_net()).items())


@settings(deadline=None, max_examples=25)
@given(
    depth=st.integers(0, 3),
    width=st.integers(1, 20),
    nets=st.integers(1, 4),
    classes=st.integers(2, 19),
    dropout=st.sampled_from([0.0, 0.4]),
    hidden_noise=st.sampled_from([0.0, 0.2]),
    bias=st.booleans(),
)
def test_the_written_out_backward_is_autograds(
    depth: int, width: int, nets: int, classes: int, dropout: float, hidden_noise: float, bias: bool
) -> None:
    """One step at rate 1 without momentum moves each weight by its gradient: in float64 to 1e-12."""
    noisy: dict[str, Any] = {"dropout": dropout, "hidden_noise": hidden_noise} if depth else {}
    recipe = Recipe(rate=1.0, batch=BATCH, epochs=1, momentum=0.0, **noisy)
    sizes = [20] + [width] * depth
    hidden = [(nn.Linear(i, o, bias=bias), nn.ReLU()) for i, o in pairwise(sizes)]
    parts = [nn.Flatten(), *(layer for pair in hidden for layer in pair), nn.Linear(sizes[-1], classes, bias=bias)]
    model = noise.place(nn.Sequential(*parts), recipe).double().eval()
    generator = torch.Generator().manual_seed(depth + width)
    inputs = torch.randn(nets, BATCH, *SHAPE, generator=generator, dtype=torch.float64)
    labels = torch.randint(classes, (nets, BATCH), generator=generator)
    start = {
        key: torch.randn(nets, *p.shape, generator=generator, dtype=torch.float64)
        for key, p in model.named_parameters()
    }
    for layer in noise.layers(model).values():
        layer.shapes = [(width,)]
    drawn = {key: [tensor.double()] for key, (tensor,) in noise_at(model, 0, nets).items()}
    engine = Batched(model, {key: tensor.clone() for key, tensor in start.items()}, recipe, SHAPE)
    engine.step(inputs, labels, drawn)
    after = engine.weights(every_net(nets))
    model.train()
    for net in range(nets):
        own = {key: tensor[net].requires_grad_() for key, tensor in start.items()}
        for key, layer in noise.layers(model).items():
            layer.give([drawn[key][0][net]])
        logits = torch.func.functional_call(model, own, (inputs[net],))
        gradients = torch.autograd.grad(cross_entropy(logits, labels[net]), list(own.values()))
        for (key, before), gradient in zip(own.items(), gradients, strict=True):
            torch.testing.assert_close(after[key][net], before.detach() - gradient, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ENGINES)
def test_going_on_with_some_nets_does_not_disturb_them(name: EngineName) -> None:
    """After `keep` the nets that stay train on as if the others had never been, momentum and all."""
    recipe = replace(PLAIN, dropout=0.2)
    models = nets_of("mlp-1x5", recipe)
    whole, part = make(name, models, recipe, CPU, SHAPE), make(name, nets_of("mlp-1x5", recipe), recipe, CPU, SHAPE)
    stay = torch.tensor([0, 2])
    for step in range(6):
        (inputs, labels), drawn = batch_at(step), noise_at(models[0], step)
        whole.step(inputs, labels, drawn)
        if step == 3:
            part.keep(stay)
        rows = stay if step >= 3 else every_net()
        part.step(inputs[rows], labels[rows], {key: [own[rows]] for key, (own,) in drawn.items()})
    expected, found = whole.weights(stay), part.weights(torch.arange(2))
    for key, tensor in expected.items():
        assert torch.equal(found[key], tensor)


@pytest.mark.parametrize("name", ENGINES)
def test_logits_can_be_differentiated_in_the_inputs(name: EngineName) -> None:
    """The gradient through every engine is that through each net's own module in evaluation mode."""
    recipe = replace(PLAIN, dropout=0.5, input_noise=1.0)
    inputs = batch_at(0)[0].requires_grad_()
    logits = make(name, nets_of("mlp-2x5", recipe), recipe, CPU, SHAPE).logits(inputs)
    assert logits.shape == (NETS, BATCH, CLASSES)
    (found,) = torch.autograd.grad(logits.square().sum(), inputs)
    for net, model in enumerate(nets_of("mlp-2x5", recipe)):
        own = inputs.detach()[net].requires_grad_()
        alone = model.eval()(own)
        (expected,) = torch.autograd.grad(alone.square().sum(), own)
        torch.testing.assert_close(logits[net], alone, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(found[net], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ENGINES)
def test_weights_are_copies_with_the_modules_names_and_shapes(name: EngineName) -> None:
    """They load into a module of the same architecture, and a later step does not change them."""
    models = nets_of("mlp-1x5", PLAIN)
    expected = {key: tensor.clone() for key, tensor in models[1].state_dict().items()}
    engine = make(name, models, PLAIN, CPU, SHAPE)
    weights = engine.weights(torch.tensor([1]))
    _train(engine, models[0], PLAIN, 2)
    assert weights.keys() == expected.keys()
    assert all(torch.equal(weights[key][0], tensor) for key, tensor in expected.items())
    assert not torch.equal(engine.weights(torch.tensor([1]))["1.weight"][0], expected["1.weight"])


def test_a_layer_in_two_places_acts_in_both() -> None:
    """A Sequential with one ReLU object in two places trains in the batched engine as in the loop."""

    def models() -> list[nn.Module]:
        relu, generator = nn.ReLU(), torch.Generator().manual_seed(0)
        linear = [nn.Linear(20, 6), nn.Linear(6, 6), nn.Linear(6, CLASSES)]
        with torch.no_grad():
            for parameter in (p for layer in linear for p in layer.parameters()):
                parameter.copy_(torch.randn(parameter.shape, generator=generator))
        return [nn.Sequential(nn.Flatten(), linear[0], relu, linear[1], relu, linear[2])]

    assert choose(models()[0], PLAIN, SHAPE) == "batched"
    engines = [make(name, models(), PLAIN, CPU, SHAPE) for name in ("batched", "loop")]
    for engine in engines:
        _train(engine, nn.Sequential(), PLAIN, 5, nets=1)
    batched, loop = (engine.weights(torch.tensor([0])) for engine in engines)
    for key, tensor in loop.items():
        torch.testing.assert_close(batched[key], tensor, rtol=0, atol=1e-5)


def test_an_unused_or_frozen_parameter_stays_as_it_is() -> None:
    """Neither stops the training, and neither moves."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.unused, self.frozen = nn.Linear(20, CLASSES), nn.Linear(2, 2), nn.Linear(20, CLASSES)
            self.frozen.requires_grad_(False)

        def forward(self, inputs: Tensor) -> Tensor:
            values: Tensor = self.used(inputs.flatten(1)) + self.frozen(inputs.flatten(1))
            return values

    model = Net()
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    assert choose(model, PLAIN, SHAPE) == "loop"
    engine = make("loop", [model], PLAIN, CPU, SHAPE)
    _train(engine, nn.Sequential(), PLAIN, 2, nets=1)
    moved = {
        key for key, tensor in engine.weights(torch.tensor([0])).items() if not torch.equal(tensor[0], before[key])
    }
    assert moved == {"used.weight", "used.bias"}


def test_the_engine_is_chosen_by_layers() -> None:
    """MLPs and CNNs of small images are batched; others are looped over, and all that a user's optimizer trains."""
    (mlp,), (cnn,) = nets_of("mlp-1x4", NOISY, 1), nets_of("cnn-2", PLAIN, 1)
    normalised = normalised_nets()[0]
    assert [choose(mlp, PLAIN, SHAPE), choose(cnn, PLAIN, SHAPE)] == ["batched", "batched"]
    assert [choose(mlp, PLAIN, (1, 16, 16)), choose(cnn, PLAIN, (1, 16, 16))] == ["batched", "loop"]
    assert [choose(normalised, PLAIN, (2, 4, width)) for width in (6, 9)] == ["batched", "loop"]
    assert choose(mlp, replace(PLAIN, optimizer="some.module:factory"), SHAPE) == "loop"


def test_only_what_it_knows_is_batched() -> None:
    """A Linear without Flatten before it, a Flatten of some dimensions, a subclass or a shared layer is not."""

    class Own(nn.Linear):
        pass

    shared = nn.Linear(4, 4)
    assert layers_of(nn.Sequential(nn.Linear(4, 4), nn.Flatten())) is None
    assert layers_of(nn.Sequential(nn.Flatten(2), nn.Linear(4, 4))) is None
    assert layers_of(nn.Sequential(nn.Flatten(1, 2), nn.Linear(4, 4))) is None
    assert layers_of(nn.Sequential(nn.Flatten(), Own(4, 4))) is None
    assert layers_of(nn.Sequential(nn.Flatten(), nn.Tanh(), nn.Linear(4, 4))) is None
    assert choose(nn.Sequential(nn.Flatten(), shared, nn.ReLU(), shared), PLAIN, SHAPE) == "loop"
    known = nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(4, 4), nn.ReLU()))
    assert [name for name, _ in layers_of(known) or []] == ["0", "1.0", "1.1"]
